"""What every store promises, as tests. Subclass `StoreContract` and provide its fixtures.

`store`: an empty store. `outside`: asks the same database in SQL over a connection of its own. `plans`: what
the planner says about the queries of a search.
"""

import random

from ayni.engine.store.conservation import conservation
from ayni.engine.store.contract import Store

from .contract_decisions import DecisionContract
from .contract_finishing import FinishingContract
from .contract_keeping import KeepingContract
from .contract_lanes import LaneContract
from .contract_leases import LeaseContract
from .contract_pruning import PruningContract
from .contract_search import SearchContract
from .samples import LATE, added, assert_balanced, claimed, filtered, refused, settlement

KEYS = "ABCDE"
ENDS = ("delivered", "delivered", "delivered", "unknown", "refused", "stalled", "pending")


class StoreContract(
    KeepingContract,
    LaneContract,
    LeaseContract,
    DecisionContract,
    FinishingContract,
    SearchContract,
    PruningContract,
):
    """Everything."""

    async def test_law_12_after_any_history_everything_received_is_accounted_for(self, store: Store) -> None:
        chance = random.Random(12)
        for step in range(120):
            await _something(store, chance, step)
        assert_balanced(store)
        found = conservation(store)
        assert found.is_kept, found.findings
        by_state = {row["state"] for row in store.counts() if row["count"]}
        assert {"accepted", "filtered", "refused", "delivered", "pending", "set-aside", "stalled"} <= by_state


async def _something(store: Store, chance: random.Random, step: int) -> None:
    """One step of a life: something comes, is tried, is decided or is forgotten."""
    match chance.randrange(10):
        case 0 | 1 | 2 | 3:
            await added(store, *chance.sample(KEYS, chance.choice([1, 1, 2, 3])))
        case 4:
            await store.add(chance.choice([filtered(), refused(str(step % 7).encode())]))
        case 5 | 6 | 7:
            for claim in await claimed(store, at=LATE, limit=3):
                end = settlement(chance.choice(ENDS), due_at=LATE, holds=chance.random() < 0.5)
                await store.settle(claim, end)
        case 8:
            stopped = [chance.randrange(1, step + 2) for _ in range(5)]
            await store.decide(stopped, chance.choice(["pending", "set-aside"]), at=LATE)
        case 9:
            await store.delete_messages(after_id=0, before=LATE, limit=1)
