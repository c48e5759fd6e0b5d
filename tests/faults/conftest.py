"""One process that forks engines for each test, and what a campaign did and found."""

from collections.abc import AsyncIterator

import pytest

from chaos.life import Nursery
from chaos.outcome import Outcome
from chaos.stage import nursery


@pytest.fixture
async def at() -> AsyncIterator[Nursery]:
    async with nursery() as made:
        yield made


@pytest.fixture
def outcome() -> Outcome:
    return Outcome()
