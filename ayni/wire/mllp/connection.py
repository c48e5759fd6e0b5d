"""One connection of a listener, from its first byte to its last.

A task exists only while messages wait: an idle connection costs its buffers and nothing else. What is counted
in bytes and seconds is bounded by the constants below, whatever the other end does.
"""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import structlog

from ayni.wire.logging import where
from ayni.wire.mllp.arrivals import Arrivals
from ayni.wire.mllp.frames import FrameTooLong, Unfit, frame
from ayni.wire.mllp.gate import Gate
from ayni.wire.mllp.peer import Handler, Peer, peer_of

log = structlog.get_logger()

IDLE_SECONDS = 600.0
"""A connection on which nothing comes is closed: silent peers must not use up the connections of others."""
FRAME_SECONDS = 30.0
"""A message begun must be there by then, a megabyte at 300 kbit/s, and an answer taken: nobody is held up."""
LINGER_SECONDS = 5.0
"""A peer that is still sending what was refused gets this long to stop and read why."""
HELD_BYTES_MAX = 1 << 26
"""What all connections of a listener may hold, 64 of the longest messages; who goes beyond is let go."""

Words = Callable[[bytes], bytes]
"""Makes an answer from the beginning of what is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holds for every connection of a listener."""

    handler_for: Callable[[Peer], Handler]
    too_long: Words
    not_hl7: Words | None
    idle_seconds: float
    frame_seconds: float
    gate: Gate
    connections: "set[Connection]"

    @property
    def is_too_much_held(self) -> bool:
        """Whether the connections together hold more than HELD_BYTES_MAX."""
        return sum(each.byte_count for each in self.connections) > HELD_BYTES_MAX


class Connection(asyncio.Protocol):
    """Takes messages from one peer and answers them one after the other."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._loop = asyncio.get_running_loop()
        self._arrivals = Arrivals()
        self._deadline = math.inf
        self._writable: asyncio.Future[None] | None = None
        self._is_timed = self._is_paused = self._is_ended = self._is_leaving = False
        self.work: asyncio.Task[None] | None = None
        self.lost: asyncio.Future[None] = self._loop.create_future()

    # What the transport calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._peer = peer_of(transport)
        self._handle = self._terms.handler_for(self._peer)
        self._terms.connections.add(self)
        self._rest()
        self._loop.call_soon(self.steer)  # once reading has begun: before, not every loop can stop it

    def data_received(self, data: bytes) -> None:
        if self._is_leaving:
            return
        arrivals = self._arrivals
        arrivals.feed(data)
        if self.work is None:
            if arrivals or arrivals.unfit is not None:
                self._deadline = math.inf
                self.work = self._loop.create_task(self._answer_all())
            elif arrivals.is_begun and not self._is_timed:
                self._rest()
        if arrivals.is_crowded:
            self.steer()
        if arrivals.is_begun and self._terms.is_too_much_held:
            log.warning("mllp listener holds too much, connection closed", address=self._peer.address)
            self._transport.abort()

    def eof_received(self) -> bool:
        """A peer may stop sending and still wait for its answers; over TLS a transport cannot do that."""
        self._is_ended = True
        return self._transport.can_write_eof() and self.work is not None and not self._is_leaving

    def connection_lost(self, error: Exception | None) -> None:
        self._is_leaving = True
        self._arrivals.clear()
        self._terms.connections.discard(self)
        self.lost.set_result(None)
        self.resume_writing()

    def pause_writing(self) -> None:
        self._writable = self._loop.create_future()
        if not self._is_leaving:
            self._deadline = self._loop.time() + self._terms.frame_seconds

    def resume_writing(self) -> None:
        if self._writable is None:
            return
        self._writable.set_result(None)
        self._writable = None
        if not self._is_leaving:
            self._deadline = math.inf

    # What the listener calls.

    @property
    def byte_count(self) -> int:
        """The bytes of messages that this connection holds."""
        return self._arrivals.byte_count

    def steer(self) -> None:
        """Reads, or leaves the bytes where they slow the sender."""
        shall_pause = (self._terms.gate.is_shut or self._arrivals.is_crowded) and not self._is_leaving
        if shall_pause == self._is_paused or self._is_ended or self._transport.is_closing():
            return
        self._is_paused = shall_pause
        if shall_pause:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def gate_turned(self) -> None:
        """Stops reading, or reads again: the time it did not read is not held against the peer."""
        if self.work is None and not self._is_leaving:
            self._rest()
        self.steer()

    def expire(self, now: float) -> None:
        """Lets a peer go that was silent, or did not take its answers, for too long."""
        if now < self._deadline or self._terms.gate.is_shut:
            return
        if self._is_leaving:
            self._transport.abort()
            return
        log.warning("mllp peer was silent too long", address=self._peer.address)
        if self._writable is None:
            self._leave()
        else:
            self._transport.abort()

    def finish(self) -> None:
        """Ends after the message in hand; what waits behind it is the sender's to repeat."""
        self._is_ended = True
        self._arrivals.clear()
        self.resume_writing()
        if self.work is None and not self._is_leaving:
            self._leave()

    def abort(self) -> None:
        """Ends now, where it has not ended yet: in Python 3.11.2 a TLS transport fails when asked again."""
        if not self.lost.done():
            self._transport.abort()

    # Its own.

    async def _answer_all(self) -> None:
        try:
            while self._arrivals and not self._is_leaving:
                if self._terms.gate.ask():
                    await self._terms.gate.opened()
                else:
                    await self._answer_one()
            if self._arrivals.unfit is not None and not self._is_leaving:
                self._refuse(self._arrivals.unfit)
        except Exception as error:  # whatever broke: without an answer the sender repeats
            log.error("mllp message not answered", **where(error))
            self._leave()
        finally:
            self._after_work()

    async def _answer_one(self) -> None:
        answer = await self._handle(self._arrivals.take())
        if self._is_leaving:
            return
        if answer:
            self._transport.write(frame(answer))
        if self._writable is not None:
            await self._writable
        if self._is_paused:
            self.steer()

    def _after_work(self) -> None:
        self.work = None
        self._arrivals.settle()
        if self._is_leaving:
            return
        if self._is_ended:
            self._leave()
        else:
            self._rest()

    def _rest(self) -> None:
        """Nothing is in hand: from now on the time is the peer's."""
        self._is_timed = self._arrivals.is_begun
        seconds = self._terms.frame_seconds if self._is_timed else self._terms.idle_seconds
        self._deadline = self._loop.time() + seconds

    def _refuse(self, unfit: Unfit) -> None:
        log.warning("mllp peer refused", found=unfit.reason, address=self._peer.address)
        answer = self._terms.too_long if isinstance(unfit, FrameTooLong) else self._terms.not_hl7
        self._leave(answer(unfit.head) if answer and unfit.is_framed else b"")

    def _leave(self, last_word: bytes = b"") -> None:
        """Closes, after a last word if there is one.

        What still comes is read and thrown away: closing on unread bytes resets the connection and the word
        is lost.
        """
        self._is_leaving = True
        self._arrivals.clear()
        self._deadline = self._loop.time() + LINGER_SECONDS
        self.steer()
        if last_word:
            self._transport.write(frame(last_word))
        if not last_word or self._is_ended:
            self._transport.close()
        elif self._transport.can_write_eof():
            self._transport.write_eof()
