"""What many ask of PostgreSQL at the same moment, written in a few statements instead of ten for each.

A journey to the server costs more than the work it asks for. So the lanes of a group are locked and read
first, moved on here as `lanes` would move them on there, and written back; the rows of each table travel as
one JSON array. Three journeys, however many messages and settlements there are.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from psycopg.types.json import Json

from ayni.engine.store.contract import STOPPED, Claim, Earlier, NewDelivery, NewMessage, Settlement, keys_of
from ayni.engine.store.lanes import Place, tallied, text_of
from ayni.engine.store.messages import COLUMNS, add_message, earlier, values_of
from ayni.engine.store.postgresql_link import PostgresqlTransaction, sayable
from ayni.engine.store.times import FAR, to_micros

ARRAY_BYTES = 8 << 20
"""Rows in one JSON array; a group of long messages takes several, so that none is copied whole too often."""

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Adding:
    """A message to write down; the result is its number, or the one that is known by its key."""

    message: NewMessage

    def __call__(self, tx: Any) -> int | Earlier:
        """Alone it is a group of one."""
        return write_together(tx, [self], [])[0][0]


@dataclass(frozen=True, slots=True)
class Settling:
    """An attempt and what it led to, with the message its answer became; the result is False when fenced.

    `finish` is called in the same transaction when it was settled.
    """

    claim: Claim
    settlement: Settlement
    then: NewMessage | None
    finish: Callable[[PostgresqlTransaction], None]

    def __call__(self, tx: Any) -> bool:
        """Alone it is a group of one."""
        return write_together(tx, [], [self])[1][0]


@dataclass(slots=True)
class _Lane:
    """A locked lane as it is going to be."""

    id: int
    destination: str
    key: str
    last_number: int
    waiting_count: int
    token: int
    owner: str | None
    due_at: int
    is_changed: bool = False

    def join(self, at: int) -> Place:
        """The next place. A lane in which nobody waits is due at `at`; otherwise its head decides."""
        if not self.waiting_count:
            self.due_at = at
        self.last_number += 1
        self.waiting_count += 1
        self.is_changed = True
        return self.id, self.last_number

    def let_go(self, due_at: int, *, leaves: bool) -> None:
        """Nobody has it any more."""
        self.owner, self.due_at, self.is_changed = None, due_at, True
        self.waiting_count -= leaves

    def row(self) -> dict[str, Any]:
        """What may have changed."""
        return {
            "id": self.id,
            "last_number": self.last_number,
            "waiting_count": self.waiting_count,
            "owner": self.owner,
            "due_at": self.due_at,
        }


class _Group:
    """The lanes and new numbers of one group, and the rows that are going to be written, by statement."""

    def __init__(
        self, tx: PostgresqlTransaction, messages: Sequence[NewMessage], lane_ids: list[int]
    ) -> None:
        deliveries = [each for message in messages for each in message.deliveries]
        asked = _array([_row({"destination": name, "key": key}) for name, key in keys_of(deliveries)])
        *_, lanes, message_ids, delivery_ids = tx.together(
            ("make_lanes", asked),
            ("lock_lanes", lane_ids, asked),
            ("new_ids", "message", len(messages)),
            ("new_ids", "delivery", len(deliveries)),
        )
        self.tx = tx
        self.lanes = {row[0]: _Lane(*row) for row in lanes}
        self.lane_of = {(lane.destination, lane.key): lane for lane in self.lanes.values()}
        self.message_ids = sorted(number for (number,) in message_ids)
        self._delivery_ids = iter(sorted(number for (number,) in delivery_ids))
        self.rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)

    def deliver(self, message_id: int, message: NewMessage, delivery: NewDelivery) -> None:
        """What a destination is owed, with its places in the lanes."""
        due_at = to_micros(message.due_at or message.received_at)
        delivery_id = next(self._delivery_ids)
        names = (sayable((delivery.destination, key)) for key in delivery.keys)
        places = [self.lane_of[destination, key].join(due_at) for destination, key in names]
        self.rows["insert_deliveries"].append(
            {
                "id": delivery_id,
                "message_id": message_id,
                "channel": message.channel,
                "destination": delivery.destination,
                "correlation_id": message.correlation_id,
                "control_id": delivery.control_id,
                "content": delivery.content,
                "places": text_of(places),
            }
        )
        for lane_id, number in places:
            row = {"lane_id": lane_id, "number": number, "delivery_id": delivery_id}
            self.rows["take_places"].append(row)
        self.tx.count(message.channel, delivery.destination, "pending")

    def settle(self, claim: Claim, settlement: Settlement) -> bool:
        """The attempt, and what it led to; False when a lease was lost and only the attempt is written."""
        started_at, leaves = to_micros(settlement.started_at), settlement.leaves_lane
        self.rows["insert_attempts"].append(
            {
                "delivery_id": claim.delivery_id,
                "started_at": started_at,
                "ms": settlement.ms,
                "outcome": settlement.outcome,
                "reason": settlement.reason,
                "answer": settlement.answer,
            }
        )
        held = [self._held(*each) for each in claim.tokens]
        if not all(held):
            return False
        is_held = settlement.state in STOPPED and settlement.holds
        for lane in filter(None, held):
            lane.let_go(FAR if is_held else to_micros(settlement.due_at), leaves=leaves)
        self.rows["settle_deliveries"].append(
            {
                "id": claim.delivery_id,
                "state": settlement.state.value,
                "counts": int(settlement.counts),
                "settled_at": started_at,
                "is_waiting": int(not leaves),
                "keys": self._keys(claim) if leaves and settlement.state in STOPPED else None,
            }
        )
        if leaves:
            self.rows["leave_places"] += ({"lane_id": lane_id, "number": n} for lane_id, n in claim.places)
        self.tx.count(claim.channel, claim.destination, "pending", -1)
        self.tx.count(claim.channel, claim.destination, tallied(settlement.state))
        return True

    def _held(self, lane_id: int, token: int) -> _Lane | None:
        """The lane of a token, None when it has another one by now, or was settled with this one."""
        lane = self.lanes.get(lane_id)
        return lane if lane and lane.token == token and lane.owner is not None else None

    def _keys(self, claim: Claim) -> str:
        """What lets its lanes pass may join them again, when they are perhaps no longer there."""
        return json.dumps(sorted(self.lanes[lane_id].key for lane_id, _ in claim.places))

    def write(self) -> None:
        """Writes all rows, and the lanes as they are now."""
        self.rows["write_lanes"] = [lane.row() for lane in self.lanes.values() if lane.is_changed]
        self.tx.together(*((name, each) for name, rows in self.rows.items() for each in _arrays(rows)))


def write_together(
    tx: PostgresqlTransaction, adding: Sequence[Adding], settling: Sequence[Settling]
) -> tuple[list[int | Earlier], list[bool]]:
    """The results of all of them, in their order; nothing of them is committed yet."""
    lane_ids = sorted({lane_id for each in settling for lane_id, _ in each.claim.tokens})
    then = [each.then for each in settling if each.then]
    group = _Group(tx, [*(each.message for each in adding), *then], lane_ids)
    told = [group.settle(each.claim, each.settlement) for each in settling]
    then = [each.then for each, is_settled in zip(settling, told, strict=True) if is_settled and each.then]
    messages = [*(each.message for each in adding), *then]
    numbers = _insert(group, messages)
    group.write()
    found = [_found(tx, each, number) for each, number in zip(messages, numbers, strict=True)]
    for each, is_settled in zip(settling, told, strict=True):
        if is_settled:
            each.finish(tx)
    return found[: len(adding)], told


def _insert(group: _Group, messages: Sequence[NewMessage]) -> list[int | None]:
    """Messages with their deliveries; the number of each, None when it is refused or its key is known."""
    numbered = list(zip(group.message_ids, messages, strict=False))  # a fenced settlement leaves one unused
    rows = (_message_row(*each) for each in numbered if each[1].state != "refused")
    written = group.tx.together(*(("insert_messages", each) for each in _arrays(rows)))
    new = {message_id for found in written for (message_id,) in found}
    for message_id, message in numbered:
        if message_id in new:
            group.tx.count(message.channel, "", message.state, at=to_micros(message.received_at))
            for delivery in message.deliveries:
                group.deliver(message_id, message, delivery)
    return [message_id if message_id in new else None for message_id, _ in numbered]


def _found(tx: PostgresqlTransaction, message: NewMessage, number: int | None) -> int | Earlier:
    """Refused messages, and those that were there before, are few and go their own way."""
    if number is not None:
        return number
    return add_message(tx, message) if message.state == "refused" else earlier(tx, message)


def _message_row(message_id: int, message: NewMessage) -> dict[str, Any]:
    return {"id": message_id} | dict(zip(COLUMNS, values_of(message), strict=True))


def _arrays(rows: Iterable[dict[str, Any]]) -> Iterator[Json]:
    """Rows as JSON arrays, each of some megabytes at most unless one row is longer."""
    parts, size = list[bytes](), 0
    for row in rows:
        part = _row(row)
        if parts and size + len(part) > ARRAY_BYTES:
            yield _array(parts)
            parts, size = [], 0
        parts.append(part)
        size += len(part)
    if parts:
        yield _array(parts)


def _row(row: dict[str, Any]) -> bytes:
    return _encode(dict(zip(row, sayable(list(row.values())), strict=True)))


def _array(rows: list[bytes]) -> Json:
    return Json(rows, dumps=lambda parts: b"[" + b",".join(parts) + b"]")
