"""The live stream: tells an open page that its request changed (server-sent events, WHATWG HTML section 9.2).

A Starlette route and never a Django view: ten open streams would fill the threads that serve pages. The
stream says only that something changed; the page then asks for the new content with its own session.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from ayni.qhali.requests import Requests
from ayni.qhali.site.visitor import REQUEST

PING_SECONDS = 15
"""Less than what mobile networks and proxies give a silent connection."""

STREAMS_MAX = 500
"""Each open page holds a socket; beyond this many a page reloads by hand instead."""

RECONNECT_MILLISECONDS = 3000


class Announcements:
    """Who is looking at which request now. Everything here happens on the event loop."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[asyncio.Event]] = defaultdict(set)

    def announce(self, request_id: str) -> None:
        """Wakes the open pages of a request."""
        for listener in self._listeners.get(request_id, ()):
            listener.set()

    @property
    def count(self) -> int:
        """How many pages are open."""
        return sum(len(listeners) for listeners in self._listeners.values())

    @contextmanager
    def listening(self, request_id: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever the request changes."""
        listener = asyncio.Event()
        self._listeners[request_id].add(listener)
        try:
            yield listener
        finally:
            self._listeners[request_id].discard(listener)
            if not self._listeners[request_id]:
                del self._listeners[request_id]


def live_route(requests: Requests, announcements: Announcements, stop: asyncio.Event) -> Route:
    """`GET /en-vivo`: the session's cookie decides which request; `desde` is what the page already shows."""

    async def live(http: Request) -> Response:
        session_key = http.cookies.get(settings.SESSION_COOKIE_NAME, "")
        request_id = await asyncio.to_thread(_request_of, session_key)
        if request_id is None:
            return Response(status_code=403)
        if announcements.count >= STREAMS_MAX:
            return Response(status_code=503, headers={"Retry-After": "60"})
        shown = http.headers.get("Last-Event-ID") or http.query_params.get("desde", "")
        changes = _changes(requests, announcements, stop, request_id, int(shown) if shown.isdecimal() else 0)
        return StreamingResponse(
            changes, media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    return Route("/en-vivo", live)


def _request_of(session_key: str) -> str | None:
    """The request of a Django session, None when the session is unknown or has none."""
    if not session_key:
        return None
    try:
        request_id: str | None = SessionStore(session_key).get(REQUEST)
        return request_id
    finally:
        connections.close_all()


async def _changes(
    requests: Requests, announcements: Announcements, stop: asyncio.Event, request_id: str, shown: int
) -> AsyncIterator[str]:
    """One `estado` event for each change since `shown`, a comment when nothing happens for a while."""
    yield f"retry: {RECONNECT_MILLISECONDS}\n\n"
    with announcements.listening(request_id) as changed:
        while not stop.is_set():
            changed.clear()
            request = await asyncio.to_thread(requests.read, request_id)
            if request is not None and request.sequence > shown:
                shown = request.sequence
                yield f"event: estado\nid: {shown}\ndata: {request.state.value}\n\n"
            elif not await _either(changed, stop, seconds=PING_SECONDS):
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
