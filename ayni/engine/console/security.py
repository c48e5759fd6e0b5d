"""Headers of every answer of the console: nothing cached, nothing framed, no script but our own.

And no form of another origin: the cookie's SameSite knows sites, not ports, and on one machine every
system is the same site.
"""

from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'; object-src 'none'"
    ),
    "Referrer-Policy": "same-origin",  # with none at all a browser hides the Origin of our own forms too
    "X-Content-Type-Options": "nosniff",
}


class SecurityHeaders:
    """Adds HEADERS to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self._app(scope, receive, send_with_headers)


FOREIGN = "Ese formulario es de otra página. Abra la consola y repítalo allí."
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class SameOrigin:
    """Refuses what a page of another origin posts (403). Programs send no Origin and are let through."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS and _is_foreign(Request(scope)):
            await PlainTextResponse(FOREIGN, 403)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _is_foreign(request: Request) -> bool:
    origin = request.headers.get("Origin")
    return origin is not None and origin != f"{request.url.scheme}://{request.headers.get('Host', '')}"


class Awake:
    """Begins with the first request what needs the engine's loop to run on."""

    def __init__(self, app: ASGIApp, wake: Callable[[], None]) -> None:
        self._app, self._wake = app, wake

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self._wake()
        await self._app(scope, receive, send)
