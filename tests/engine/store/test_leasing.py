"""A new delivery is leased as it is written, to a hand that is free, and begins once it is committed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from ayni.engine.store.contract import Claim, NewMessage
from ayni.engine.store.sqlite import SqliteStore
from ayni.engine.store.transaction import Transaction

from .samples import (
    IMAGING,
    LAB,
    LEASE,
    NOW,
    added,
    assert_balanced,
    claimed,
    delivery,
    message,
    settlement,
    states,
)

UNTIL = NOW + LEASE


class Hand:
    """Says what it was told."""

    owner: str = "one"
    until: datetime = UNTIL

    def __init__(self, deliverer: "Deliverers") -> None:
        self._deliverers, self._claim = deliverer, None

    def hold(self, claim: Claim) -> None:
        self._claim = claim

    def let_go(self, *, is_committed: bool) -> None:
        asyncio.get_running_loop()  # nowhere else: deliverers belong to the loop
        self._deliverers.kept_count -= 1
        if is_committed and self._claim is not None:
            self._deliverers.begun.append(self._claim)


class Deliverers:
    """Hands for one destination; `kept_count` are those that nobody let go yet."""

    def __init__(self, destination: str = LAB) -> None:
        self.destination = destination
        self.begun: list[Claim] = []
        self.kept_count = self.asked_count = 0

    def free(self, destination: str) -> Hand | None:
        asyncio.get_running_loop()
        if destination != self.destination:
            return None
        self.kept_count += 1
        self.asked_count += 1
        return Hand(self)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    made = SqliteStore(tmp_path / "messages.sqlite")
    yield made
    await made.close()


@pytest.fixture
def hands(store: SqliteStore) -> Deliverers:
    store.hands = made = Deliverers()
    return made


async def test_what_is_leased_at_once_is_what_would_have_been_claimed(store, hands) -> None:
    await added(store, "B", deliveries=(delivery("B", to=IMAGING),))
    await added(store, "A")
    (begun,) = hands.begun
    assert await claimed(store, owner="two") == []
    (later,) = await claimed(store, owner="two", at=UNTIL)
    assert later.tokens[0][1] > begun.tokens[0][1]
    assert [getattr(begun, name) for name in set(Claim.__struct_fields__) - {"tokens"}] == [
        getattr(later, name) for name in set(Claim.__struct_fields__) - {"tokens"}
    ]


async def test_it_is_settled_as_a_claim_is_and_the_lane_is_leased_again(store, hands) -> None:
    for number in range(1, 4):
        message_id = await added(store, "A")
        await store.settle(hands.begun[-1], settlement())
        assert states(store, message_id) == ["delivered"]
        assert [claim.places[0][1] for claim in hands.begun] == [*range(1, number + 1)]
    assert_balanced(store)


async def test_law_01_where_somebody_waits_nobody_is_leased_before_him(store, hands) -> None:
    first, second, other = [await added(store, key) for key in ("A", "A", "B")]
    assert [claim.message_id for claim in hands.begun] == [first, other]
    assert hands.kept_count == 0
    await store.settle(hands.begun[0], settlement())
    assert [claim.message_id for claim in await claimed(store)] == [second]


async def test_a_message_about_several_keys_waits_for_its_turn_in_all(store, hands) -> None:
    await added(store, "A", "B")
    assert (hands.begun, hands.asked_count) == ([], 0)


async def test_a_known_message_and_a_busy_deliverer_lease_nothing(store, hands) -> None:
    known = message("A")
    await store.add(known)
    await store.add(known)
    await added(store, deliveries=(delivery("A", to=IMAGING),))
    assert (len(hands.begun), hands.kept_count) == (1, 0)


async def test_when_the_commit_fails_no_hand_begins_and_none_stays_kept(store, hands) -> None:
    """Another change of the same group breaks it; each is then made alone, and waits until it is claimed."""

    def break_it(tx: Transaction) -> None:
        tx.run("insert_hold", 1, "reason", "who", 0)
        raise ValueError

    group = (store.add(message("A")), store.writer.write(break_it), store.add(message("B")))
    told = await asyncio.gather(*group, return_exceptions=True)
    assert isinstance(told[1], ValueError)
    assert (isinstance(told[0], int), isinstance(told[2], int)) == (True, True)
    assert (hands.begun, hands.asked_count, hands.kept_count) == ([], 1, 0)
    assert [claim.key for claim in await claimed(store)] == ["A", "B"]
    assert_balanced(store)


async def test_a_change_that_cannot_be_made_keeps_no_hand(store, hands) -> None:
    twice = delivery("A"), delivery("B", content=None)  # type: ignore[arg-type]
    broken: NewMessage = message(deliveries=(*twice, object()))  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        await store.add(broken)
    assert (hands.begun, hands.kept_count) == ([], 0)


async def test_it_begins_also_when_who_asked_waits_no_longer(store, hands) -> None:
    asked = asyncio.ensure_future(store.add(message("A")))
    await asyncio.sleep(0)  # it is in the group now
    asked.cancel()
    while not hands.begun:  # noqa: ASYNC110 - in the thread that commits
        await asyncio.sleep(0.01)
    assert hands.kept_count == 0


async def test_law_07_what_was_leased_when_the_engine_ended_is_in_doubt_and_goes_again(store, hands) -> None:
    message_id = await added(store, "A")
    assert await store.recover("one", at=NOW) == 1
    assert states(store, message_id) == ["unknown"]
    assert [claim.message_id for claim in await claimed(store)] == [message_id]
