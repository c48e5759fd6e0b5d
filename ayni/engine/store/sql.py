"""A store in SQL: what the two databases have in common, which is all but opening, reading and closing."""

import asyncio
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Literal, TypeVar

from ayni.engine.store import lanes, messages, search
from ayni.engine.store.contract import (
    Acknowledgements,
    Balance,
    Claim,
    DeliveryState,
    Earlier,
    Fenced,
    Hands,
    NewMessage,
    NoHands,
    Question,
    Row,
    Settlement,
    Unasked,
)
from ayni.engine.store.finishing import finish
from ayni.engine.store.leasing import Leasing
from ayni.engine.store.reserve import Reserve
from ayni.engine.store.times import from_micros, to_micros
from ayni.engine.store.transaction import Transaction
from ayni.engine.writing import Writer
from ayni.wire.statements import statements

PACKAGE = "ayni.engine.store"
SQL = statements(PACKAGE, "statements.sql")
SPAN = 2_000
"""Rows looked through in one read for something old enough: milliseconds, so that no view stays open long."""

T = TypeVar("T")
Change = Callable[[Transaction], T]
Ask = Callable[..., list[tuple[Any, ...]]]
"""Gives the rows of a named statement with these values."""


class SqlStore(ABC):
    """Writes through one group-commit writer, reads beside it. A disk of another machine has no reserve."""

    writer: Writer
    books: search.Books
    reserve: Reserve | None = None
    acknowledgements: Acknowledgements = Unasked()
    hands: Hands = NoHands()

    @abstractmethod
    def attestation(self) -> Mapping[str, str]: ...

    @abstractmethod
    def _view(self) -> AbstractContextManager[Ask]:
        """Several statements on one consistent view of what is committed."""

    @abstractmethod
    def _rows(self, name: str, *values: Any) -> list[tuple[Any, ...]]:
        """One named statement on what is committed."""

    def _write(self, change: Change[T]) -> Awaitable[T]:
        return self.writer.write(change)

    async def add(self, message: NewMessage) -> int | Earlier:
        leasing = Leasing(self.hands)

        def change(tx: Transaction) -> int | Earlier:
            leasing.make()
            return messages.add_message(tx, message, leasing)

        return await self.writer.write(change, leasing.told)

    async def add_as_new(self, message: NewMessage) -> int | Earlier:
        return await self._write(lambda tx: messages.add_as_new(tx, message))

    async def claim(
        self, destination: str, *, owner: str, at: datetime, until: datetime, limit: int
    ) -> list[Claim]:
        now, end = to_micros(at), to_micros(until)
        return await self._write(
            lambda tx: lanes.claim(tx, destination, owner=owner, at=now, until=end, limit=limit)
        )

    async def settle(self, claim: Claim, settlement: Settlement, *, then: NewMessage | None = None) -> None:
        if not await self._write(lambda tx: self._settled(tx, claim, settlement, then)):
            raise Fenced

    async def recover(self, owner: str, *, at: datetime) -> int:
        now = to_micros(at)
        return await self._write(lambda tx: lanes.recover(tx, owner, at=now))

    async def decide(
        self, delivery_ids: Sequence[int], state: Literal["pending", "set-aside"], *, at: datetime
    ) -> int:
        now = to_micros(at)
        return await self._write(
            lambda tx: sum(self._decided(tx, each, state, at=now) for each in delivery_ids)
        )

    async def hold(self, message_ids: Sequence[int], *, reason: str, who: str, at: datetime) -> int:
        now = to_micros(at)
        return await self._write(
            lambda tx: sum(messages.hold(tx, each, reason, who, now) for each in message_ids)
        )

    async def lift(self, reason: str, message_ids: Sequence[int]) -> int:
        return await self._write(lambda tx: sum(messages.lift(tx, each, reason) for each in message_ids))

    def holds(self) -> list[Row]:
        return [
            {"reason": reason, "count": int(count), "at": from_micros(at), "who": who}
            for reason, count, at, who in self._rows("holds")
        ]

    def held(self, reason: str, *, after_id: int = 0, limit: int) -> list[int]:
        return [message_id for (message_id,) in self._rows("held_for", reason, after_id, limit)]

    async def forget_content(self, *, after_id: int, before: datetime, limit: int) -> list[int]:
        old = await asyncio.to_thread(self._old, "content_to_prune", after_id, to_micros(before), limit)
        return await self._write(lambda tx: messages.forget_content(tx, old)) if old else []

    async def delete_messages(self, *, after_id: int, before: datetime, limit: int) -> list[int]:
        old = await asyncio.to_thread(self._old, "rows_to_prune", after_id, to_micros(before), limit)
        return await self._write(lambda tx: messages.delete_messages(tx, old)) if old else []

    def _old(self, name: str, after_id: int, before: int, limit: int) -> list[int]:
        """Looked for on the readers' side, because it may be far behind what is held or was forgotten."""
        newest = self._first("newest_before", before) or 0
        while after_id < newest and (end := self._first("end_of_span", after_id, SPAN)) is not None:
            if found := self._rows(name, after_id, end, before, limit):
                return [message_id for (message_id,) in found]
            after_id = end
        return []

    @property
    def is_short(self) -> bool:
        return self.reserve is not None and self.reserve.is_low

    def look_at_disk(self) -> None:
        if self.reserve is not None:
            self.reserve.look()

    def next_due(self, destination: str) -> datetime | None:
        return _time(self._first("next_due", destination))

    def is_waiting(self, channel: str) -> bool:
        return bool(self._rows("is_waiting", channel))

    def waiting_count(self) -> int:
        return int(self._first("waiting_count") or 0)

    def waiting(self) -> list[Row]:
        pending, held = (dict(self._rows(name)) for name in ("waiting", "held"))
        return [
            {
                "destination": name,
                "waiting": int(pending.get(name, 0)),
                "held": int(held.get(name, 0)),
                "oldest": _time(self._first("oldest_waiting", name)),
            }
            for name in sorted({*pending, *held})
        ]

    def last_received(self, channel: str) -> datetime | None:
        return _time(self._first("last_received", channel))

    def counts(self) -> list[Row]:
        return _counts(self._rows("tallies"))

    def recount(self) -> list[Row]:
        with self._view() as ask:
            return _recounted(ask)

    def balance(self) -> Balance:
        with self._view() as ask:
            strays = [{"what": what, "id": number} for what, number in ask("strays")]
            return Balance(counts=_counts(ask("tallies")), recount=_recounted(ask), strays=strays)

    def search(self, question: Question, *, progress: Callable[[int], bool] = lambda _: True) -> list[Row]:
        if question.text:
            return search.search_text(self.books, question, progress)
        return search.search(self.books, question)

    def message(self, message_id: int) -> Row | None:
        return search.message(self.books, message_id)

    def _settled(
        self, tx: Transaction, claim: Claim, settlement: Settlement, then: NewMessage | None
    ) -> bool:
        """An attempt, the message its answer became and what the sender hears: all or nothing."""
        if not lanes.settle(tx, claim, settlement):
            return False
        if then is not None:
            messages.add_message(tx, then)
        if settlement.state is DeliveryState.DELIVERED:
            at = to_micros(settlement.due_at)
            self._finish(tx, claim.channel, claim.destination, claim.message_id, at=at)
        return True

    def _decided(
        self, tx: Transaction, delivery_id: int, state: Literal["pending", "set-aside"], *, at: int
    ) -> bool:
        if not lanes.decide(tx, delivery_id, state, at=at):
            return False
        if state == "set-aside" and (found := tx.one("message_of", delivery_id)) is not None:
            self._finish(tx, *found, at=at)
        return True

    def _finish(self, tx: Transaction, channel: str, destination: str, message_id: int, *, at: int) -> None:
        finish(tx, self.acknowledgements, channel, destination, message_id, at=at)

    def _first(self, name: str, *values: Any) -> Any:
        """The first column of the first row, None when there is none."""
        found = self._rows(name, *values)
        return found[0][0] if found else None


def _time(micros: int | None) -> datetime | None:
    return from_micros(micros) if micros else None


def _counts(found: Iterable[tuple[str, str, str, int]]) -> list[Row]:
    return [
        {"channel": channel, "destination": destination, "state": state, "count": int(count)}
        for channel, destination, state, count in found
    ]


def _recounted(ask: Ask) -> list[Row]:
    """What the rows show, and what they showed before they were deleted."""
    total: Counter[tuple[str, str, str]] = Counter()
    for name in ("recounted_messages", "recounted_deliveries", "pruned"):
        for *names, count in ask(name):
            total[names[0], names[1], names[2]] += count
    return _counts((*names, count) for names, count in sorted(total.items()))
