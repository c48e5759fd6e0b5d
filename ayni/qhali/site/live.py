"""The live stream: tells an open page that its request changed (server-sent events, WHATWG HTML section 9.2).

A Starlette route and never a Django view: ten open streams would fill the threads that serve pages. The
stream says only that something changed; the page then asks for the new content with its own session, and
a session that has ended hears nothing more.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections
from starlette.requests import Request as HttpRequest
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ayni.qhali.requests import Request, Requests
from ayni.qhali.site.numbers import small_number
from ayni.qhali.site.visitor import REQUEST

PING_SECONDS = 15
"""Less than what mobile networks and proxies give a silent connection."""

STREAMS_MAX = 500
"""Each open page holds a socket; beyond this many a page asks by itself every minute instead."""

STREAMS_PER_SESSION_MAX = 6
"""Some tabs, and those of a lost network that nobody has missed yet; no visitor takes all the places."""

RECONNECT_MILLISECONDS = 3000


@dataclass(eq=False, slots=True)
class Stream:
    """One open page: whose it is, and an event that is set whenever its request changes."""

    session_key: str
    request_id: str
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class Streams:
    """Who is looking at which request now. Everything here happens on the event loop."""

    def __init__(self) -> None:
        self._open: set[Stream] = set()

    def announce(self, request_id: str) -> None:
        """Wakes the open pages of a request."""
        for stream in self._open:
            if stream.request_id == request_id:
                stream.changed.set()

    @property
    def count(self) -> int:
        """How many pages are open."""
        return len(self._open)

    def open(self, session_key: str, request_id: str) -> Stream | None:
        """Takes a place, None when this session or all together have no more; `close` gives it back."""
        own = sum(stream.session_key == session_key for stream in self._open)
        if own >= STREAMS_PER_SESSION_MAX or self.count >= STREAMS_MAX:
            return None
        stream = Stream(session_key, request_id)
        self._open.add(stream)
        return stream

    def close(self, stream: Stream) -> None:
        """Gives the place of a stream back."""
        self._open.discard(stream)


def live_route(requests: Requests, streams: Streams, stop: asyncio.Event) -> Route:
    """`GET /en-vivo`: the session's cookie decides which request; `desde` is what the page already shows."""

    async def live(http: HttpRequest) -> Response:
        session_key = http.cookies.get(settings.SESSION_COOKIE_NAME, "")
        request_id = await asyncio.to_thread(_request_of, session_key)
        if request_id is None:
            return Response(status_code=403)
        stream = streams.open(session_key, request_id)
        if stream is None:
            return Response(status_code=503, headers={"Retry-After": "60"})
        shown = small_number(http.headers.get("Last-Event-ID") or http.query_params.get("desde", "")) or 0
        return _Open(_changes(requests, stream, stop, shown), close=lambda: streams.close(stream))

    return Route("/en-vivo", live)


class _Open(StreamingResponse):
    """Gives the stream's place back however it ends, also when the visitor went before it began."""

    def __init__(self, changes: AsyncIterator[str], *, close: Callable[[], None]) -> None:
        super().__init__(changes, media_type="text/event-stream", headers={"Cache-Control": "no-store"})
        self._close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._close()


def _request_of(session_key: str) -> str | None:
    """The request of a Django session, None when the session is unknown or has none."""
    if not session_key:
        return None
    try:
        request_id: str | None = SessionStore(session_key).get(REQUEST)
        return request_id
    finally:
        connections.close_all()


def _still_open(requests: Requests, stream: Stream) -> Request | None:
    """The request as it is now, None when the session has ended or looks at another one."""
    if _request_of(stream.session_key) != stream.request_id:
        return None
    return requests.read(stream.request_id)


async def _changes(requests: Requests, stream: Stream, stop: asyncio.Event, shown: int) -> AsyncIterator[str]:
    """An `estado` event for each change since `shown` and each notice, a comment when nothing happens."""
    yield f"retry: {RECONNECT_MILLISECONDS}\n\n"
    was_told = False
    while not stop.is_set():
        stream.changed.clear()
        request = await asyncio.to_thread(_still_open, requests, stream)
        if request is None:
            return
        if request.sequence > shown or was_told:
            shown, was_told = max(shown, request.sequence), False
            yield f"event: estado\nid: {shown}\ndata: cambio\n\n"
            continue
        was_told = await _either(stream.changed, stop, seconds=PING_SECONDS)
        if not was_told:
            yield ": sin cambios\n\n"


async def _either(changed: asyncio.Event, stop: asyncio.Event, *, seconds: float) -> bool:
    """Waits for a change or the end; False when the time passes first."""
    waits = [asyncio.ensure_future(event.wait()) for event in (changed, stop)]
    try:
        done, _ = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return bool(done)
    finally:  # also when the visitor goes away in the middle
        for each in waits:
            each.cancel()
