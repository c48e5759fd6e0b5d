"""Killed in the middle of its work, fifty times and more: nothing is lost, moved, made up or done twice."""

from pathlib import Path
from random import Random

from chaos.life import Nursery
from chaos.nemesis import PLACES, kills
from chaos.outcome import Outcome
from chaos.rounds import Rounds

KILLS = 50


async def test_fifty_kills_leave_every_promise_kept(tmp_path: Path, at: Nursery, outcome: Outcome) -> None:
    await Rounds(tmp_path, at, outcome, seed=1).run(list(kills(KILLS, Random(1))))
    assert outcome.findings == []
    assert outcome.counts["rounds"] == KILLS
    assert outcome.counts["ends"] > KILLS  # some are killed again while they recover
    assert outcome.counts["acknowledged"] > 20 * KILLS
    assert outcome.counts["received"] > outcome.counts["effects"]  # what was in doubt was sent again
    assert [name for name in PLACES if not reached(outcome, name)] == []


def reached(outcome: Outcome, name: str) -> int:
    return outcome.counts[f"end: {name}"] + outcome.counts[f"end: {name}, before it was ready"]
