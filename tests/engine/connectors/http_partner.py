"""A partner's HTTP server, real, whose answers a test chooses."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

from ayni.wire.serve import bind

LOST = 0


class HttpPartner:
    """Takes content under its `Idempotency-Key`, the same one once. A script holds (status, body)."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.script: list[tuple[int, bytes]] = []
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.kept: dict[str, bytes] = {}
        self.answer = (200, b"taken")
        self.media_type = "text/plain"
        self.headers: dict[str, str] = {}
        self.gate = asyncio.Event()
        self.gate.set()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def said(self, raw: bytes) -> tuple[int, bytes]:
        """The answer to what it takes."""
        return self.answer

    def name_of(self, headers: Mapping[str, str], raw: bytes) -> str:
        """By what it knows that a message comes again."""
        return headers.get("Idempotency-Key", "")

    def content(self, text: str) -> bytes:
        return text.encode()

    def taken(self) -> list[bytes]:
        return list(self.kept.values())

    async def says_no(self) -> None:
        self.script.append((422, b"no"))

    async def says_later(self) -> None:
        self.script.append((503, b"later"))

    async def loses_its_answer(self) -> None:
        self.script.append((LOST, b""))

    async def is_silent(self) -> None:
        self.gate.clear()

    async def up(self) -> None:
        app = web.Application(client_max_size=1 << 22)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.SockSite(self._runner, bind("127.0.0.1", self.port)).start()

    async def down(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner = None

    async def _handle(self, request: web.Request) -> web.Response:
        self.requests.append((request.method, request.path_qs, dict(request.headers)))
        raw = await request.read()
        status, body = self.script.pop(0) if self.script else self.said(raw)
        if status in (LOST, *range(200, 300)):
            self.kept.setdefault(self.name_of(request.headers, raw), raw)
        await self.gate.wait()
        if status == LOST and request.transport is not None:
            request.transport.abort()
        return web.Response(
            status=status or 500, body=body, content_type=self.media_type, headers=self.headers
        )


@asynccontextmanager
async def http_partner(port: int) -> AsyncIterator[HttpPartner]:
    """A partner that is there until the block ends."""
    partner = HttpPartner(port)
    await partner.up()
    try:
        yield partner
    finally:
        partner.gate.set()
        await partner.down()
