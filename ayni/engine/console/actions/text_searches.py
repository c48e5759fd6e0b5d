"""Full-text searches: each reads every original, so it runs beside the request that asked, tells how far it
is, and ends when nobody wants it any more. What was searched for stays in memory and is written nowhere."""

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import structlog
from starlette.concurrency import run_in_threadpool

from ayni.engine.console.problems import Problem
from ayni.engine.console.shown.messages import page_of
from ayni.engine.console.shown.resources import MessagePage, TextSearch
from ayni.engine.store.contract import Question, Store
from ayni.wire.logging import where

log = structlog.get_logger()

AT_ONCE = 2
"""Each keeps a thread and the disk busy."""
KEPT_SECONDS = 600.0
"""Who has not asked for so long has gone away."""
KEPT_MAX = 20


@dataclass(slots=True)
class Search:
    """One search of one person."""

    id: str
    owner: str
    question: Question
    of: int
    asked_at: float
    state: Literal["waiting", "running", "done", "cancelled", "failed"] = "waiting"
    read: int = 0
    found: MessagePage = field(default_factory=lambda: MessagePage(messages=[]))
    task: asyncio.Task[None] | None = None
    is_looked_at: bool = False

    @property
    def is_over(self) -> bool:
        return self.state in ("done", "cancelled", "failed")


class TextSearches:
    """The searches of this engine's console, by number. Every method is called on the engine's loop."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store, self._clock = store, clock
        self._searches: dict[str, Search] = {}
        self._turn = asyncio.Semaphore(AT_ONCE)

    def begin(self, owner: str, question: Question, *, of: int) -> TextSearch:
        """Starts a search; raises Problem when too many are kept already."""
        self._forget_old()
        if len(self._searches) >= KEPT_MAX:
            raise Problem("searches-full", 429)
        search = Search(secrets.token_urlsafe(9), owner, question, of, self._clock())
        self._searches[search.id] = search
        search.task = asyncio.create_task(self._run(search))
        return _shown(search)

    def find(self, owner: str, number: str) -> TextSearch:
        """How far a search is; raises Problem when this person has none of that number."""
        return _shown(self._of(owner, number))

    def question(self, owner: str, number: str) -> Question:
        """What is searched for."""
        return self._of(owner, number).question

    def is_looked_at(self, owner: str, number: str) -> bool:
        """Whether what was found has been shown before, and that was written down."""
        return self._of(owner, number).is_looked_at

    def looked_at(self, owner: str, number: str) -> None:
        """Notes that it was."""
        self._of(owner, number).is_looked_at = True

    def cancel(self, owner: str, number: str) -> TextSearch:
        """Ends a search at its next look; one that is over is forgotten."""
        search = self._of(owner, number)
        if search.is_over:
            del self._searches[search.id]
        else:
            search.state = "cancelled"
        return _shown(search)

    async def ended(self, owner: str, number: str) -> TextSearch:
        """The search, once it is over."""
        search = self._of(owner, number)
        if search.task is not None:
            await asyncio.wait([search.task])
        return _shown(search)

    async def close(self) -> None:
        """Ends every search."""
        for search in self._searches.values():
            search.state = "cancelled"
        await asyncio.gather(*(search.task for search in self._searches.values() if search.task))

    def _of(self, owner: str, number: str) -> Search:
        search = self._searches.get(number)
        if search is None or search.owner != owner:
            raise Problem("search-gone", 404)
        search.asked_at = self._clock()
        return search

    async def _run(self, search: Search) -> None:
        async with self._turn:
            if search.is_over:
                return
            search.state = "running"
            try:
                found = await run_in_threadpool(self._found, search)
            except Exception as error:
                log.error("text search failed", **where(error))
                search.state = "failed"
                return
            if search.state == "running":
                search.found, search.state = found, "done"
                search.read = search.read if found.next_before_id else search.of

    def _found(self, search: Search) -> MessagePage:
        def go_on(read: int) -> bool:
            search.read = read
            return search.state == "running" and not self._is_old(search)

        return page_of(self._store, search.question, progress=go_on)

    def _forget_old(self) -> None:
        for search in list(self._searches.values()):
            if self._is_old(search):
                search.state = "cancelled"
                del self._searches[search.id]

    def _is_old(self, search: Search) -> bool:
        return self._clock() - search.asked_at > KEPT_SECONDS


def _shown(search: Search) -> TextSearch:
    return TextSearch(
        id=search.id,
        state=search.state,
        read=search.read,
        of=search.of,
        messages=search.found.messages,
        next_before_id=search.found.next_before_id,
    )
