"""Looking at a place again and again: what every source does alike that is not spoken to."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Protocol

import structlog

from ayni.engine.connectors.contract import Arrived, Receive, Verdict
from ayni.engine.errors import ContentError
from ayni.wire.logging import where

log = structlog.get_logger()


class Place(Protocol):
    """Where messages lie until somebody takes them. Whatever it raises means that it is out of reach."""

    def look(self) -> AsyncGenerator[Arrived, None]:
        """What is ready now, in the order to take it. Each one is settled before the next is asked for."""
        ...

    async def taken(self, arrived: Arrived) -> None:
        """The engine has the one that was yielded last: it must not be found again."""
        ...

    async def refused(self, arrived: Arrived, error: ContentError | None) -> None:
        """The one that was yielded last would be refused again: it goes where a person finds it."""
        ...

    async def close(self) -> None:
        """Nobody looks any more; a later look may open what it needs again."""
        ...


class PollingSource:
    """A source that looks at a place every so many seconds."""

    def __init__(self, place: Place, *, every_seconds: float, channel: str) -> None:
        self._place, self._every_seconds, self._channel = place, every_seconds, channel

    @asynccontextmanager
    async def running(self, receive: Receive) -> AsyncIterator[None]:
        """Looks while the block lasts; leaving waits for the one message that may be in hand."""
        rounds = _Rounds(self._place, receive, self._every_seconds, self._channel)
        task = asyncio.create_task(rounds.run())
        try:
            yield
        finally:
            await rounds.leave(task)
            await self._place.close()


class _Rounds:
    """The looks of one running block."""

    def __init__(self, place: Place, receive: Receive, every_seconds: float, channel: str) -> None:
        self._place, self._receive, self._every_seconds = place, receive, every_seconds
        self._log = log.bind(channel=channel)
        self._leaving = asyncio.Event()
        self._has_in_hand = False
        self._is_lost = False

    async def run(self) -> None:
        while not self._leaving.is_set():
            await self._look()
            try:
                async with asyncio.timeout(self._every_seconds):
                    await self._leaving.wait()
            except TimeoutError:
                continue

    async def leave(self, task: asyncio.Task[None]) -> None:
        self._leaving.set()
        if not self._has_in_hand:
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def _look(self) -> None:
        try:
            async with aclosing(self._place.look()) as ready:
                async for arrived in ready:
                    if not await self._settle(arrived) or self._leaving.is_set():
                        break
        except Exception as error:  # whatever keeps us from the place, a later look may find it
            self._lost(error)
        else:
            self._found()

    async def _settle(self, arrived: Arrived) -> bool:
        """Whether the engine has room for the next one."""
        self._has_in_hand = True
        try:
            verdict = await self._ask(arrived)
            if verdict.is_taken:
                await self._place.taken(arrived)
            elif verdict.state == "refused":
                await self._place.refused(arrived, verdict.error)
            return verdict.state != "not-kept"
        finally:
            self._has_in_hand = False

    async def _ask(self, arrived: Arrived) -> Verdict:
        try:
            return await self._receive(arrived)
        except Exception as error:  # nothing was promised: it stays where it is
            self._log.error("message not kept", **where(error))
            return Verdict(state="not-kept")

    def _lost(self, error: Exception) -> None:
        if not self._is_lost:
            self._log.warning("source out of reach, looks again", **where(error))
        self._is_lost = True

    def _found(self) -> None:
        if self._is_lost:
            self._log.info("source in reach again")
        self._is_lost = False
