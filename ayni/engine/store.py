"""The message store: every message, what was made of it, every attempt and every answer.

Functions take a connection inside a transaction, so that a message and its deliveries, or a settled
delivery and the message it hands over, are always one commit.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib.resources import files

import apsw
import msgspec

from ayni.engine.channel import Outgoing
from ayni.engine.errors import ContentError, code_of, place_of

SCHEMA = (files("ayni.engine") / "store.sql").read_text("utf-8")


class DeliveryState(StrEnum):
    """Where one message stands with one destination."""

    PENDING = "pending"  # written down, waiting for its turn
    SENDING = "sending"  # an attempt is under way
    UNKNOWN = "unknown"  # sent, no valid answer: the same bytes go again
    DELIVERED = "delivered"  # the destination said yes
    REFUSED = "refused"  # the destination said no; its lane waits for a person
    SET_ASIDE = "set-aside"  # a person let the lane go on without it


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """What one source received, before it has a number. `ms` is what reading and translating it took."""

    channel: str
    revision: str
    source: str
    raw: bytes
    control_id: str
    correlation_id: str
    kind: str
    received_at: datetime
    ms: float
    parent_id: int | None = None


class Delivery(msgspec.Struct, frozen=True, array_like=True):
    """One delivery that is due: its place in its lane and the bytes to send."""

    id: int
    message_id: int
    channel: str
    correlation_id: str
    control_id: str
    content: bytes
    attempt_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try: when, how long in milliseconds, what came of it and what was said."""

    started_at: datetime
    ms: float
    outcome: str
    reason: str
    answer: bytes


def add_message(tx: apsw.Connection, message: NewMessage, error: ContentError | None = None) -> int:
    """Writes a message down, refused when there is an error, and returns its number."""
    finding = (code_of(error), place_of(error), error.text) if error else (None, None, None)
    tx.execute(
        "insert into message (channel, revision, source, parent_id, control_id, correlation_id, kind, raw,"
        " received_at, ms, state, error_code, error_place, error_text)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            message.channel,
            message.revision,
            message.source,
            message.parent_id,
            message.control_id,
            message.correlation_id,
            message.kind,
            message.raw,
            message.received_at.isoformat(),
            message.ms,
            "refused" if error else "accepted",
            *finding,
        ),
    )
    return tx.last_insert_rowid()


def add_delivery(
    tx: apsw.Connection, message_id: int, destination: str, outgoing: Outgoing, *, at: datetime
) -> None:
    """Writes down that a message must reach a destination; it takes its place at the end of its lane."""
    tx.execute(
        "insert into delivery (message_id, destination, lane, control_id, content, state, due_at)"
        " values (?, ?, ?, ?, ?, 'pending', ?)",
        (message_id, destination, outgoing.key, outgoing.control_id, outgoing.content, at.isoformat()),
    )


def recover(tx: apsw.Connection, destination: str) -> None:
    """What was being sent and was never settled becomes unknown."""
    tx.execute(
        "update delivery set state = 'unknown' where destination = ? and state = 'sending'", (destination,)
    )


def claim(tx: apsw.Connection, destination: str, *, at: datetime, limit: int) -> list[Delivery]:
    """The heads of lanes that are due, now being sent; at most one of each lane."""
    rows = tx.execute(
        "select head.id, message_id, channel, correlation_id, head.control_id, content, attempt_count"
        "  from lane_head as head join message on message.id = message_id"
        " where destination = ? and head.state in ('pending', 'unknown') and due_at <= ?"
        " order by head.id limit ?",
        (destination, at.isoformat(), limit),
    )
    found = [msgspec.convert(row, Delivery) for row in rows]
    for delivery in found:
        tx.execute("update delivery set state = 'sending' where id = ?", (delivery.id,))
    return found


def next_due(tx: apsw.Connection, destination: str) -> datetime | None:
    """When the next head of a lane is due, None when nothing waits."""
    found = tx.execute(
        "select min(due_at) from lane_head where destination = ? and state in ('pending', 'unknown')",
        (destination,),
    ).get
    return datetime.fromisoformat(found) if found else None


def settle(
    tx: apsw.Connection, delivery: Delivery, state: DeliveryState, attempt: Attempt, *, due_at: datetime
) -> None:
    """Writes down what came of an attempt; `due_at` is when to try again, if it is to be tried again."""
    tx.execute(
        "insert into attempt (delivery_id, started_at, ms, outcome, reason, answer)"
        " values (?, ?, ?, ?, ?, ?)",
        (
            delivery.id,
            attempt.started_at.isoformat(),
            attempt.ms,
            attempt.outcome,
            attempt.reason,
            attempt.answer,
        ),
    )
    tx.execute(
        "update delivery set state = ?, attempt_count = attempt_count + 1, due_at = ?, settled_at = ?"
        " where id = ?",
        (state, due_at.isoformat(), attempt.started_at.isoformat(), delivery.id),
    )


def send_again(tx: apsw.Connection, delivery_id: int, *, of: int, at: datetime) -> bool:
    """A person decides that a refused delivery `of` a message is tried again; False when there is none."""
    return _decide(tx, delivery_id, of, DeliveryState.PENDING, at)


def set_aside(tx: apsw.Connection, delivery_id: int, *, of: int, at: datetime) -> bool:
    """A person decides that the lane goes on without a refused delivery; False when there is none."""
    return _decide(tx, delivery_id, of, DeliveryState.SET_ASIDE, at)


def _decide(
    tx: apsw.Connection, delivery_id: int, message_id: int, state: DeliveryState, at: datetime
) -> bool:
    tx.execute(
        "update delivery set state = ?, due_at = ? where id = ? and message_id = ? and state = 'refused'",
        (state, at.isoformat(), delivery_id, message_id),
    )
    return tx.changes() == 1
