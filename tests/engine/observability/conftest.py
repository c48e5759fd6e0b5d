"""What the tests of observability share: the log as data."""

from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs


@pytest.fixture
def capture_lines() -> Iterator[list[dict[str, Any]]]:
    """The lines logged meanwhile."""
    with capture_logs() as lines:
        yield lines
