"""A PostgreSQL that goes away: the engine outlives it, and keeps every promise when it is back."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chaos.databases import databases
from chaos.life import Nursery
from chaos.nodes import nodes
from chaos.outcome import Outcome
from chaos.postgresql import NoServer

ROUNDS, ROUNDS_OF_TWO = 6, 4


@contextmanager
def a_server_is_needed() -> Iterator[None]:
    """Skips at home when there can be none, fails in CI."""
    try:
        yield
    except NoServer as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no PostgreSQL here: {error}")


async def test_neither_kills_nor_a_network_that_fails_break_a_promise(
    tmp_path: Path, at: Nursery, outcome: Outcome
) -> None:
    with a_server_is_needed():
        await databases(tmp_path, at, outcome, ROUNDS, seed=1)
    assert outcome.findings == []
    blows = {name: count for name, count in outcome.counts.items() if name.startswith("blow: ")}
    assert len(blows) == sum(blows.values()) == ROUNDS
    assert outcome.counts["acknowledged"] > 40 * ROUNDS


async def test_two_engines_on_one_database_take_over_from_each_other(
    tmp_path: Path, at: Nursery, outcome: Outcome
) -> None:
    with a_server_is_needed():
        await nodes(tmp_path, at, outcome, ROUNDS_OF_TWO, seed=2)
    assert outcome.findings == []
    assert outcome.counts["rounds"] == ROUNDS_OF_TWO
