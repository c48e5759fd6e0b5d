"""What every store does at the end of a message: its sender's answer is written with what ends it, once."""

import asyncio

import pytest
from msgspec.structs import replace

from ayni.engine.errors import ContentError
from ayni.engine.store.contract import Fenced, NewDelivery, Store

from .samples import (
    IMAGING,
    LAB,
    LATE,
    NOW,
    added,
    assert_balanced,
    claimed,
    delivery,
    delivery_ids,
    message,
    refused,
    settlement,
    states,
)

SENDER = "his"


class Asked:
    """Every sender of `orders` wants to hear; what it hears says whether all was delivered."""

    def wanted(self, channel: str, destination: str) -> bool:
        return channel == "orders" and destination != SENDER

    def made(self, channel: str, raw: bytes, finding: ContentError | None) -> NewDelivery | None:
        said = b"AE " if finding else b"AA "
        return replace(delivery("ack", to=SENDER, content=said + raw), control_id="ack")


async def heard(store: Store) -> list[bytes]:
    """What senders hear."""
    return [each.content for each in await claimed(store, to=SENDER, at=LATE)]


class FinishingContract:
    """Application acknowledgements."""

    @pytest.fixture
    def asked(self, store: Store) -> None:
        store.acknowledgements = Asked()

    @pytest.mark.usefixtures("asked")
    async def test_the_last_settlement_writes_the_answer(self, store: Store) -> None:
        owed = (delivery("A"), delivery("A", to=IMAGING))
        message_id = await added(store, raw=b"MSH|1", deliveries=owed)
        (lab,), (imaging,) = await claimed(store, to=LAB), await claimed(store, to=IMAGING)
        await store.settle(lab, settlement())
        assert states(store, message_id) == ["delivered", "sending"]
        await store.settle(imaging, settlement())
        assert states(store, message_id) == ["delivered", "delivered", "pending"]
        assert await heard(store) == [b"AA MSH|1"]
        assert_balanced(store)

    @pytest.mark.usefixtures("asked")
    async def test_the_answer_itself_is_not_answered(self, store: Store) -> None:
        message_id = await added(store)
        (claim,) = await claimed(store)
        await store.settle(claim, settlement())
        (answer,) = await claimed(store, to=SENDER, at=LATE)
        await store.settle(answer, settlement())
        assert states(store, message_id) == ["delivered", "delivered"]

    @pytest.mark.usefixtures("asked")
    @pytest.mark.parametrize("state", ["unknown", "pending", "refused", "stalled"])
    async def test_what_may_still_be_delivered_is_not_finished(self, store: Store, state: str) -> None:
        await added(store)
        (claim,) = await claimed(store)
        await store.settle(claim, settlement(state))
        assert await heard(store) == []

    @pytest.mark.usefixtures("asked")
    @pytest.mark.parametrize("holds", [True, False])
    async def test_setting_aside_finishes_with_an_error(self, store: Store, holds: bool) -> None:
        message_id = await added(store, raw=b"MSH|1")
        (claim,) = await claimed(store)
        await store.settle(claim, settlement("refused", holds=holds))
        assert await store.decide(delivery_ids(store, message_id), "set-aside", at=NOW) == 1
        assert await heard(store) == [b"AE MSH|1"]
        assert_balanced(store)

    @pytest.mark.usefixtures("asked")
    async def test_who_lost_the_lease_finishes_nothing(self, store: Store) -> None:
        await added(store)
        (old,) = await claimed(store, owner="one")
        (new,) = await claimed(store, owner="two", at=LATE)
        with pytest.raises(Fenced):
            await store.settle(old, settlement())
        assert await heard(store) == []
        await store.settle(new, settlement())
        assert len(await heard(store)) == 1

    @pytest.mark.usefixtures("asked")
    async def test_a_settlement_that_breaks_takes_the_answer_with_it(self, store: Store) -> None:
        await added(store)
        (claim,) = await claimed(store)
        with pytest.raises(Exception, match=r"(?i)null"):
            await store.settle(claim, settlement(reason=None))
        assert await heard(store) == []

    @pytest.mark.usefixtures("asked")
    async def test_what_was_replayed_has_no_sender_outside(self, store: Store) -> None:
        await added(store, link="replay", is_keyed=False)
        (claim,) = await claimed(store)
        await store.settle(claim, settlement())
        assert await heard(store) == []

    @pytest.mark.usefixtures("asked")
    async def test_many_at_once_are_answered_once_each(self, store: Store) -> None:
        owed = (delivery("A"), delivery("A", to=IMAGING))
        for number in range(10):
            await added(store, raw=b"MSH|%d" % number, deliveries=owed)
        for _ in range(10):
            claims = [*await claimed(store, to=LAB), *await claimed(store, to=IMAGING)]
            await asyncio.gather(*(store.settle(each, settlement()) for each in claims))
        counts = {(row["destination"], row["state"]): row["count"] for row in store.counts()}
        assert counts[SENDER, "pending"] == 10
        assert_balanced(store)

    async def test_a_refused_message_may_owe_its_sender_an_answer_once(self, store: Store) -> None:
        owed = replace(refused(b"junk"), deliveries=(delivery("ack", to=SENDER),))
        await store.add(owed)
        await store.add(owed)
        assert len(await heard(store)) == 1
        assert_balanced(store)

    async def test_where_nobody_asks_nothing_is_written(self, store: Store) -> None:
        await store.add(message())
        (claim,) = await claimed(store)
        await store.settle(claim, settlement())
        assert await heard(store) == []
