"""How every store forgets: what its time is over, nothing that waits, nothing under legal hold."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from ayni.engine.store.contract import Earlier, Question, Store

from .contract_decisions import stop
from .contract_keeping import Outside
from .samples import (
    MINUTE,
    NOW,
    added,
    assert_balanced,
    claimed,
    message,
    refused,
    settlement,
    states,
    taken,
)

Prune = Callable[..., Awaitable[list[int]]]

LATER = NOW + timedelta(days=30)


async def forget(store: Store, *, before: datetime = LATER, after_id: int = 0, limit: int = 100) -> list[int]:
    return await store.forget_content(after_id=after_id, before=before, limit=limit)


async def delete(store: Store, *, before: datetime = LATER, after_id: int = 0, limit: int = 100) -> list[int]:
    return await store.delete_messages(after_id=after_id, before=before, limit=limit)


async def hold(
    store: Store, *message_ids: int, reason: str = "EXP-1", who: str = "rosa", at: datetime = NOW
) -> int:
    return await store.hold(message_ids, reason=reason, who=who, at=at)


class PruningContract:
    """Forgetting content, deleting rows, legal hold."""

    async def test_content_goes_and_the_row_stays(self, store: Store) -> None:
        message_id = await added(store, document="99000017")
        await taken(store)
        assert await forget(store) == [message_id]
        found = store.message(message_id)
        assert found is not None
        (delivery,) = found["deliveries"]
        (attempt,) = delivery["attempts"]
        assert (found["raw"], delivery["content"], attempt["answer"]) == (b"", b"", b"")
        assert (found["document"], delivery["state"], attempt["outcome"]) == (
            "99000017",
            "delivered",
            "delivered",
        )
        assert await forget(store) == []
        assert_balanced(store)

    async def test_what_was_forgotten_cannot_be_sent_again_only_set_aside(self, store: Store) -> None:
        message_id, beside = await added(store, "A"), await added(store, "B")
        passed, other = await claimed(store)
        await store.settle(passed, settlement("stalled", holds=False))
        await store.settle(other, settlement("pending", due_at=NOW))
        assert await forget(store) == [message_id]
        assert await store.decide([passed.delivery_id], "pending", at=NOW) == 0
        assert states(store, message_id) == ["stalled"]
        assert await taken(store) == [beside]
        assert await store.decide([passed.delivery_id], "set-aside", at=NOW) == 1
        assert_balanced(store)

    async def test_a_repeated_message_gets_its_answer_after_the_content_went(self, store: Store) -> None:
        first = message(control_id="M1", raw=b"x")
        await store.add(first)
        await taken(store)
        assert len(await forget(store)) == 1
        earlier = await store.add(message(control_id="M1", raw=b"x"))
        assert isinstance(earlier, Earlier)
        assert (earlier.answer, earlier.is_same) == (first.answer, True)

    async def test_what_was_deleted_is_gone_with_all_that_belongs_to_it(self, store: Store) -> None:
        message_id = await added(store, "A", "B")
        await taken(store)
        assert await delete(store) == [message_id]
        assert store.message(message_id) is None
        balance = store.balance()
        assert balance.strays == []
        assert balance.counts != []
        assert_balanced(store)

    async def test_a_key_that_was_deleted_is_not_known(self, store: Store) -> None:
        await added(store, control_id="M1")
        await taken(store)
        await delete(store)
        assert isinstance(await store.add(message(control_id="M1")), int)

    @pytest.mark.parametrize("prune", [forget, delete])
    async def test_what_waits_is_never_pruned(self, store: Store, prune: Prune) -> None:
        await stop(store, "A")
        await added(store, "A")
        await added(store, "B")
        (unknown,) = await claimed(store)
        await store.settle(unknown, settlement("unknown"))
        await added(store, "C")
        assert len(await claimed(store)) == 1
        assert await prune(store) == []
        assert len(store.search(Question())) == 4

    @pytest.mark.parametrize("prune", [forget, delete])
    async def test_what_ended_is_pruned(self, store: Store, prune: Prune) -> None:
        passed = await stop(store, "A", holds=False)
        aside = await stop(store, "B")
        await store.decide([aside.delivery_id], "set-aside", at=NOW)
        broken = await store.add(refused())
        assert await prune(store) == [passed.message_id, aside.message_id, broken]
        assert_balanced(store)

    @pytest.mark.parametrize("prune", [forget, delete])
    async def test_a_legal_hold_keeps_a_message_until_it_is_lifted(self, store: Store, prune: Prune) -> None:
        held, other = await added(store, "A", raw=b"held"), await added(store, "B")
        await taken(store)
        assert await hold(store, held, 404) == 1
        assert await prune(store) == [other]
        found = store.message(held)
        assert found is not None
        assert (found["raw"], found["is_held"]) == (b"held", 1)
        assert await store.lift("EXP-1", [held, other]) == 1
        assert await prune(store) == [held]

    @pytest.mark.parametrize("prune", [forget, delete])
    async def test_a_message_held_for_two_reasons_stays_until_both_are_lifted(
        self, store: Store, prune: Prune
    ) -> None:
        held = await added(store, "A")
        await taken(store)
        assert [await hold(store, held, reason=each) for each in ("EXP-1", "EXP-2", "EXP-1")] == [1, 1, 0]
        assert await store.lift("EXP-1", [held]) == 1
        assert await store.lift("EXP-1", [held]) == 0
        assert await prune(store) == []
        await store.lift("EXP-2", [held])
        assert await prune(store) == [held]

    async def test_holds_say_who_why_since_when_and_which(self, store: Store) -> None:
        one, two, three = [await added(store) for _ in range(3)]
        await hold(store, one, two, reason="EXP-1")
        await hold(store, two, three, reason="EXP-2", who="juan", at=NOW + MINUTE)
        await hold(store, three, reason="EXP-1", who="juan", at=NOW + MINUTE)
        assert store.holds() == [
            {"reason": "EXP-1", "count": 3, "at": NOW, "who": "rosa"},
            {"reason": "EXP-2", "count": 2, "at": NOW + MINUTE, "who": "juan"},
        ]
        assert store.held("EXP-1", after_id=one, limit=1) == [two]
        assert store.held("EXP-2", limit=10) == [two, three]
        found = store.message(three)
        assert found is not None
        assert [(each["reason"], each["who"], each["at"]) for each in found["holds"]] == [
            ("EXP-1", "juan", NOW + MINUTE),
            ("EXP-2", "juan", NOW + MINUTE),
        ]

    @pytest.mark.parametrize("prune", [forget, delete])
    async def test_only_what_is_old_enough_goes_whatever_the_clock_did(
        self, store: Store, prune: Prune
    ) -> None:
        times = [0, 10, 2, 3, 11]
        made = [await added(store, "A", received_at=NOW + number * MINUTE) for number in times]
        await taken(store, at=NOW + 20 * MINUTE)
        found = await prune(store, before=NOW + 3 * MINUTE)
        assert found == [made[0], made[2]]

    @pytest.mark.parametrize("prune", [forget, delete])
    async def test_it_goes_a_few_at_a_time(self, store: Store, prune: Prune) -> None:
        made = [await added(store, str(number)) for number in range(10)]
        await taken(store)
        await hold(store, made[3])
        found = list[int]()
        while part := await prune(store, after_id=found[-1] if found else 0, limit=4):
            assert len(part) <= 4
            found += part
        assert found == [each for each in made if each != made[3]]
        assert_balanced(store)

    async def test_a_passed_one_under_legal_hold_joins_its_lane_again_when_that_was_deleted(
        self, store: Store
    ) -> None:
        passed = await stop(store, "A", "B", holds=False)
        await hold(store, passed.message_id)
        other = await added(store, "A")
        await taken(store)
        assert await delete(store) == [other]
        behind = await added(store, "B")
        assert await store.decide([passed.delivery_id], "pending", at=NOW) == 1
        assert await taken(store) == [behind, passed.message_id]
        assert states(store, passed.message_id) == ["delivered"]
        assert_balanced(store)

    async def test_lanes_do_not_grow_for_ever(self, store: Store, outside: Outside) -> None:
        for key in "ABCDE":
            await added(store, key, "shared")
        await taken(store)
        kept = await added(store, "shared", received_at=LATER)
        assert len(await delete(store)) == 5
        assert outside("select key from lane") == [("shared",)]
        assert await taken(store, at=LATER) == [kept]

    async def test_a_lane_stays_while_its_newest_message_does(self, store: Store, outside: Outside) -> None:
        await added(store, "A")
        await added(store, "A", received_at=LATER)
        await taken(store, at=LATER)
        assert len(await delete(store)) == 1
        assert outside("select last_number from lane") == [(2,)]

    async def test_giving_back_space_ends(self, store: Store) -> None:
        for _ in range(100):
            if await store.give_back_space() == 0:
                return
        pytest.fail("it never ends")
