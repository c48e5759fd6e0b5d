"""Power cuts: only what was synced is left, or part of it. A kill alone cannot see a missing sync."""

from pathlib import Path
from random import Random

import pytest

from chaos.life import Nursery
from chaos.lossy import Trouble
from chaos.nemesis import cuts
from chaos.outcome import Outcome
from chaos.rounds import Rounds

CUTS = 50


async def test_fifty_power_cuts_leave_every_promise_kept(
    tmp_path: Path, at: Nursery, outcome: Outcome
) -> None:
    await Rounds(tmp_path, at, outcome, seed=2, calm=Trouble()).run(list(cuts(CUTS, Random(2))))
    assert outcome.findings == []
    assert outcome.counts["rounds"] == CUTS
    assert outcome.counts["acknowledged"] > 15 * CUTS
    kinds = [name for name in outcome.counts if name.startswith("end: ")]
    assert {"unsynced lost", "some written early", "during a sync, beginning kept"} <= {
        name.removeprefix("end: ").removesuffix(", before it was ready") for name in kinds
    }


@pytest.mark.parametrize("broken", ["unsynced commits", "answer before commit"])
async def test_the_instrument_notices_an_engine_that_promises_too_early(
    tmp_path: Path, at: Nursery, outcome: Outcome, broken: str
) -> None:
    for seed in (3, 5, 7, 9):  # a loss needs a cut between two moments, which is chance: seldom twice in vain
        folder = tmp_path / str(seed)
        folder.mkdir()
        blows = list(cuts(20, Random(seed)))
        await Rounds(folder, at, outcome, seed=seed, calm=Trouble(), sabotage=broken).run(blows)
        if any("P1: " in each for each in outcome.findings):
            return
    pytest.fail("no acknowledged message was missed")


async def test_kills_alone_do_not_notice_commits_that_are_not_synced(
    tmp_path: Path, at: Nursery, outcome: Outcome
) -> None:
    """Why power cuts are simulated at all."""
    blows = [blow for blow in cuts(12, Random(4)) if blow.trouble and not blow.trouble.cut_at_sync]
    kills = [type(blow)(blow.name, 0.01) for blow in blows]
    await Rounds(tmp_path, at, outcome, seed=4, sabotage="unsynced commits").run(kills)
    assert outcome.findings == []
    assert outcome.counts["rounds"] == len(kills)
