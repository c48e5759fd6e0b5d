"""What only HTTP channels need, imported and opened when the first of them asks.

A third of a second, which an engine without such channels does not spend before it listens.
"""

import socket
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import aiohttp
    from starlette.routing import BaseRoute

    from ayni.engine.connectors.web import WebServers


class LateHttp:
    """Connections to every partner: none waits for another's, and no cookie of one reaches another."""

    def __init__(self) -> None:
        self._pool: aiohttp.ClientSession | None = None

    def __call__(self) -> "aiohttp.ClientSession":
        """The one pool of this engine."""
        if self._pool is None:
            import aiohttp

            connector = aiohttp.TCPConnector(limit=0)
            self._pool = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self._pool

    async def close(self) -> None:
        """Closes the connections, if there are any."""
        if self._pool is not None:
            await self._pool.close()


class LateWeb:
    """The HTTP servers of the channels."""

    def __init__(self, bound: Callable[[int], socket.socket]) -> None:
        self._bound = bound
        self._servers: WebServers | None = None

    def mounted(self, port: int, route: "BaseRoute", **options: Any) -> AbstractAsyncContextManager[None]:
        """See `web.WebServers`."""
        if self._servers is None:
            from ayni.engine.connectors.web import WebServers

            self._servers = WebServers(self._bound)
        return self._servers.mounted(port, route, **options)

    async def close(self) -> None:
        """Answers what is in hand and stops every server."""
        if self._servers is not None:
            await self._servers.close()
