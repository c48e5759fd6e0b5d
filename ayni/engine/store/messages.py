"""Writing messages down: with their deliveries and places, in one transaction; and forgetting them in
time."""

from collections.abc import Sequence
from typing import Any

from ayni.engine.store.contract import Claim, Earlier, NewDelivery, NewMessage
from ayni.engine.store.lanes import join_all, places_in, text_of
from ayni.engine.store.leasing import Leasing
from ayni.engine.store.times import to_micros
from ayni.engine.store.transaction import Transaction

COLUMNS = (
    "channel",
    "revision",
    "source",
    "sender",
    "control_id",
    "correlation_id",
    "document",
    "kind",
    "raw",
    "content_hash",
    "answer",
    "received_at",
    "ms",
    "state",
    "is_keyed",
    "code",
    "place",
    "text",
    "parent_id",
    "link",
)
"""What is written of a message, in the order of `values_of`."""


def add_message(tx: Transaction, message: NewMessage, leasing: Leasing | None = None) -> int | Earlier:
    """The number of a new message, or the one that is known by its key."""
    if message.state == "refused":
        return _add_refused(tx, message)
    message_id = tx.insert("insert_message", *values_of(message))
    if not message_id:
        return earlier(tx, message)
    at = to_micros(message.received_at)
    tx.count(message.channel, "", message.state, at=at)
    _add_deliveries(tx, message_id, message, leasing)
    return message_id


def add_as_new(tx: Transaction, message: NewMessage) -> int | Earlier:
    """A message under the control id of its parent, whose content is another; or the one that came before."""
    tx.run("lock_message", message.parent_id)  # the same may come to two engines at once
    known = earlier(tx, message)
    return known if known.is_same else add_message(tx, message)


def _add_refused(tx: Transaction, message: NewMessage) -> int:
    found = tx.one("insert_refused", *values_of(message))
    assert found is not None
    message_id, repeat_count = found
    if not repeat_count:
        tx.count(message.channel, "", message.state, at=to_micros(message.received_at))
        _add_deliveries(tx, message_id, message)
    return int(message_id)


def earlier(tx: Transaction, message: NewMessage) -> Earlier:
    """The message that is known by the key of this one."""
    names = (message.control_id, message.sender, message.channel)
    found = tx.one("earlier", *names, *names, message.content_hash)
    assert found is not None
    message_id, answer, content_hash = found
    return Earlier(
        id=message_id, answer=bytes(answer or b""), is_same=bytes(content_hash) == message.content_hash
    )


def _add_deliveries(
    tx: Transaction, message_id: int, message: NewMessage, leasing: Leasing | None = None
) -> None:
    due_at = to_micros(message.due_at or message.received_at)
    for delivery in message.deliveries:
        add_delivery(tx, message_id, message.channel, message.correlation_id, delivery, due_at, leasing)


def add_delivery(
    tx: Transaction,
    message_id: int,
    channel: str,
    correlation_id: str,
    delivery: NewDelivery,
    due_at: int,
    leasing: Leasing | None = None,
) -> None:
    """What a destination is owed, with its places in the lanes; leased at once where `leasing` can."""
    if leasing is None:
        places, leased = join_all(tx, delivery.destination, delivery.keys, due_at), None
    else:
        places, leased = leasing.join(tx, delivery, due_at)
    delivery_id = tx.insert(
        "insert_delivery",
        message_id,
        channel,
        delivery.destination,
        correlation_id,
        delivery.control_id,
        delivery.content,
        text_of(places),
    )
    for lane_id, number in places:
        tx.run("take_place", lane_id, number, delivery_id)
    tx.count(channel, delivery.destination, "pending")
    if leased is not None:
        hand, token = leased
        hand.hold(
            Claim(
                delivery_id=delivery_id,
                message_id=message_id,
                channel=channel,
                destination=delivery.destination,
                correlation_id=correlation_id,
                control_id=delivery.control_id,
                key=delivery.keys[0],
                content=delivery.content,
                attempt_count=0,
                places=places,
                tokens=((places[0][0], token),),
            )
        )


def values_of(message: NewMessage) -> tuple[Any, ...]:
    """Its values for COLUMNS."""
    finding = message.finding
    return (
        message.channel,
        message.revision,
        message.source,
        message.sender,
        message.control_id,
        message.correlation_id,
        message.document,
        message.kind,
        message.raw,
        message.content_hash,
        message.answer,
        to_micros(message.received_at),
        message.ms,
        message.state,
        int(message.is_keyed),
        finding.code if finding else None,
        finding.place if finding else None,
        finding.text if finding else None,
        message.parent_id,
        message.link,
    )


def forget_content(tx: Transaction, message_ids: Sequence[int]) -> list[int]:
    """Deletes what senders and partners wrote in these, unless held or waiting by now; their numbers."""
    forgotten = [each for each in message_ids if tx.run("forget_message_content", each)]
    for message_id in forgotten:
        tx.run("forget_attempt_content", message_id)
        tx.run("forget_delivery_content", message_id)
    return forgotten


def delete_messages(tx: Transaction, message_ids: Sequence[int]) -> list[int]:
    """Deletes these with all that belongs to them, unless held or waiting by now; their numbers."""
    return [each for each in message_ids if _delete(tx, each)]


def _delete(tx: Transaction, message_id: int) -> bool:
    found = tx.one("delete_message", message_id)
    if found is None:
        return False
    channel, state = found
    tx.run("add_to_pruned", channel, "", state)
    tx.run("delete_attempts", message_id)
    for of_channel, destination, of_delivery, places in tx.rows("delete_deliveries", message_id):
        tx.run("add_to_pruned", of_channel, destination, of_delivery)
        for place in places_in(places):
            tx.run("delete_lane", *place)
    return True


def hold(tx: Transaction, message_id: int, reason: str, who: str, at: int) -> int:
    """1 when the message is there and was not held for this reason."""
    return tx.run("hold_message", message_id) and tx.run("insert_hold", message_id, reason, who, at)


def lift(tx: Transaction, message_id: int, reason: str) -> int:
    """1 when the message was held for this reason; it may go once it is held for no other."""
    tx.run("lock_message", message_id)
    lifted = tx.run("delete_hold", message_id, reason)
    if lifted:
        tx.run("release_message", message_id, message_id)
    return lifted
