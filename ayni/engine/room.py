"""Whether there is room for new messages, and what keeps them out when there is none.

Full queues empty themselves: their sources wait, and what is sent meanwhile stays with its sender. A disk
that comes to its end needs a person, and so does a database that was told to keep less than it promises:
senders hear so at once, while the engine can still say it.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Literal, Protocol

import structlog

from ayni.wire.database import UnsafeStorage
from ayni.wire.logging import where

log = structlog.get_logger()

WAITING_MAX = 2_000_000
"""Deliveries that wait, over all destinations: a day of a region. Beyond it sources are slowed, not memory
filled."""
FULL_SECONDS = 5.0
"""How long a sender is kept waiting while the queues are full before it is told to try later."""
LOOK_SECONDS = 0.5
ATTEST_SECONDS = 60.0
"""How often a database is asked again on what its durability stands: its settings may change under way."""

Hindrance = Literal["", "queue-full", "disk-full", "store-unsafe"]


class Filling(Protocol):
    """What of a store can come to its end, or turn out to be unsafe."""

    @property
    def is_short(self) -> bool: ...

    def look_at_disk(self) -> None: ...

    def waiting_count(self) -> int: ...

    def attestation(self) -> Mapping[str, str]: ...


class Room:
    """The room in one engine's queues and on its disk, looked at twice a second."""

    def __init__(self, store: Filling) -> None:
        self._store = store
        self._has_places = asyncio.Event()
        self._has_places.set()
        self._is_safe = self._is_known = True
        self._attest_at = time.monotonic() + ATTEST_SECONDS

    @property
    def hindrance(self) -> Hindrance:
        """What keeps new messages out now, "" when nothing does."""
        if not self._is_safe:
            return "store-unsafe"
        if self._store.is_short:
            return "disk-full"
        return "" if self._has_places.is_set() else "queue-full"

    @property
    def is_open(self) -> bool:
        """Whether nothing keeps new messages out."""
        return self._is_safe and not self._store.is_short and self._has_places.is_set()

    def is_queue_full(self) -> bool:
        """Whether sources are to wait."""
        return not self._has_places.is_set()

    async def found(self) -> Hindrance:
        """What keeps a message out that came now; one that finds full queues is kept waiting for a while."""
        if self._store.is_short:  # there may be room since the last look: this sender need not come again
            await asyncio.to_thread(self._store.look_at_disk)
        if self.hindrance == "queue-full":
            try:
                async with asyncio.timeout(FULL_SECONDS):
                    await self._has_places.wait()
            except TimeoutError:
                return "queue-full"
        return self.hindrance

    async def watch(self) -> None:
        """Looks for ever."""
        while True:
            try:
                self._turn(is_full=await asyncio.to_thread(self._look))
                self._is_known = True
            except Exception as error:  # a database that restarts says nothing new, and is asked again
                if self._is_known:
                    log.error("room not known", **where(error))
                self._is_known = False
            await asyncio.sleep(LOOK_SECONDS)

    def _look(self) -> bool:
        """Whether the queues are full."""
        self._store.look_at_disk()
        if time.monotonic() >= self._attest_at:
            self._attest()
        return self._store.waiting_count() > WAITING_MAX

    def _attest(self) -> None:
        was_safe, reason = self._is_safe, ""
        try:
            self._store.attestation()
        except UnsafeStorage as error:
            reason = str(error)
        self._is_safe, self._attest_at = not reason, time.monotonic() + ATTEST_SECONDS
        if was_safe and reason:
            log.critical("store is not safe any more, nothing new is taken", reason=reason)
        elif self._is_safe and not was_safe:
            log.warning("store is safe again")

    def _turn(self, *, is_full: bool) -> None:
        if is_full is self.is_queue_full():
            return
        if is_full:
            self._has_places.clear()
            log.warning("queues are full, sources wait")
        else:
            self._has_places.set()
            log.info("queues have places again")
