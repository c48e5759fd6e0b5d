"""Whether there is room for new messages, and what keeps them out when there is none.

Full queues empty themselves: their sources wait, and what is sent meanwhile stays with its sender. A disk
that comes to its end needs a person: senders hear so at once, while the engine can still say it.
"""

import asyncio
from typing import Literal, Protocol

import structlog

from ayni.wire.logging import where

log = structlog.get_logger()

WAITING_MAX = 2_000_000
"""Deliveries that wait, over all destinations: a day of a region. Beyond it sources are slowed, not memory
filled."""
FULL_SECONDS = 5.0
"""How long a sender is kept waiting while the queues are full before it is told to try later."""
LOOK_SECONDS = 0.5

Hindrance = Literal["", "queue-full", "disk-full"]


class Filling(Protocol):
    """What of a store can come to its end."""

    @property
    def is_short(self) -> bool: ...

    def look_at_disk(self) -> None: ...

    def waiting_count(self) -> int: ...


class Room:
    """The room in one engine's queues and on its disk, looked at twice a second."""

    def __init__(self, store: Filling) -> None:
        self._store = store
        self._has_places = asyncio.Event()
        self._has_places.set()

    @property
    def hindrance(self) -> Hindrance:
        """What keeps new messages out now, "" when nothing does."""
        if self._store.is_short:
            return "disk-full"
        return "" if self._has_places.is_set() else "queue-full"

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
                await asyncio.to_thread(self._store.look_at_disk)
                self._turn(is_full=await asyncio.to_thread(self._store.waiting_count) > WAITING_MAX)
            except Exception as error:  # a database that restarts says nothing new, and is asked again
                log.error("room not known", **where(error))
            await asyncio.sleep(LOOK_SECONDS)

    def _turn(self, *, is_full: bool) -> None:
        if is_full is self.is_queue_full():
            return
        if is_full:
            self._has_places.clear()
            log.warning("queues are full, sources wait")
        else:
            self._has_places.set()
            log.info("queues have places again")
