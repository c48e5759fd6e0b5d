"""The engine's HTTP servers: one for each port, with the routes of the channels that share it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from ayni.engine.connectors.http_server import HEAD_SECONDS, serve
from ayni.engine.connectors.tls import ListenerTls
from ayni.wire.failure import CannotStart

RETRY_SECONDS = 5

_nowhere = PlainTextResponse("Not Found", status_code=404)
_resting = PlainTextResponse("", status_code=503, headers={"Retry-After": str(RETRY_SECONDS)})


class WebServers:
    """Starts a server with the first route of a port and keeps it until the engine ends.

    A channel that is deployed anew takes its route away and mounts another; nobody else notices. Meanwhile
    its senders hear 503, not 404: they shall come again.
    """

    def __init__(self, bound: Callable[[int], socket.socket], *, head_seconds: float = HEAD_SECONDS) -> None:
        self._bound, self._head_seconds = bound, head_seconds
        self._stop = asyncio.Event()
        self._ports: dict[int, _Port] = {}
        self._serving: list[asyncio.Task[None]] = []

    @asynccontextmanager
    async def mounted(
        self, port: int, route: BaseRoute, *, tls: ListenerTls | None = None
    ) -> AsyncIterator[None]:
        """Serves a route while the block lasts; leaving waits for its requests in hand.

        Raises CannotStart where the path is another channel's, or the port is served with other TLS files.
        """
        async with self._port(port, tls).mounted(route):
            yield

    def _port(self, port: int, tls: ListenerTls | None) -> "_Port":
        if port not in self._ports:
            listener = self._bound(port)
            self._ports[port] = _Port(tls)
            self._serving.append(asyncio.create_task(self._serve(self._ports[port], listener)))
        if self._ports[port].tls != tls:
            raise CannotStart(f"port {port} is shared: declare the same TLS files, or take another port")
        return self._ports[port]

    async def _serve(self, app: "_Port", listener: socket.socket) -> None:
        context = app.tls.context if app.tls else None
        await serve(app, listener, self._stop, tls=context, head_seconds=self._head_seconds)

    async def close(self) -> None:
        """Answers what is in hand and stops every server."""
        self._stop.set()
        await asyncio.gather(*self._serving)


class _Port:
    """The server of one port, and the routes on it now and before."""

    def __init__(self, tls: ListenerTls | None) -> None:
        self.tls = tls
        self._routes: list[_Mounted] = []
        self._rested: list[BaseRoute] = []

    @asynccontextmanager
    async def mounted(self, route: BaseRoute) -> AsyncIterator[None]:
        if any(_path(each.route) == _path(route) for each in self._routes):
            raise CannotStart(f"{_path(route)} belongs to another channel on this port: take another path")
        mounted = _Mounted(route)
        self._routes.append(mounted)
        self._rested = [each for each in self._rested if _path(each) != _path(route)]
        try:
            yield
        finally:
            self._routes.remove(mounted)
            self._rested.append(route)
            await mounted.idle.wait()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = [(each, *each.route.matches(scope)) for each in self._routes]
        for wanted in (Match.FULL, Match.PARTIAL):  # partial: the path, but not the method
            for mounted, match, child in found:
                if match is wanted:
                    scope.update(child)
                    return await mounted.handle(scope, receive, send)
        is_rested = any(each.matches(scope)[0] is not Match.NONE for each in self._rested)
        return await (_resting if is_rested else _nowhere)(scope, receive, send)


class _Mounted:
    """A route that knows whether requests are in hand."""

    def __init__(self, route: BaseRoute) -> None:
        self.route = route
        self.idle = asyncio.Event()
        self.idle.set()
        self._in_hand_count = 0

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._in_hand_count += 1
        self.idle.clear()
        try:
            await self.route.handle(scope, receive, send)
        finally:
            self._in_hand_count -= 1
            if not self._in_hand_count:
                self.idle.set()


def _path(route: BaseRoute) -> str:
    return str(getattr(route, "path", ""))
