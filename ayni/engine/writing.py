"""Group commit: one thread writes, and what several ask at the same moment shares one synced commit.

Each change is as durable as if it had a transaction of its own, because nobody hears of it before the
commit. A change that fails undoes nobody else's.
"""

import asyncio
import contextvars
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import apsw

from ayni.wire.database import Database

T = TypeVar("T")

WAITING_MAX = 10_000
"""Changes that wait for the disk. Beyond this the disk is stuck, and senders must hear so."""
GROUP_MAX = 512
"""Changes in one commit: far more than one sync needs to be shared by, few enough to answer soon."""


class StoreBusy(Exception):
    """Too many changes wait for the disk; nothing was written, the sender tries again."""


@dataclass(slots=True)
class _Waiting:
    """One change, who waits for it, and what came of it."""

    change: Callable[[apsw.Connection], Any]
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


class Writer:
    """The one writer of a database file for the event loop it was made on."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[_Waiting] = deque()
        self._changed = threading.Condition()
        self._is_open = True
        self._thread = threading.Thread(
            target=contextvars.copy_context().run, args=(self._run,), name="group-commit"
        )

    async def write(self, change: Callable[[apsw.Connection], T]) -> T:
        """What the change returned, once it is committed; raises what it raised, or StoreBusy."""
        waiting = _Waiting(change, self._loop.create_future())
        with self._changed:
            if len(self._waiting) >= WAITING_MAX:
                raise StoreBusy
            self._waiting.append(waiting)
            self._changed.notify()
            if self._thread.ident is None:  # a system that cannot start must not be kept by a thread
                self._thread.start()
        result: T = await waiting.future
        return result

    def close(self) -> None:
        """Writes what waits and ends the thread. Nobody may ask for more."""
        with self._changed:
            self._is_open = False
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while group := self._next_group():
            self._commit(group)
            self._loop.call_soon_threadsafe(_tell, group)

    def _next_group(self) -> list[_Waiting]:
        """What waits now; empty only at the end."""
        with self._changed:
            while self._is_open and not self._waiting:
                self._changed.wait()
            return [self._waiting.popleft() for _ in range(min(GROUP_MAX, len(self._waiting)))]

    def _commit(self, group: list[_Waiting]) -> None:
        try:
            with self._database.transaction() as tx:
                for waiting in group:
                    _apply(tx, waiting)
        except Exception as error:
            if len(group) == 1:
                group[0].error = error
                return
            for waiting in group:  # together they failed; each alone shows whose fault it was
                waiting.error = None
                self._commit([waiting])


def _apply(tx: apsw.Connection, waiting: _Waiting) -> None:
    """Runs one change. One that fails and leaves no trace fails alone; otherwise the group is undone."""
    written = tx.total_changes()
    try:
        waiting.result = waiting.change(tx)
    except Exception as error:
        if tx.total_changes() != written or not tx.in_transaction:  # a full disk undoes the whole group
            raise
        waiting.error = error


def _tell(group: list[_Waiting]) -> None:
    for waiting in group:
        if waiting.future.cancelled():
            continue
        if waiting.error is not None:
            waiting.future.set_exception(waiting.error)
        else:
            waiting.future.set_result(waiting.result)
