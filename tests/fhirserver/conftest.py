from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import apsw
import pytest

from ayni.fhirserver import SCHEMA, Repository

START = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[apsw.Connection]:
    connection = apsw.Connection(str(tmp_path / "record.sqlite"))
    connection.execute(SCHEMA)
    yield connection
    connection.close()


@pytest.fixture
def repository(connection: apsw.Connection) -> Repository:
    """A clock that advances a second per look and ids that count."""
    seconds, ids = count(), count(1)
    return Repository(
        connection,
        now=lambda: START + timedelta(seconds=next(seconds)),
        new_id=lambda: f"id-{next(ids)}",
    )
