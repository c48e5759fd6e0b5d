"""What every store does with a stopped delivery: a person decides, and the lane obeys."""

import pytest

from ayni.engine.store.contract import Claim, Question, Store

from .samples import (
    LAB,
    MINUTE,
    NOW,
    added,
    assert_balanced,
    claimed,
    delivery_ids,
    settlement,
    states,
    taken,
)

STOPPED = pytest.mark.parametrize("stopped", ["refused", "stalled"])


async def stop(store: Store, *keys: str, state: str = "stalled", holds: bool = True) -> Claim:
    """A new delivery that was tried and stopped."""
    message_id = await added(store, *keys)
    claim = next(each for each in await claimed(store) if each.message_id == message_id)
    await store.settle(claim, settlement(state, holds=holds))
    return claim


class DecisionContract:
    """Hold or pass, again or aside."""

    @STOPPED
    async def test_law_07_a_stopped_head_holds_its_own_lane(self, store: Store, stopped: str) -> None:
        head = await stop(store, "A", state=stopped)
        behind, beside = await added(store, "A"), await added(store, "B")
        assert await taken(store, at=NOW + 1000 * MINUTE) == [beside]
        assert (states(store, head.message_id), states(store, behind)) == ([stopped], ["pending"])
        assert store.next_due(LAB) is None
        assert store.waiting() == [{"destination": LAB, "waiting": 1, "held": 1, "oldest": NOW}]
        assert_balanced(store)

    @STOPPED
    async def test_law_07_a_stopped_head_that_passes_lets_its_lane_go_on(
        self, store: Store, stopped: str
    ) -> None:
        head = await stop(store, "A", state=stopped, holds=False)
        behind = await added(store, "A")
        assert await taken(store) == [behind]
        assert states(store, head.message_id) == [stopped]
        assert store.waiting() == []
        assert [each["id"] for each in store.search(Question(delivery_state=stopped))] == [head.message_id]
        assert_balanced(store)

    async def test_sent_again_it_goes_in_its_old_place(self, store: Store) -> None:
        head = await stop(store, "A")
        behind = await added(store, "A")
        assert await store.decide([head.delivery_id], "pending", at=NOW) == 1
        (again,) = await claimed(store)
        assert (again.delivery_id, again.attempt_count) == (head.delivery_id, 0)
        await store.settle(again, settlement())
        assert await taken(store) == [behind]
        assert_balanced(store)

    async def test_set_aside_it_lets_its_lane_go_on(self, store: Store) -> None:
        head = await stop(store, "A", "B")
        behind = [await added(store, "A"), await added(store, "B")]
        assert await store.decide([head.delivery_id], "set-aside", at=NOW) == 1
        assert await taken(store) == behind
        assert states(store, head.message_id) == ["set-aside"]
        assert_balanced(store)

    async def test_a_passed_one_that_is_sent_again_joins_at_the_end(self, store: Store) -> None:
        passed = await stop(store, "A", "B", holds=False)
        waiting = [await added(store, "A"), await added(store, "B")]
        assert await store.decide([passed.delivery_id], "pending", at=NOW) == 1
        later = await added(store, "A")
        assert await taken(store) == [*waiting, passed.message_id, later]
        assert_balanced(store)

    async def test_a_passed_one_joins_a_lane_in_which_nobody_waits_and_goes_at_once(
        self, store: Store
    ) -> None:
        passed = await stop(store, "A", holds=False)
        assert await store.decide([passed.delivery_id], "pending", at=NOW + MINUTE) == 1
        assert store.next_due(LAB) == NOW + MINUTE
        assert await taken(store, at=NOW + MINUTE) == [passed.message_id]

    async def test_a_passed_one_that_is_set_aside_disturbs_no_lane(self, store: Store) -> None:
        passed = await stop(store, "A", holds=False)
        waiting = await added(store, "A")
        (claim,) = await claimed(store)
        assert await store.decide([passed.delivery_id], "set-aside", at=NOW) == 1
        await store.settle(claim, settlement())
        assert states(store, waiting) == ["delivered"]
        assert_balanced(store)

    @pytest.mark.parametrize("state", ["pending", "set-aside"])
    async def test_deciding_twice_counts_once(self, store: Store, state: str) -> None:
        head = await stop(store, "A")
        twice = [head.delivery_id, head.delivery_id, 404]
        assert await store.decide(twice, state, at=NOW) == 1
        assert await store.decide(twice, state, at=NOW) == 0
        assert_balanced(store)

    async def test_only_what_is_stopped_can_be_decided(self, store: Store) -> None:
        ids = [await added(store, key) for key in "ABC"]
        under_way, unknown, *_ = await claimed(store, limit=2)
        await store.settle(unknown, settlement("unknown"))
        for state in ("pending", "set-aside"):
            assert await store.decide(delivery_ids(store, *ids), state, at=NOW) == 0
        await store.settle(under_way, settlement())
        assert_balanced(store)

    async def test_many_are_decided_at_once(self, store: Store) -> None:
        stopped = [(await stop(store, key)).delivery_id for key in "ABCDE"]
        assert await store.decide(stopped, "pending", at=NOW) == 5
        assert len(await taken(store)) == 5

    async def test_one_that_stops_again_can_be_decided_again(self, store: Store) -> None:
        passed = await stop(store, "A", holds=False)
        for _ in range(3):
            assert await store.decide([passed.delivery_id], "pending", at=NOW) == 1
            (claim,) = await claimed(store)
            await store.settle(claim, settlement("refused", holds=False))
            assert_balanced(store)
        assert states(store, passed.message_id) == ["refused"]
