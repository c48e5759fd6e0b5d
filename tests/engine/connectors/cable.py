"""A line between a connector and a real server, which a test can cut at the moment that matters."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from ayni.wire.serve import bind

Fault = Literal["", "lose", "hold"]


class Cable:
    """Carries bytes both ways. After a request with `marker` in it the answer is lost or held once."""

    def __init__(self, port: int, server_port: int, marker: bytes) -> None:
        self.port, self._server_port, self._marker = port, server_port, marker
        self.fault: Fault = ""
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def plug(self) -> None:
        self._server = await asyncio.start_server(self._carry, sock=bind("127.0.0.1", self.port))

    async def unplug(self) -> None:
        if self._server is not None:
            self._server.close()
        for end in self._ends:
            end.transport.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._server_port)
        line = _Line(self)
        self._ends |= {writer, back}
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await asyncio.gather(line.ask(reader, back, self._marker), line.answer(there, writer))
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()
            back.transport.abort()
            self._ends -= {writer, back}
            self._tasks.discard(task)


class _Line:
    """One connection over the cable."""

    def __init__(self, cable: Cable) -> None:
        self._cable = cable
        self._fault: Fault = ""

    async def ask(self, reader: asyncio.StreamReader, back: asyncio.StreamWriter, marker: bytes) -> None:
        while data := await reader.read(1 << 16):
            if marker in data:
                self._fault, self._cable.fault = self._cable.fault, ""
            back.write(data)
        raise ConnectionResetError

    async def answer(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await there.read(1 << 16):
            if self._fault == "lose":
                break
            if self._fault == "hold":
                continue
            writer.write(data)
        raise ConnectionResetError


@asynccontextmanager
async def cable(port: int, server_port: int, *, marker: bytes) -> AsyncIterator[Cable]:
    """A cable that is plugged until the block ends."""
    made = Cable(port, server_port, marker)
    await made.plug()
    try:
        yield made
    finally:
        await made.unplug()
