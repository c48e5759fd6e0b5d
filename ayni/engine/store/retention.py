"""Retention: content goes first, the row later, and the space goes back to the disk, all between messages.

A pass works in slices. After each it rests twice as long as the slice took, so that pruning never has more
than a third of the writer's time, however much there is to prune. What waits or is under legal hold stays.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from ayni.engine.store.contract import Store
from ayni.wire.clock import Now
from ayni.wire.logging import where

log = structlog.get_logger()

SLICE = 50
"""Messages in one commit of the pruner: some milliseconds (measured: 2 to 6), which a sender whose message
shares that commit waits longer. Larger slices are hardly faster, because each row is deleted by itself."""
REST_FACTOR = 2.0
REST_SECONDS_MIN = 0.002
PASS_SECONDS = 60.0
"""A day of a million messages is seven hundred a minute."""
FREE_PAGES_KEPT = 2_000
"""8 MB that the next messages fill again; giving them back would only move pages to and fro."""
ANEW = timedelta(days=1)
"""How often content is looked for from the first message on: a hold was lifted, a stalled one was decided."""

T = TypeVar("T")
Prune = Callable[..., Awaitable[list[int]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What was done since the engine started. `free_pages` are those of the file; `passed_at`: when a pass
    last came to its end."""

    forgotten: int = 0
    deleted: int = 0
    slices: int = 0
    slice_seconds_max: float = 0.0
    free_pages: int = 0
    passed_at: datetime | None = None


class Retention:
    """Forgets content after `content_days` and messages after `message_days`; None keeps for ever."""

    def __init__(
        self, store: Store, now: Now, *, content_days: float | None, message_days: float | None
    ) -> None:
        if content_days is not None and message_days is not None and content_days > message_days:
            raise ValueError("content cannot be kept longer than its message")
        self.progress = Progress()
        self._store, self._now = store, now
        self._content_days, self._message_days = content_days, message_days
        self._content_after, self._anew_at = 0, now()

    async def run(self) -> None:
        """Passes for ever; a pass that fails is tried again."""
        while True:
            try:
                await self.once()
            except Exception as error:  # a full disk, a database that restarts: it is there again later
                log.error("retention failed", **where(error))
            await asyncio.sleep(PASS_SECONDS)

    async def once(self) -> Progress:
        """One pass: everything whose time is over when it begins."""
        began = self.progress
        await self._forget()
        await self._delete()
        await self._give_back()
        self.progress = replace(self.progress, passed_at=self._now())
        ended = self.progress
        forgotten, deleted = ended.forgotten - began.forgotten, ended.deleted - began.deleted
        if forgotten or deleted:
            log.info("messages pruned", forgotten=forgotten, deleted=deleted)
        return ended

    async def _forget(self) -> None:
        if self._content_days is None:
            return
        if self._now() >= self._anew_at:
            self._content_after, self._anew_at = 0, self._now() + ANEW
        async for found in self._slices(self._store.forget_content, self._content_days, self._content_after):
            self._content_after = found[-1]
            self.progress = replace(self.progress, forgotten=self.progress.forgotten + len(found))

    async def _delete(self) -> None:
        if self._message_days is None:
            return
        async for found in self._slices(self._store.delete_messages, self._message_days, 0):
            self.progress = replace(self.progress, deleted=self.progress.deleted + len(found))

    async def _slices(self, prune: Prune, days: float, after_id: int) -> AsyncIterator[list[int]]:
        before = self._now() - timedelta(days=days)
        while found := await self._slice(prune(after_id=after_id, before=before, limit=SLICE)):
            after_id = found[-1]
            yield found

    async def _give_back(self) -> None:
        """Until few pages are free, or no more become so: a reader may still see the old end of the file."""
        free, before = await self._slice(self._store.give_back_space()), 0
        while free > FREE_PAGES_KEPT and free != before:
            free, before = await self._slice(self._store.give_back_space()), free
        self.progress = replace(self.progress, free_pages=free)

    async def _slice(self, work: Awaitable[T]) -> T:
        """One commit, and then the others' turn."""
        started = time.perf_counter()
        found = await work
        took = time.perf_counter() - started
        self.progress = replace(
            self.progress,
            slices=self.progress.slices + 1,
            slice_seconds_max=max(self.progress.slice_seconds_max, took),
        )
        await asyncio.sleep(max(REST_SECONDS_MIN, took * REST_FACTOR))
        return found
