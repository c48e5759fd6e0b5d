"""The outbox: a change and the note that it must travel are one transaction.

The system appends a row in the transaction that makes the change; one sender per system hands the rows
over in order. Order is kept per request: a refused row holds back the later rows of its own request and
no others. A row leaves the outbox's work only when the other side has said that it keeps it.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import apsw
import structlog

from ayni.wire.clock import Now
from ayni.wire.database import Database
from ayni.wire.failure import Backoff, LinkError, NotConnected, Refused
from ayni.wire.logging import correlated, where

log = structlog.get_logger()

SCHEMA = """
create table if not exists outbox (
    position integer primary key autoincrement,
    event_key text not null unique,
    request_id text not null,
    content blob not null,
    state text not null check (state in ('pending', 'delivered', 'refused')),
    attempt_count integer not null default 0,
    created_at text not null,
    due_at text not null,
    settled_at text,
    answer blob,
    reason text
) strict;
create index if not exists outbox_pending on outbox (position) where state = 'pending';
create index if not exists outbox_unsettled on outbox (request_id, position) where state <> 'delivered';

-- The one row of each request that may travel: nothing younger overtakes it.
create view if not exists outbox_head as
select * from outbox
 where state = 'pending' and not exists (
    select 1 from outbox as earlier
     where earlier.request_id = outbox.request_id and earlier.position < outbox.position
       and earlier.state <> 'delivered');
"""

NEXT_ROW = """
select position, event_key, request_id, content, attempt_count from outbox_head
 where due_at <= ? order by position limit 1
"""

LOOK_AGAIN_SECONDS = 30.0
"""The sender is woken by every append; looking by itself as well costs nothing and mends a lost wake-up."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One event that must travel: its key, its request and its canonical content."""

    position: int
    event_key: str
    request_id: str
    content: bytes
    attempt_count: int


Send = Callable[[OutboxRow], Awaitable[bytes]]
"""Hands one row over and returns the other side's answer; raises LinkError."""


def append(tx: apsw.Connection, *, event_key: str, request_id: str, content: bytes, now: Now) -> None:
    """Writes down, in the caller's transaction, that this event must travel."""
    tx.execute(
        "insert into outbox (event_key, request_id, content, state, created_at, due_at)"
        " values (:key, :request, :content, 'pending', :now, :now)",
        {"key": event_key, "request": request_id, "content": content, "now": now().isoformat()},
    )


def append_delivered(
    tx: apsw.Connection, *, event_key: str, request_id: str, content: bytes, now: Now
) -> None:
    """Keeps in the same log an event that travels inside an answer (R001 is the SRR itself)."""
    append(tx, event_key=event_key, request_id=request_id, content=content, now=now)
    tx.execute(
        "update outbox set state = 'delivered', settled_at = ? where event_key = ?",
        (now().isoformat(), event_key),
    )


def send_again(tx: apsw.Connection, event_key: str) -> bool:
    """Puts a refused row back in its place in the line; False when there is no such refused row."""
    tx.execute(
        "update outbox set state = 'pending', reason = null where event_key = ? and state = 'refused'",
        (event_key,),
    )
    return tx.changes() == 1


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A row somebody may want to look at: waiting or refused."""

    event_key: str
    request_id: str
    state: str
    attempt_count: int
    created_at: str
    reason: str | None


def unsettled(tx: apsw.Connection, *, limit: int = 200) -> Iterator[Unsettled]:
    """What has not been delivered, oldest first."""
    rows = tx.execute(
        "select event_key, request_id, state, attempt_count, created_at, reason from outbox"
        " where state <> 'delivered' order by position limit ?",
        (limit,),
    )
    return (Unsettled(*row) for row in rows)


class OutboxSender:
    """The one task of a system that empties its outbox over one link."""

    def __init__(self, database: Database, send: Send, *, backoff: Backoff, now: Now) -> None:
        self._database, self._send, self._backoff, self._now = database, send, backoff, now
        self._work = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def wake(self) -> None:
        """Says that a row was appended; may be called from any thread, before or after `run`."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._work.set)

    async def run(self) -> None:
        """Sends until cancelled. While nobody answers the whole sender waits: one probe, not a storm."""
        self._loop = asyncio.get_running_loop()
        down_count = 0
        while True:
            self._work.clear()
            try:
                is_up = await self._send_next()
            except Exception as error:  # whatever broke, the row is still there and is tried again
                log.error("outbox sender failed", **where(error))
                is_up = False
            down_count = 0 if is_up else down_count + 1
            if not is_up:
                await asyncio.sleep(self._backoff.pause(down_count))

    async def _send_next(self) -> bool:
        """One row, or a wait when none is due; whether the link was found up."""
        row = await asyncio.to_thread(self._next_row)
        if row is not None:
            return await self._attempt(row)
        seconds = await asyncio.to_thread(self._next_due_seconds)
        with contextlib.suppress(TimeoutError):
            # not wait_for, which may swallow a cancellation that comes with the event (Python 3.11)
            async with asyncio.timeout(min(seconds, LOOK_AGAIN_SECONDS)):
                await self._work.wait()
        return True

    def _next_row(self) -> OutboxRow | None:
        with self._database.reading() as tx:
            found = tx.execute(NEXT_ROW, (self._now().isoformat(),)).fetchone()
        return OutboxRow(*found) if found else None

    def _next_due_seconds(self) -> float:
        with self._database.reading() as tx:
            due = tx.execute("select min(due_at) from outbox_head").get
        if not due:
            return LOOK_AGAIN_SECONDS
        return max(0.0, (datetime.fromisoformat(due) - self._now()).total_seconds())

    async def _attempt(self, row: OutboxRow) -> bool:
        """Whether anybody answered at the address, be the answer yes or no."""
        with correlated(row.request_id):
            try:
                answer = await self._send(row)
            except Refused as refused:
                log.error("outbox row refused", event_key=row.event_key, reason=refused.reason)
                await asyncio.to_thread(self._settle, row, "refused", refused.answer, refused.reason)
            except LinkError as failure:
                is_up = not isinstance(failure, NotConnected)
                await self._wait_its_turn(row, failure, failure.answer, failure.reason, alone=is_up)
                return is_up
            except Exception as error:  # a defect of ours: this row cannot be sent, the others can
                log.error("outbox row cannot be sent", event_key=row.event_key, **where(error))
                await self._wait_its_turn(row, error, b"", type(error).__name__, alone=True)
            else:
                log.info("outbox row delivered", event_key=row.event_key)
                await asyncio.to_thread(self._settle, row, "delivered", answer, None)
        return True

    async def _wait_its_turn(
        self, row: OutboxRow, failure: Exception, answer: bytes, reason: str, *, alone: bool
    ) -> None:
        """Leaves the row pending; `alone` while others go on, otherwise the whole sender waits."""
        log.warning("outbox row not delivered", event_key=row.event_key, failure=type(failure).__name__)
        pause = self._backoff.pause(row.attempt_count + 1) if alone else 0.0
        await asyncio.to_thread(self._settle, row, "pending", answer, reason, pause=pause)

    def _settle(
        self, row: OutboxRow, state: str, answer: bytes, reason: str | None, *, pause: float = 0.0
    ) -> None:
        """Writes down what came of an attempt; a row that has to wait holds back its own request only."""
        now = self._now()
        due_at = now + timedelta(seconds=pause)
        with self._database.transaction() as tx:
            tx.execute(
                "update outbox set state = ?, answer = ?, reason = ?, settled_at = ?, due_at = ?,"
                " attempt_count = attempt_count + 1 where position = ?",
                (state, answer, reason, now.isoformat(), due_at.isoformat(), row.position),
            )
