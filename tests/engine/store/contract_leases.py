"""What every store does with a lease: one hand at a time, and the hand that lost it changes nothing."""

import asyncio

import pytest

from ayni.engine.store.contract import Earlier, Fenced, Question, Store

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
    message,
    settlement,
    states,
)

LATER = NOW + LEASE


class LeaseContract:
    """Claims, settlements, recovery."""

    async def test_a_leased_lane_is_nobody_elses(self, store: Store) -> None:
        await added(store)
        assert len(await claimed(store, owner="one")) == 1
        assert await claimed(store, owner="two") == []
        assert await claimed(store, owner="one") == []

    async def test_a_lease_that_ran_out_is_taken_by_another_owner(self, store: Store) -> None:
        message_id = await added(store)
        (old,) = await claimed(store, owner="one")
        (new,) = await claimed(store, owner="two", at=LATER)
        assert new.message_id == message_id
        assert new.tokens[0][1] > old.tokens[0][1]

    @pytest.mark.parametrize("state", ["delivered", "unknown", "stalled", "refused", "pending"])
    async def test_law_04_an_old_token_writes_the_attempt_and_changes_nothing_else(
        self, store: Store, state: str
    ) -> None:
        message_id = await added(store)
        (old,) = await claimed(store, owner="one")
        (new,) = await claimed(store, owner="two", at=LATER)
        before = store.counts(), store.next_due(LAB), states(store, message_id)
        with pytest.raises(Fenced):
            await store.settle(old, settlement(state), then=message(channel="results"))
        assert (store.counts(), store.next_due(LAB), states(store, message_id)) == before
        assert [each["outcome"] for each in attempts(store, message_id)] == [settlement(state).outcome]
        await store.settle(new, settlement())
        assert states(store, message_id) == ["delivered"]
        assert store.search(Question(channel="results")) == []
        assert_balanced(store)

    @pytest.mark.parametrize("keys", [("A", "B"), ("A", "B", "C")])
    async def test_law_04_losing_one_of_several_lanes_is_losing_all(
        self, store: Store, keys: tuple[str, ...]
    ) -> None:
        message_id = await added(store, *keys)
        (old,) = await claimed(store, owner="one")
        # another owner finds one lane's lease over and the others not yet within its reach: it lets go of it
        assert await claimed(store, owner="two", at=LATER, limit=1) == []
        with pytest.raises(Fenced):
            await store.settle(old, settlement())
        assert_balanced(store)
        assert states(store, message_id) != ["delivered"]
        (new,) = await claimed(store, owner="two", at=LATER + MINUTE)
        await store.settle(new, settlement())
        assert_balanced(store)

    async def test_law_04_a_settlement_that_comes_twice_counts_once(self, store: Store) -> None:
        await added(store, "A")
        await added(store, "A")
        (claim,) = await claimed(store)
        await store.settle(claim, settlement())
        with pytest.raises(Fenced):
            await store.settle(claim, settlement())
        assert store.waiting_count() == 1
        assert_balanced(store)

    async def test_a_late_settlement_counts_while_nobody_took_the_lane(self, store: Store) -> None:
        message_id = await added(store)
        (claim,) = await claimed(store)
        await store.settle(claim, settlement(started_at=LATER + MINUTE))
        assert states(store, message_id) == ["delivered"]

    async def test_a_delivery_under_way_is_shown_as_such(self, store: Store) -> None:
        first, second = await added(store, "A"), await added(store, "A", "B")
        (claim,) = await claimed(store)
        assert (states(store, first), states(store, second)) == (["sending"], ["pending"])
        assert [each["id"] for each in store.search(Question(delivery_state="sending"))] == [first]
        await store.settle(claim, settlement())
        assert states(store, second) == ["pending"]
        await claimed(store)
        assert (states(store, first), states(store, second)) == (["delivered"], ["sending"])
        assert store.counts()[-1]["state"] == "pending"

    async def test_law_05_after_an_unknown_outcome_the_same_bytes_go_again(self, store: Store) -> None:
        message_id = await added(store, deliveries=(delivery("A", content=b"\x01\x02"),))
        (first,) = await claimed(store)
        await store.settle(first, settlement("unknown", due_at=NOW + MINUTE))
        assert states(store, message_id) == ["unknown"]
        assert [each["id"] for each in store.search(Question(delivery_state="unknown"))] == [message_id]
        (again,) = await claimed(store, at=NOW + MINUTE)
        assert (again.content, again.control_id) == (first.content, first.control_id)
        assert again.attempt_count == 1

    async def test_an_attempt_that_reached_nobody_is_written_and_not_counted(self, store: Store) -> None:
        message_id = await added(store)
        (claim,) = await claimed(store)
        await store.settle(claim, settlement("pending", due_at=NOW, counts=False))
        (again,) = await claimed(store)
        assert again.attempt_count == 0
        assert len(attempts(store, message_id)) == 1

    async def test_recovery_puts_in_doubt_what_this_owner_had_and_nothing_else(self, store: Store) -> None:
        mine = [await added(store, "A"), await added(store, "B", "C")]
        await claimed(store, owner="one")
        other = await added(store, "D")
        (theirs,) = await claimed(store, owner="two")
        assert await store.recover("one", at=NOW) == 2
        assert [states(store, each) for each in [*mine, other]] == [["unknown"], ["unknown"], ["sending"]]
        assert [each.message_id for each in await claimed(store, owner="one")] == mine
        await store.settle(theirs, settlement())
        assert_balanced(store)

    async def test_recovery_makes_due_what_waited_for_a_time_and_nothing_else(self, store: Store) -> None:
        """The time was one of a clock that may have been set back since."""
        put_off, held, leased = [await added(store, key) for key in "ABC"]
        claims = {each.message_id: each for each in await claimed(store, owner="two")}
        await store.settle(claims[put_off], settlement("pending", due_at=NOW + 1000 * MINUTE))
        await store.settle(claims[held], settlement("stalled"))
        assert store.next_due(LAB) == NOW + LEASE
        assert await store.recover("one", at=NOW) == 0
        assert [each.message_id for each in await claimed(store)] == [put_off]
        assert (states(store, held), states(store, leased)) == (["stalled"], ["sending"])
        assert_balanced(store)

    async def test_a_lane_is_due_by_the_clock_of_leases_and_shown_by_the_other(self, store: Store) -> None:
        message_id = await added(store, received_at=NOW + 1000 * MINUTE, due_at=NOW)
        assert store.next_due(LAB) == NOW
        assert [each.message_id for each in await claimed(store)] == [message_id]
        found = store.message(message_id)
        assert found is not None
        assert found["received_at"] == NOW + 1000 * MINUTE

    async def test_recovery_finds_nothing_where_nothing_was_under_way(self, store: Store) -> None:
        await added(store)
        assert await store.recover("one", at=NOW) == 0
        assert len(await claimed(store)) == 1

    async def test_the_message_an_answer_became_comes_with_the_settlement(self, store: Store) -> None:
        message_id = await added(store)
        (claim,) = await claimed(store)
        handover = message(
            channel="results", parent_id=message_id, link="handover", deliveries=(delivery(to=IMAGING),)
        )
        await store.settle(claim, settlement(), then=handover)
        found = store.message(message_id)
        assert found is not None
        assert [(each["channel"], each["link"]) for each in found["children"]] == [("results", "handover")]
        assert len(await claimed(store, to=IMAGING)) == 1

    async def test_a_handover_that_came_before_is_not_written_again(self, store: Store) -> None:
        known = message(channel="results")
        assert not isinstance(await store.add(known), Earlier)
        message_id = await added(store, "B")
        claims = await claimed(store)
        await store.settle(claims[-1], settlement(), then=known)
        assert states(store, message_id) == ["delivered"]
        assert len(store.search(Question(channel="results"))) == 1

    async def test_a_handover_that_breaks_takes_the_settlement_with_it_and_nobody_elses(
        self, store: Store
    ) -> None:
        broken, sound = await added(store, "A"), await added(store, "B")
        of_broken, of_sound = await claimed(store)
        said = await asyncio.gather(
            store.settle(of_broken, settlement(), then=message(channel="results", kind=None)),
            store.settle(of_sound, settlement()),
            return_exceptions=True,
        )
        assert isinstance(said[0], Exception)
        assert said[1] is None
        assert (states(store, broken), states(store, sound)) == (["sending"], ["delivered"])
        assert attempts(store, broken) == []
        await store.settle(of_broken, settlement())
        assert_balanced(store)

    async def test_attempts_are_kept_with_what_was_said(self, store: Store) -> None:
        message_id = await added(store)
        (claim,) = await claimed(store)
        await store.settle(claim, settlement("refused", answer=b"MSA|AE\xff", reason="AE 207"))
        (attempt,) = attempts(store, message_id)
        assert attempt == {
            "at": NOW,
            "ms": 3.0,
            "outcome": "refused",
            "reason": "AE 207",
            "answer": b"MSA|AE\xff",
        }


def attempts(store: Store, message_id: int) -> list[dict[str, object]]:
    """What was tried with the first delivery of a message."""
    found = store.message(message_id)
    assert found is not None
    return list(found["deliveries"][0]["attempts"])
