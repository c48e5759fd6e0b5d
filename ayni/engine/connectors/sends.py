"""What a sender has under way, so that closing ends it and says the truth about it."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from ayni.wire.failure import NotConnected, OutcomeUnknown


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
        """Ends what is under way and takes nothing more."""
        self._is_closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _is_cancelled() -> bool:
    """Whether the caller itself is to end, and not only what it waits for."""
    caller = asyncio.current_task()
    return caller is not None and caller.cancelling() > 0
