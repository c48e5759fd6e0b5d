"""Messages, settlements and moments for the store's tests. Nobody in them is real."""

import hashlib
import itertools
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from ayni.engine.store.contract import (
    Claim,
    DeliveryState,
    Earlier,
    NewDelivery,
    NewMessage,
    Settlement,
    Store,
)
from ayni.wire.clock import LIMA

NOW = datetime(2026, 11, 23, 9, 30, 15, tzinfo=LIMA)
MINUTE = timedelta(minutes=1)
LATE = NOW + timedelta(hours=1)
LEASE = timedelta(seconds=45)
LAB, IMAGING = "laboratory", "imaging"

_numbers = itertools.count(1)


def delivery(*keys: str, to: str = LAB, content: bytes = b"OBR|1\r") -> NewDelivery:
    """What a destination is owed; the keys of its lanes, in their order."""
    return NewDelivery(destination=to, keys=tuple(sorted(keys or ("A",))), control_id="E1", content=content)


def message(*keys: str, **changes: Any) -> NewMessage:
    """An accepted message of the channel `orders`, with its own control id, for lanes of the laboratory."""
    control_id = changes.get("control_id", f"M{next(_numbers)}")
    raw = changes.get("raw", f"MSH|^~\\&|{control_id}\r".encode())
    made = NewMessage(
        channel="orders",
        revision="r1",
        source="hl7",
        sender="HIS|CAX",
        control_id=control_id,
        correlation_id="",
        document="",
        kind="ORM^O01",
        raw=raw,
        content_hash=hashlib.sha256(raw).digest(),
        received_at=NOW,
        ms=0.5,
        state="accepted",
        is_keyed=True,
        answer=b"MSA|AA|" + control_id.encode(errors="replace"),
        deliveries=(delivery(*keys),),
    )
    return replace(made, **changes)


def filtered(**changes: Any) -> NewMessage:
    """One that is not for its channel."""
    return message(state="filtered", deliveries=(), **changes)


def refused(raw: bytes = b"junk", **changes: Any) -> NewMessage:
    """One that could not be read."""
    return message(
        raw=raw, state="refused", is_keyed=False, answer=b"", control_id="", deliveries=(), **changes
    )


def settlement(state: str = "delivered", **changes: Any) -> Settlement:
    """What an attempt led to; the next one a minute later, where there is one."""
    outcomes = {"delivered": "delivered", "refused": "refused", "unknown": "unknown"}
    made = Settlement(
        state=DeliveryState(state),
        started_at=NOW,
        ms=3.0,
        outcome=outcomes.get(state, "not-taken"),
        reason="" if state == "delivered" else "AE 207",
        answer=b"MSA|AA" if state == "delivered" else b"",
        due_at=NOW if state in ("delivered", "refused", "stalled") else NOW + MINUTE,
    )
    return replace(made, **changes)


async def added(store: Store, *keys: str, **changes: Any) -> int:
    """The number of a new message."""
    return number_of(await store.add(message(*keys, **changes)))


def number_of(found: int | Earlier) -> int:
    """The number of a message that was not known."""
    assert not isinstance(found, Earlier)
    return found


async def claimed(
    store: Store, *, owner: str = "one", at: datetime = NOW, limit: int = 10, to: str = LAB
) -> list[Claim]:
    """The heads that an owner leases now, by their keys."""
    claims = await store.claim(to, owner=owner, at=at, until=at + LEASE, limit=limit)
    return sorted(claims, key=lambda claim: claim.message_id)


async def taken(store: Store, *, at: datetime = NOW, to: str = LAB) -> list[int]:
    """The messages that can be delivered now, in the order in which they go."""
    order = []
    while claims := await claimed(store, at=at, to=to):
        for claim in claims:
            await store.settle(claim, settlement(started_at=at, due_at=at))
            order.append(claim.message_id)
    return order


def states(store: Store, message_id: int) -> list[str]:
    """The states of a message's deliveries."""
    found = store.message(message_id)
    assert found is not None
    return [str(each["state"]) for each in found["deliveries"]]


def delivery_ids(store: Store, *message_ids: int) -> list[int]:
    """The deliveries of these messages."""
    found = [store.message(each) for each in message_ids]
    return [each["id"] for of in found if of is not None for each in of["deliveries"]]


def assert_balanced(store: Store) -> None:
    """Tallies equal the rows, and no table contradicts another."""
    balance = store.balance()
    nothing = [row for row in balance.counts if not row["count"]]
    assert [row for row in balance.counts if row not in nothing] == balance.recount
    assert balance.strays == []
