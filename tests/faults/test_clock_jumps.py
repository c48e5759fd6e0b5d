"""The clock moves by hours and days while messages are under way: order and leases must not notice."""

from pathlib import Path

import pytest

from chaos.clocks import JUMPS, clocks
from chaos.life import Nursery
from chaos.outcome import Outcome


@pytest.mark.xfail(
    strict=True, reason="leases and due times are read from the wall clock (docs/engine/faults.md)"
)
@pytest.mark.parametrize("name", JUMPS)
async def test_a_clock_that_moves_changes_neither_order_nor_leases(
    tmp_path: Path, at: Nursery, outcome: Outcome, name: str
) -> None:
    await clocks(tmp_path, at, outcome, name=name)
    assert outcome.findings == []
    assert outcome.counts["clock jumps"] == len(JUMPS[name])
