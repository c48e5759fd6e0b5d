"""A PostgreSQL that goes away: the engine outlives it, and keeps every promise when it is back."""

import os
from pathlib import Path

import pytest

from chaos.databases import databases
from chaos.life import Nursery
from chaos.outcome import Outcome
from chaos.postgresql import NoServer

ROUNDS = 6


async def test_neither_kills_nor_a_network_that_fails_break_a_promise(
    tmp_path: Path, at: Nursery, outcome: Outcome
) -> None:
    try:
        await databases(tmp_path, at, outcome, ROUNDS, seed=1)
    except NoServer as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no PostgreSQL here: {error}")
    assert outcome.findings == []
    blows = {name: count for name, count in outcome.counts.items() if name.startswith("blow: ")}
    assert len(blows) == sum(blows.values()) == ROUNDS
    assert outcome.counts["acknowledged"] > 40 * ROUNDS
