"""The two peers that keep nothing: the sink behind the engine, and the echo that shows what MLLP alone can
do.

`python -m ayni.engine.bench.peers sink PORT` answers AA to every message at once.
`python -m ayni.engine.bench.peers echo PORT` is our own MLLP listener with a handler that does nothing.
"""

import asyncio
import sys
from typing import cast

import uvloop

from ayni.engine.bench.workload import accepted
from ayni.wire.mllp import END, MllpServer
from ayni.wire.serve import bind

CONTROL_ID_FIELD = 9
HOST = "127.0.0.1"


class Sink(asyncio.Protocol):
    """One connection of the sink."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self._waiting = cast("asyncio.WriteTransport", transport), b""

    def data_received(self, data: bytes) -> None:
        *messages, self._waiting = (self._waiting + data).split(END)
        self._transport.write(b"".join(accepted(_control_id(each)) for each in messages))


def _control_id(message: bytes) -> bytes:
    return message.partition(b"\r")[0].split(b"|")[CONTROL_ID_FIELD]


async def _sink(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Sink, HOST, port)
    await server.serve_forever()


async def _echo(port: int) -> None:
    async def handle(raw: bytes) -> bytes:
        return accepted(_control_id(raw))[1 : -len(END)]

    async with MllpServer(handle, lambda head: b"").listening(bind(HOST, port)):
        await asyncio.Event().wait()


def main(kind: str, port: str) -> None:
    """Serves until it is ended."""
    uvloop.run({"sink": _sink, "echo": _echo}[kind](int(port)))


if __name__ == "__main__":
    main(*sys.argv[1:])
