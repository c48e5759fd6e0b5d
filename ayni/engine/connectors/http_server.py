"""Serving HTTP to strangers: uvicorn with a time for a request's head, a number of connections, and TLS."""

import asyncio
import socket
import ssl
from typing import Any

import uvicorn
from starlette.requests import Request
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ayni.wire.keep_alive import watch
from ayni.wire.prompt_server import PromptServer

CONNECTIONS_MAX = 256
"""More senders than a region has; each may hold one body, so memory is bounded too."""
HEAD_SECONDS = 10.0
"""A request's head is a few hundred bytes; until it is there the connection holds a place."""
HANDSHAKE_SECONDS = 10.0
"""A TLS handshake takes two round trips, also over a satellite."""
SHUTDOWN_SECONDS = 5
"""Requests in hand get this long at the end."""


def certificate_of(request: Request) -> dict[str, Any]:
    """The sender's verified certificate, empty where none was asked for."""
    certificate: dict[str, Any] = getattr(request.state, "certificate", {})
    return certificate


class _Protocol(HttpToolsProtocol):
    """Tells the application the sender's certificate, and hangs up on whoever does not get to the point."""

    head_seconds = HEAD_SECONDS
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        watch(transport.get_extra_info("socket"))
        self._wait_for_head()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._wait_for_head()
        self.scope["state"]["certificate"] = self.transport.get_extra_info("peercert") or {}

    def on_headers_complete(self) -> None:
        self._stop_waiting()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        if self._patience is None:
            self._patience = self.loop.call_later(self.head_seconds, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


class _Server(PromptServer):
    """Makes its listener with our protocol."""

    def __init__(
        self,
        config: uvicorn.Config,
        listener: socket.socket,
        tls: ssl.SSLContext | None,
        head_seconds: float,
    ) -> None:
        super().__init__(config)
        self._listener, self._tls, self._head_seconds = listener, tls, head_seconds

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        server = await asyncio.get_running_loop().create_server(
            self._protocol,
            sock=self._listener,
            ssl=self._tls,
            ssl_handshake_timeout=HANDSHAKE_SECONDS if self._tls else None,
        )
        self.servers = [server]
        self.started = True

    def _protocol(self) -> _Protocol:
        made = _Protocol(config=self.config, server_state=self.server_state, app_state={})
        made.head_seconds = self._head_seconds
        return made


async def serve(
    app: ASGIApp,
    listener: socket.socket,
    stop: asyncio.Event,
    *,
    tls: ssl.SSLContext | None = None,
    head_seconds: float = HEAD_SECONDS,
) -> None:
    """Serves an ASGI app on a bound socket until `stop` is set."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # anybody may write X-Forwarded-For; the address that is real counts
        limit_concurrency=CONNECTIONS_MAX,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        lifespan="off",
        ws="none",
    )
    server = _Server(config, listener, tls, head_seconds)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.end()
    stopping.cancel()
    await serving
