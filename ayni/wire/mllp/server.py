"""A listener: takes up connections, hands each message to the handler and writes its answer."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import structlog

from ayni.wire.keep_alive import watch
from ayni.wire.mllp.connection import FRAME_SECONDS, IDLE_SECONDS, Connection, Terms, Words
from ayni.wire.mllp.gate import Gate
from ayni.wire.mllp.peer import Handler, Peer, PerPeer

log = structlog.get_logger()

CONNECTIONS_MAX = 256
"""More peers than a region has; each may hold one frame, so memory is bounded too."""
HANDSHAKE_SECONDS = 10.0
"""A TLS handshake takes two round trips, also over a satellite; until then it holds a place."""
SWEEP_SECONDS_MAX = 1.0
"""How late it may be noticed that a peer's time is over."""
ACCEPT_PAUSE_SECONDS = 0.5
"""After the system refused a socket (out of files): asking again at once would only burn the processor."""
STOP_SECONDS = 1.0
"""The last answers get this long to leave when the listener stops."""


class MllpServer:
    """Listens, hands each message to the handler and writes its answer."""

    def __init__(
        self,
        handler: Handler | PerPeer,
        too_long: Words,
        *,
        not_hl7: Words | None = None,
        tls: ssl.SSLContext | None = None,
        is_full: Callable[[], bool] | None = None,
        idle_seconds: float = IDLE_SECONDS,
        frame_seconds: float = FRAME_SECONDS,
    ) -> None:
        """`too_long` and `not_hl7` make the last answer on a connection from the head of what was refused.

        What comes outside a frame is refused without an answer. While `is_full` says so nothing is read.
        """
        self._handler, self._too_long, self._not_hl7 = handler, too_long, not_hl7
        self._tls, self._is_full = tls, is_full
        self._idle_seconds, self._frame_seconds = idle_seconds, frame_seconds

    @asynccontextmanager
    async def listening(self, listener: socket.socket) -> AsyncIterator[None]:
        """Serves on a bound socket until the block ends; messages in hand are still finished.

        Their answers may be lost with the connection: the sender repeats, the receiver answers as before.
        """
        door = _Door(self._terms(), self._tls)
        listener.listen(CONNECTIONS_MAX)
        listener.setblocking(False)
        works = [asyncio.create_task(work) for work in door.works(listener)]
        try:
            yield
        finally:
            await _ended(works)
            listener.close()
            await door.close()

    def _terms(self) -> Terms:
        connections: set[Connection] = set()

        def turned() -> None:
            for each in list(connections):
                each.gate_turned()

        return Terms(
            handler_for=self._handler_for,
            too_long=self._too_long,
            not_hl7=self._not_hl7,
            idle_seconds=self._idle_seconds,
            frame_seconds=self._frame_seconds,
            gate=Gate(self._is_full, turned),
            connections=connections,
        )

    def _handler_for(self, peer: Peer) -> Handler:
        return self._handler.make(peer) if isinstance(self._handler, PerPeer) else self._handler


class _Door:
    """What one listening socket lets in, for how long, and how all of it ends."""

    def __init__(self, terms: Terms, tls: ssl.SSLContext | None) -> None:
        self._terms = terms
        self._greetings: set[asyncio.Task[None]] = set()
        self._place_count = 0
        self._is_crowded = False
        seconds = {"ssl_handshake_timeout": HANDSHAKE_SECONDS, "ssl_shutdown_timeout": STOP_SECONDS}
        self._tls: dict[str, Any] = {"ssl": tls, **seconds} if tls else {}

    def works(self, listener: socket.socket) -> tuple[Coroutine[Any, Any, None], ...]:
        """What goes on as long as the socket listens."""
        return self._let_in(listener), self._sweep(), self._terms.gate.watch()

    async def close(self) -> None:
        """Lets messages in hand be finished and answered, then ends every connection."""
        self._terms.gate.remove()
        await _ended(list(self._greetings))
        connections = list(self._terms.connections)
        for each in connections:
            each.finish()
        await asyncio.gather(*(each.work for each in connections if each.work), return_exceptions=True)
        await _lost(connections)
        for each in connections:
            each.abort()
        await _lost(connections)

    async def _let_in(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._terms.gate.opened()
            try:
                connection, _ = await loop.sock_accept(listener)
            except OSError as error:
                log.error("mllp connection cannot be taken up", error=error.strerror)
                await asyncio.sleep(ACCEPT_PAUSE_SECONDS)
                continue
            if self._has_place():
                greeting = loop.create_task(self._greet(connection))
                self._greetings.add(greeting)
                greeting.add_done_callback(self._greetings.discard)
            else:
                connection.close()

    def _has_place(self) -> bool:
        """Takes a place if there is one; that there is none is logged once until there is one again."""
        was_crowded, self._is_crowded = self._is_crowded, self._place_count >= CONNECTIONS_MAX
        if not self._is_crowded:
            self._place_count += 1
        elif not was_crowded:
            log.warning("mllp connections refused", connection_count=self._place_count)
        return not self._is_crowded

    def _free_place(self, _: object = None) -> None:
        self._place_count -= 1

    async def _greet(self, socket_: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            watch(socket_)
            _, connection = await loop.connect_accepted_socket(
                lambda: Connection(self._terms), socket_, **self._tls
            )
        except BaseException as error:
            self._free_place()
            socket_.close()
            if not isinstance(error, OSError):
                raise
            # the text of a TLS error is the library's; its reason is a fixed word
            reason = getattr(error, "reason", None) or type(error).__name__
            log.warning("mllp peer could not be greeted", reason=reason)
        else:
            connection.lost.add_done_callback(self._free_place)

    async def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        period = min(SWEEP_SECONDS_MAX, self._terms.idle_seconds / 4, self._terms.frame_seconds / 4)
        while True:
            await asyncio.sleep(period)
            for each in list(self._terms.connections):
                each.expire(loop.time())


async def _lost(connections: list[Connection]) -> None:
    if connections:
        await asyncio.wait([each.lost for each in connections], timeout=STOP_SECONDS)


async def _ended(works: list[asyncio.Task[None]]) -> None:
    for work in works:
        work.cancel()
    await asyncio.gather(*works, return_exceptions=True)
