"""The gate of a listener: while the system behind it is full, nothing is read and TCP slows the senders."""

import asyncio
from collections.abc import Callable

import structlog

log = structlog.get_logger()

FULL_PROBE_SECONDS = 0.05
"""How soon it is noticed on silent connections that there is no room, and on all that there is room again."""


class Gate:
    """Shut while `is_full` says so. `turned` is called at each change."""

    def __init__(self, is_full: Callable[[], bool] | None, turned: Callable[[], None]) -> None:
        self._is_full, self._turned = is_full, turned
        self._open = asyncio.Event()
        self._open.set()
        self.is_shut = False

    def ask(self) -> bool:
        """Whether it is shut now; asked before each message, so that nothing is begun without room."""
        if self._is_full is not None and self._is_full() != self.is_shut:
            self._turn()
        return self.is_shut

    async def opened(self) -> None:
        """Waits until there is room."""
        await self._open.wait()

    async def watch(self) -> None:
        """Asks again and again, for ever."""
        while self._is_full is not None:
            await asyncio.sleep(FULL_PROBE_SECONDS)
            self.ask()

    def remove(self) -> None:
        """Opens for good: a listener that stops must not wait for room."""
        self._is_full = None
        if self.is_shut:
            self._turn()

    def _turn(self) -> None:
        self.is_shut = not self.is_shut
        if self.is_shut:
            self._open.clear()
            log.warning("mllp listener full, reading stops")
        else:
            self._open.set()
            log.info("mllp listener reads again")
        self._turned()
