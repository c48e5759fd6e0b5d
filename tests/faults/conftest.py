"""One process that forks engines for each test, and an outcome that must be clean."""

from collections.abc import AsyncIterator, Iterator

import pytest

from chaos.life import Nursery
from chaos.outcome import Outcome
from chaos.stage import nursery


@pytest.fixture
async def at() -> AsyncIterator[Nursery]:
    async with nursery() as made:
        yield made


@pytest.fixture
def outcome() -> Iterator[Outcome]:
    """What a campaign does is counted here; whatever it finds fails the test at its end."""
    made = Outcome()
    yield made
    assert made.findings == []


@pytest.fixture
def sabotaged() -> Outcome:
    """The outcome of a campaign against a broken engine: it has to find something."""
    return Outcome()
