"""What a sender has under way, so that closing ends it and says the truth about it."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from ayni.wire.failure import NotConnected, OutcomeUnknown

log = structlog.get_logger()

CLOSE_SECONDS = 2.0
"""Ending a send is closing its connection; an engine that ends has a few seconds altogether."""


class Sends:
    """The sends of one sender. What `close` cuts off ends as unknown."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[bytes]] = set()
        self._is_closed = False

    async def run(self, sending: Coroutine[Any, Any, bytes]) -> bytes:
        """The answer the coroutine returns; raises OutcomeUnknown where `close` cut it off."""
        if self._is_closed:
            sending.close()
            raise NotConnected("the connector is closed")
        task = asyncio.create_task(sending)
        self._tasks.add(task)
        try:
            return await task
        except asyncio.CancelledError:
            if self._is_closed and not _is_cancelled():
                raise OutcomeUnknown("closed while it was sent") from None
            raise
        finally:
            self._tasks.discard(task)

    async def close(self) -> None:
        """Ends what is under way, takes nothing more, and leaves behind what does not hear so in time."""
        self._is_closed = True
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            _, deaf = await asyncio.wait(self._tasks, timeout=CLOSE_SECONDS)
            if deaf:
                log.warning("sends do not end", count=len(deaf))


def _is_cancelled() -> bool:
    """Whether the caller itself is to end, and not only what it waits for."""
    caller = asyncio.current_task()
    return caller is not None and caller.cancelling() > 0
