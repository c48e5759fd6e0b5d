"""The HTTP server's end: what is in hand is answered, what is idle is closed, what never ends is cut off."""

import asyncio
import email.utils
import time
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ayni.wire import prompt_server
from ayni.wire.prompt_server import PromptServer
from ayni.wire.serve import bind

MINUTE = 60


class Place:
    """A server whose one page answers when the gate is open."""

    def __init__(self) -> None:
        self.gate, self.is_asked = asyncio.Event(), asyncio.Event()
        config = uvicorn.Config(
            Starlette(routes=[Route("/", self._page)]),
            log_config=None,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        self.server, self._listener = PromptServer(config), bind("127.0.0.1", 0)
        self.port = self._listener.getsockname()[1]
        self.serving = asyncio.create_task(self.server.serve(sockets=[self._listener]))

    async def asks(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        await self.is_asked.wait()
        return reader, writer

    async def _page(self, request: Request) -> Response:
        self.is_asked.set()
        await self.gate.wait()
        return PlainTextResponse("answered")


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    made = Place()
    yield made
    made.server.end()
    await made.serving


async def test_what_is_in_hand_is_answered_and_then_the_line_is_closed(place: Place) -> None:
    reader, _ = await place.asks()
    place.server.end()
    await asyncio.sleep(0.02)
    assert not place.serving.done()
    place.gate.set()
    answer = await reader.read()
    assert answer.endswith(b"answered")
    await place.serving


async def test_an_idle_connection_keeps_nobody_waiting(place: Place) -> None:
    place.gate.set()
    reader, _ = await place.asks()
    await reader.readuntil(b"answered")
    place.server.end()
    await place.serving
    assert await reader.read() == b""


async def test_what_never_ends_is_cut_off(place: Place) -> None:
    reader, _ = await place.asks()
    place.server.end()
    await place.serving
    assert b"answered" not in await reader.read()


async def test_the_date_is_made_anew_while_nobody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompt_server, "DATE_SECONDS", 0.01)
    place = Place()
    place.gate.set()
    reader, writer = await place.asks()
    await reader.readuntil(b"answered")
    place.server.server_state.default_headers = [(b"date", b"Thu, 01 Jan 1970 00:00:00 GMT")]
    await asyncio.sleep(0.05)
    writer.write(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
    head = (await reader.readuntil(b"answered")).decode()
    said = email.utils.parsedate_to_datetime(head.partition("date: ")[2].partition("\r\n")[0])
    assert abs(said.timestamp() - time.time()) < MINUTE
    place.server.end()
    await place.serving
