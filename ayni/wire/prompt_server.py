"""uvicorn's server, ended when it is told to. Its own loop looks around only every tenth of a second."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn

DATE_SECONDS = 1.0
"""The Date header tells seconds (RFC 9110, 6.6.1)."""
LOOK_SECONDS = 0.005
"""Connections end one after the other and tell nobody."""


class PromptServer(uvicorn.Server):
    """Ends at `end`, and leaves signals to the process: it may have several listeners that must all stop."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._told = asyncio.Event()

    def end(self) -> None:
        """Takes nothing more; requests in hand have `timeout_graceful_shutdown` to be answered."""
        self.should_exit = True
        self._told.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(DATE_SECONDS):
                    await self._told.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for each in sockets or []:
            each.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        try:
            async with asyncio.timeout(self.config.timeout_graceful_shutdown):
                await self._answered()
        except TimeoutError:
            for task in self.server_state.tasks:
                task.cancel()

    async def _answered(self) -> None:
        """Returns once no request is in hand and every connection is closed."""
        while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110 - they tell nobody
            await asyncio.sleep(LOOK_SECONDS)
        for server in self.servers:
            await server.wait_closed()
