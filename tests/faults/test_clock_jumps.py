"""The clock moves by hours and days while messages are under way: order and leases must not notice."""

from pathlib import Path

import pytest

from chaos.clocks import JUMPS, clocks, set_back
from chaos.life import Nursery
from chaos.outcome import Outcome


@pytest.mark.parametrize("name", JUMPS)
async def test_a_clock_that_moves_changes_neither_order_nor_leases(
    tmp_path: Path, at: Nursery, outcome: Outcome, name: str
) -> None:
    await clocks(tmp_path, at, outcome, name=name)
    assert outcome.findings == []
    assert outcome.counts["clock jumps"] == len(JUMPS[name])


async def test_what_waited_for_a_clock_that_was_set_back_is_tried_when_it_starts(
    tmp_path: Path, at: Nursery, outcome: Outcome
) -> None:
    await set_back(tmp_path, at, outcome)
    assert outcome.findings == []
