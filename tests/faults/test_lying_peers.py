"""Destinations that lie, and messages that can never be delivered, against the running engine."""

from pathlib import Path

import pytest

from chaos.liars import liars
from chaos.lies import LIES
from chaos.life import Nursery
from chaos.outcome import Outcome
from chaos.poison import POISONS, poison


@pytest.mark.parametrize("when_stopped", ["hold", "pass"])
async def test_nothing_is_delivered_without_a_yes_to_it(
    tmp_path: Path, at: Nursery, outcome: Outcome, when_stopped: str
) -> None:
    await liars(tmp_path, at, outcome, when_stopped=when_stopped)
    assert outcome.findings == []
    assert outcome.counts["lies"] == len(LIES) >= 30


@pytest.mark.parametrize("when_stopped", ["hold", "pass"])
async def test_poison_is_stopped_within_its_limit_and_no_other_lane_waits(
    tmp_path: Path, at: Nursery, outcome: Outcome, when_stopped: str
) -> None:
    await poison(tmp_path, at, outcome, when_stopped=when_stopped)
    assert outcome.findings == []
    assert outcome.counts["poisons"] == len(POISONS)
