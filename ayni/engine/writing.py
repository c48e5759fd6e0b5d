"""Group commit: what several ask at the same moment shares one synced commit.

Each change is as durable as if it had a transaction of its own, because nobody hears of it before the
commit. A change that fails undoes nobody else's.

The changes of a local file are made on the event loop's own thread, a few microseconds each, and only the
sync waits in another: two threads that both want the interpreter for every statement are a third slower
(measured in docs/decisions/0009). A database behind a socket is spoken to in the other thread altogether.
"""

import asyncio
import contextvars
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Protocol, TypeVar

import apsw
import structlog

from ayni.engine.failpoint import failpoint
from ayni.engine.observability.meter import SILENT, Meter
from ayni.engine.store.transaction import Transaction
from ayni.wire.logging import where

log = structlog.get_logger()

T = TypeVar("T")

WAITING_MAX = 10_000
"""Changes that wait for the disk. Beyond this the disk is stuck, and senders must hear so."""
GROUP_MAX = 512
"""Changes in one commit: far more than one sync needs to be shared by, few enough to answer soon."""

FULL = (apsw.SQLITE_FULL, apsw.SQLITE_IOERR_SHMSIZE)
"""The disk has come to its end."""
SYNC_FAILED = (apsw.SQLITE_IOERR_FSYNC, apsw.SQLITE_IOERR_DIR_FSYNC)
"""The system may have dropped what it could not write and call it clean: trying again proves nothing."""


class StoreBusy(Exception):
    """Too many changes wait for the disk; nothing was written, the sender tries again."""


class Writable(Protocol):
    """A database that gives one transaction after another."""

    is_local: bool

    def begin(self) -> Transaction: ...

    def commit(self) -> None:
        """Everything synced."""
        ...

    def rollback(self) -> None: ...

    def total_changes(self) -> int:
        """A number that grows with everything written; tells whether a failed change left a trace."""
        ...

    @property
    def is_open(self) -> bool:
        """Whether the transaction still stands: a full disk undoes it."""
        ...


class Told(Protocol):
    """Hears, on the loop, what came of a change."""

    def __call__(self, *, is_committed: bool) -> None: ...


def unheard(*, is_committed: bool) -> None:
    """Only who asked wants to know."""


@dataclass(slots=True)
class Waiting:
    """One change, who waits for it, and what came of it."""

    change: Callable[[Transaction], Any]
    future: asyncio.Future[Any]
    told: Told
    result: Any = None
    error: BaseException | None = None

    def succeeded(self, result: Any) -> None:
        """What failed before, and was undone, says nothing about this time."""
        self.result, self.error = result, None


def nothing() -> None:
    """Nothing can be done."""


class Writer:
    """The one writer of a database for the event loop it was made on.

    `make_room` is called when a write found the disk full, before what failed together is tried one by one.
    """

    def __init__(self, database: Writable, make_room: Callable[[], None] = nothing) -> None:
        self._database, self._make_room = database, make_room
        self.meter: Meter = SILENT
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Waiting] = deque()
        self._is_busy = False
        self._to_sync: SimpleQueue[_Group | None] = SimpleQueue()
        self._thread = threading.Thread(
            target=contextvars.copy_context().run, args=(self._run,), name="group-commit"
        )

    async def write(self, change: Callable[[Transaction], T], told: Told = unheard) -> T:
        """What the change returned, once it is committed; raises what it raised, or StoreBusy.

        `told` hears on the loop whether it was committed, also when who asked waits no longer.
        """
        if len(self._waiting) >= WAITING_MAX:
            raise StoreBusy
        waiting = Waiting(change, self._loop.create_future(), told)
        self._waiting.append(waiting)
        if not self._is_busy:
            self._is_busy = True
            self._loop.call_soon(self._begin)
        result: T = await waiting.future
        return result

    @property
    def waiting_count(self) -> int:
        """Changes that wait for the next commit."""
        return len(self._waiting)

    async def close(self) -> None:
        """Writes what waits and ends the thread. Nobody may ask for more."""
        while self._is_busy:  # noqa: ASYNC110 - once in a life, not worth an event
            await asyncio.sleep(CLOSING_LOOK_SECONDS)
        self._to_sync.put(None)
        if self._thread.ident is not None:
            await asyncio.to_thread(self._thread.join)

    def _begin(self) -> None:
        """Takes what waits as one group; what comes while it is synced is the next."""
        if not self._waiting:
            self._is_busy = False
            return
        changes = [self._waiting.popleft() for _ in range(min(GROUP_MAX, len(self._waiting)))]
        is_open = self._database.is_local and self._apply(changes)
        if self._thread.ident is None:  # a system that cannot start must not be kept by a thread
            self._thread.start()
        self._to_sync.put(_Group(changes, is_open))

    def _run(self) -> None:
        while (group := self._to_sync.get()) is not None:
            self._sync(group)
            self._loop.call_soon_threadsafe(self._synced, group)

    def _synced(self, group: "_Group") -> None:
        self._begin()
        _tell(group.changes)
        failpoint("told")

    def _sync(self, group: "_Group") -> None:
        if (group.is_open or self._apply(group.changes)) and self._commit(group.changes):
            return
        for waiting in group.changes:  # together they failed; each alone shows whose fault it was
            if self._apply([waiting]):
                self._commit([waiting])

    def _apply(self, changes: list[Waiting]) -> bool:
        """Makes the changes in one transaction and leaves it open; False when nothing is left of it."""
        failpoint("applying")
        try:
            self._make_all(self._database.begin(), changes)
        except Exception as error:
            self._undo(changes, error)
            return False
        failpoint("applied")
        return True

    def _make_all(self, tx: Transaction, changes: list[Waiting]) -> None:
        for waiting in changes:
            self._make(tx, waiting)
        tx.write_tallies()

    def _make(self, tx: Transaction, waiting: Waiting) -> None:
        """Makes one change. One that fails and leaves no trace fails alone; otherwise the group is undone."""
        written = self._database.total_changes()
        try:
            waiting.succeeded(waiting.change(tx))
        except Exception as error:
            left_a_trace = self._database.total_changes() != written or not self._database.is_open
            if left_a_trace or _is_full(error):
                raise
            waiting.error = error

    def _commit(self, changes: list[Waiting]) -> bool:
        started = time.perf_counter()
        try:
            self._database.commit()
        except Exception as error:
            self._undo(changes, error)
            return False
        failpoint("committed")
        self.meter.committed(time.perf_counter() - started, len(changes))
        return True

    def _undo(self, changes: list[Waiting], error: Exception) -> None:
        if getattr(error, "extendedresult", None) in SYNC_FAILED:
            end_at_once(error)
        changes[0].error = error
        self._database.rollback()
        if _is_full(error):
            self._make_room()


def _is_full(error: Exception) -> bool:
    return getattr(error, "extendedresult", None) in FULL


CLOSING_LOOK_SECONDS = 0.01


def end_at_once(error: Exception) -> None:
    """Ends the process without a word to any sender; a new one reads what the disk really holds."""
    log.critical("disk did not keep what was written, ending", **where(error))
    os._exit(os.EX_IOERR)


@dataclass(frozen=True, slots=True)
class _Group:
    """Changes that share a commit. `is_open`: they are made, and only the sync is missing."""

    changes: list[Waiting]
    is_open: bool


def _tell(group: list[Waiting]) -> None:
    for waiting in group:
        waiting.told(is_committed=waiting.error is None)
        if waiting.future.cancelled():
            continue
        if waiting.error is not None:
            waiting.future.set_exception(waiting.error)
        else:
            waiting.future.set_result(waiting.result)
