"""The network between an engine and its database: a relay that can be cut, silenced, or lose answers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

READ_BYTES = 1 << 16


class Cable:
    """Relays every connection to a port of this host to another one."""

    def __init__(self, to_port: int) -> None:
        self.port = 0
        self._to_port = to_port
        self._is_cut = False
        self._asks, self._answers = asyncio.Event(), asyncio.Event()
        self._asks.set()
        self._answers.set()
        self._calls: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def relaying(self) -> AsyncIterator[None]:
        """Relays while the block lasts."""
        server = await asyncio.start_server(self._greet, "127.0.0.1", 0)
        self.port = int(server.sockets[0].getsockname()[1])
        try:
            yield
        finally:
            server.close()
            await self._hang_up()

    async def cut(self, seconds: float) -> None:
        """Every connection ends, and nobody is let through for a while."""
        self._is_cut = True
        await self._hang_up()
        await asyncio.sleep(seconds)
        self._is_cut = False

    async def be_silent(self, seconds: float) -> None:
        """Nothing passes in either direction, and nobody is told."""
        self._asks.clear()
        self._answers.clear()
        await asyncio.sleep(seconds)
        self._asks.set()
        self._answers.set()

    async def lose_answers(self, seconds: float) -> None:
        """What is asked arrives; what is answered does not, and then every connection ends."""
        self._answers.clear()
        await asyncio.sleep(seconds)
        await self._hang_up()
        self._answers.set()

    def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        call = asyncio.get_running_loop().create_task(self._relay(reader, writer))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def _hang_up(self) -> None:
        for each in list(self._calls):
            each.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self._is_cut:
                return
            from_server, to_server = await asyncio.open_connection("127.0.0.1", self._to_port)
            try:
                await _either(
                    _passed(reader, to_server, self._asks), _passed(from_server, writer, self._answers)
                )
            finally:
                to_server.transport.abort()
        except OSError:
            pass  # the server is away: so is the connection
        finally:
            writer.transport.abort()


async def _either(*ways: Coroutine[Any, Any, None]) -> None:
    """Ends both ways with the first that ends."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: asyncio.Event) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(READ_BYTES):
            await way.wait()
            writer.write(data)
            await writer.drain()
