"""How every store keeps order: in each lane one after the other, in many lanes at once."""

import asyncio
from datetime import timedelta

import pytest

from ayni.engine.store.contract import Store

from .samples import (
    IMAGING,
    LAB,
    LEASE,
    MINUTE,
    NOW,
    added,
    assert_balanced,
    claimed,
    delivery,
    settlement,
    states,
    taken,
)


class LaneContract:
    """Places, heads, and messages about several keys."""

    async def test_law_03_numbers_are_given_in_the_order_of_commits(self, store: Store) -> None:
        ids = await asyncio.gather(*(added(store, "A") for _ in range(40)))
        assert await taken(store) == sorted(ids)

    async def test_a_lane_has_one_delivery_under_way(self, store: Store) -> None:
        first, second = await added(store, "A"), await added(store, "A")
        (claim,) = await claimed(store)
        assert claim.message_id == first
        assert await claimed(store) == []
        await store.settle(claim, settlement())
        assert [each.message_id for each in await claimed(store)] == [second]

    async def test_lanes_go_side_by_side(self, store: Store) -> None:
        ids = [await added(store, key) for key in "ABCAB"]
        assert [each.message_id for each in await claimed(store)] == ids[:3]

    async def test_a_claim_takes_no_more_than_it_was_asked_for(self, store: Store) -> None:
        for key in "ABCDE":
            await added(store, key)
        assert len(await claimed(store, limit=2)) == 2
        assert len(await claimed(store, limit=2)) == 2
        assert len(await claimed(store, limit=2)) == 1

    async def test_the_lane_that_has_been_due_longest_goes_first(self, store: Store) -> None:
        for minutes, key in enumerate("CAB"):
            await added(store, key, received_at=NOW + minutes * MINUTE)
        found = [(await claimed(store, limit=1, at=NOW + 5 * MINUTE))[0].key for _ in range(3)]
        assert found == ["C", "A", "B"]

    async def test_a_destination_has_its_own_lanes(self, store: Store) -> None:
        message_id = await added(store, deliveries=(delivery("A"), delivery("A", to=IMAGING)))
        (to_lab,), (to_imaging,) = await claimed(store, to=LAB), await claimed(store, to=IMAGING)
        assert (to_lab.destination, to_imaging.destination) == (LAB, IMAGING)
        await store.settle(to_lab, settlement())
        assert states(store, message_id) == ["delivered", "sending"]

    async def test_a_head_that_waits_is_not_overtaken(self, store: Store) -> None:
        first = await added(store, "A")
        (claim,) = await claimed(store)
        await store.settle(claim, settlement("pending", due_at=NOW + MINUTE))
        await added(store, "A")
        assert await claimed(store, at=NOW + MINUTE / 2) == []
        assert [each.message_id for each in await claimed(store, at=NOW + MINUTE)] == [first]

    async def test_a_claim_has_all_that_is_needed_to_send(self, store: Store) -> None:
        message_id = await added(
            store, correlation_id="QH-7M3K9XBT4D", deliveries=(delivery("A", content=b"\x00\xff"),)
        )
        (claim,) = await claimed(store)
        said = (claim.message_id, claim.channel, claim.destination, claim.correlation_id)
        assert said == (message_id, "orders", LAB, "QH-7M3K9XBT4D")
        assert (claim.control_id, claim.key, claim.content, claim.attempt_count) == (
            "E1",
            "A",
            b"\x00\xff",
            0,
        )

    async def test_law_06_a_message_about_two_keys_waits_for_both(self, store: Store) -> None:
        alone_a, alone_b = await added(store, "A"), await added(store, "B")
        merge, after = await added(store, "A", "B"), await added(store, "B")
        of_a, of_b = await claimed(store)
        assert [of_a.message_id, of_b.message_id] == [alone_a, alone_b]
        await store.settle(of_a, settlement())
        assert await claimed(store) == []
        await store.settle(of_b, settlement())
        (both,) = await claimed(store)
        assert both.message_id == merge
        assert len(both.tokens) == len(both.places) == 2
        await store.settle(both, settlement())
        assert [each.message_id for each in await claimed(store)] == [after]

    async def test_law_06_messages_that_cross_do_not_wait_for_each_other(self, store: Store) -> None:
        pairs = [("A", "B"), ("B", "C"), ("C", "A"), ("A", "B", "C"), ("B", "A"), ("C",)]
        ids = await asyncio.gather(*(added(store, *keys) for keys in pairs * 5))
        assert await taken(store) == sorted(ids)
        assert_balanced(store)

    @pytest.mark.parametrize("limit", [1, 2, 3])
    async def test_law_06_a_narrow_claim_still_gets_several_lanes(self, store: Store, limit: int) -> None:
        merge = await added(store, "A", "B", "C")
        (claim,) = await claimed(store, limit=limit)
        assert (claim.message_id, len(claim.tokens)) == (merge, 3)
        assert await claimed(store, owner="two") == []

    async def test_law_06_a_lane_that_waits_for_another_is_not_looked_at(self, store: Store) -> None:
        await added(store, "B")
        (of_b,) = await claimed(store)
        await added(store, "A", "B")
        assert await claimed(store) == []
        assert store.next_due(LAB) == NOW + LEASE  # the end of the other lane's lease, and not "now"
        await store.settle(of_b, settlement())
        assert len(await claimed(store)) == 1

    async def test_law_06_the_last_lane_may_be_held_up_and_set_free_by_a_person(self, store: Store) -> None:
        blocked = await added(store, "B")
        (of_b,) = await claimed(store)
        await store.settle(of_b, settlement("stalled"))
        merge = await added(store, "A", "B")
        assert await claimed(store) == []
        assert await store.decide([of_b.delivery_id], "set-aside", at=NOW) == 1
        assert [each.message_id for each in await claimed(store)] == [merge]
        assert states(store, blocked) == ["set-aside"]

    async def test_the_next_due_time_is_that_of_the_first_head(self, store: Store) -> None:
        assert store.next_due(LAB) is None
        await added(store, "A")
        await added(store, "B", received_at=NOW + timedelta(hours=1))
        assert store.next_due(LAB) == NOW
        assert store.next_due(IMAGING) is None
        (claim,) = await claimed(store)
        assert store.next_due(LAB) == NOW + LEASE
        await store.settle(claim, settlement("unknown", due_at=NOW + 2 * MINUTE))
        assert store.next_due(LAB) == NOW + 2 * MINUTE

    async def test_what_waits_is_counted_for_each_destination(self, store: Store) -> None:
        assert store.waiting() == []
        await added(store, "A", received_at=NOW - MINUTE)
        await added(store, "A", "B")
        await added(store, "C", deliveries=(delivery("C", to=IMAGING),), channel="results")
        assert store.waiting() == [
            {"destination": IMAGING, "waiting": 1, "held": 0, "oldest": NOW},
            {"destination": LAB, "waiting": 2, "held": 0, "oldest": NOW - MINUTE},
        ]
        assert store.waiting_count() == 3
        assert (store.is_waiting("orders"), store.is_waiting("results")) == (True, True)
        await taken(store)
        assert (store.is_waiting("orders"), store.is_waiting("results")) == (False, True)
        assert store.waiting_count() == 1
