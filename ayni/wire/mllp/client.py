"""The sending side: one message out, one answer back, and no doubt hidden about what the other side has."""

import asyncio
import math
import ssl
from typing import Any, TypeGuard, cast

from msgspec import Struct

from ayni.wire.failure import CONNECT_SECONDS, LinkError, NotConnected, NotTried, OutcomeUnknown, Refused
from ayni.wire.keep_alive import watch
from ayni.wire.mllp.frames import FrameReader, NotFrameable, Unfit, frame
from ayni.wire.mllp.late_answers import LateAnswers
from ayni.wire.mllp.sockets import Wire

CLOSE_SECONDS = 1.0
"""A peer that does not say goodbye over TLS by then is not waited for."""


class Answer(Struct, frozen=True):
    """What the other side said; `is_early` where it came before the whole message had left us."""

    content: bytes
    is_early: bool = False


class MllpClient:
    """One connection to one peer, made when needed and made anew after any doubt."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        answer_seconds: float,
        tls: ssl.SSLContext | None = None,
        server_name: str | None = None,
    ) -> None:
        """`server_name` is the name its certificate must carry where that is not `host`."""
        self._host, self._port, self._answer_seconds = host, port, answer_seconds
        self._tls, self._server_name = tls, server_name
        self._line: _Line | None = None
        self._turn = asyncio.Lock()

    async def send(self, message: bytes) -> bytes:
        """Sends one message and returns the answer; raises NotConnected, OutcomeUnknown or Refused."""
        return (await self.exchange(message)).content

    async def exchange(self, message: bytes, *, begin_by: float = math.inf) -> Answer:
        """As `send`, and tells whether the answer can be about the whole message.

        A message that holds the end mark is Refused: the other side would take its beginning for the whole.
        One whose turn comes later than `begin_by` (on the loop's clock) is NotTried.
        """
        try:
            framed = frame(message)
        except NotFrameable as error:
            raise Refused("the message holds the end mark of MLLP") from error
        async with self._turn:
            if asyncio.get_running_loop().time() > begin_by:
                raise NotTried("others had the connection for too long")
            line = self._line
            if line is None or not line.is_quiet():
                line = await self._open()
            try:
                return await line.ask(framed, self._answer_seconds)
            finally:
                if not line.is_clean:
                    self.drop()

    def drop(self) -> None:
        """Closes the connection; the next message makes a new one."""
        if self._line is not None:
            self._line.close()
            self._line = None

    async def _open(self) -> "_Line":
        self.drop()
        self._line = await self._connect()
        if not self._line.is_clean:
            raise NotConnected(f"closes at once: {self._host}:{self._port}")
        return self._line

    async def _connect(self) -> "_Line":
        place, loop = f"{self._host}:{self._port}", asyncio.get_running_loop()
        line: _Line
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, line = await loop.create_connection(_Line, self._host, self._port, **self._tls_options())
        except ssl.SSLError as error:
            raise NotConnected(f"no TLS with {place}: {error.reason}") from error
        except (TimeoutError, OSError) as error:
            raise NotConnected(f"nobody answers at {place}") from error
        return line

    def _tls_options(self) -> dict[str, Any]:
        if self._tls is None:
            return {}
        return {
            "ssl": self._tls,
            "server_hostname": self._server_name or self._host,
            "ssl_handshake_timeout": CONNECT_SECONDS,
            "ssl_shutdown_timeout": CLOSE_SECONDS,
        }


class _Line(asyncio.Protocol):
    """One connection. It is clean while all that came over it was asked for and understood."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._frames, self._late = FrameReader(), LateAnswers()
        self._answer: asyncio.Future[Answer] | None = None
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._is_answered = self._is_unsent = False
        self.is_clean = True

    # What the transport calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=1)  # so that we hear when a part has not left
        connection = transport.get_extra_info("socket")
        watch(connection)
        self._wire = Wire(connection)

    def data_received(self, data: bytes) -> None:
        try:
            self._hear(self._frames.feed(data))
        except Unfit as unfit:
            self._hear(unfit.before)
            self._fail(OutcomeUnknown(f"no valid answer: {unfit.reason}"))
            self.close()
        if self._frames.is_inside and not (self._is_asked() or self._late):
            self.close()

    def eof_received(self) -> None:
        self._end(None)

    def connection_lost(self, error: Exception | None) -> None:
        self._end(error)

    def pause_writing(self) -> None:
        self._is_unsent = True

    def resume_writing(self) -> None:
        self._is_unsent = False

    # What the client calls.

    def is_quiet(self) -> bool:
        """Whether it can be used again: nothing came that we have not read, not even the peer's goodbye."""
        is_cut = self._late and self._frames.is_inside
        return self.is_clean and not is_cut and self._wire.is_quiet()

    async def ask(self, framed: bytes, seconds: float) -> Answer:
        """Sends one frame and returns the answer; raises NotConnected or OutcomeUnknown."""
        self.is_clean = False
        self._answer = self._loop.create_future()
        self._deadline = self._loop.time() + seconds
        if self._timer is None:
            self._timer = self._loop.call_at(self._deadline, self._expire)
        self._transport.write(framed)
        try:
            return await self._answer
        finally:
            self._answer = None

    def close(self) -> None:
        """Ends the connection, at once where bytes wait that the peer may never take."""
        self.is_clean = False
        if self._timer is not None:
            self._timer.cancel()
        if self._is_unsent:
            self._transport.abort()
        else:
            self._transport.close()

    # Its own.

    def _is_asked(self) -> bool:
        return self._answer is not None and not self._answer.done()

    def _hear(self, contents: list[bytes]) -> None:
        for content in contents:
            if self._late and self._late.skips(content):
                continue
            if self._answer is not None and not self._answer.done():
                self._take(self._answer, content)
            else:
                self.close()  # nobody asked: it would be taken for the answer to the next message

    def _take(self, answer: "asyncio.Future[Answer]", content: bytes) -> None:
        is_early = self._is_unsent or not self._wire.is_heard()
        self.is_clean, self._is_answered = not is_early, True
        if content.find(b"CA") >= 0:  # nearly all say AA, and need not be looked at
            self._late.note(content)
        answer.set_result(Answer(content, is_early=is_early))

    def _expire(self) -> None:
        """The one timer goes on to the deadline of the last message: one for each would cost more than it."""
        self._timer = None
        if not self._is_asked():
            return
        if self._loop.time() < self._deadline:
            self._timer = self._loop.call_at(self._deadline, self._expire)
        else:
            self._fail(OutcomeUnknown("no answer in time"))

    def _fail(self, failure: LinkError) -> None:
        self.is_clean = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(failure)

    def _end(self, error: Exception | None) -> None:
        if self._is_unsent:
            self._fail(NotConnected("closed before the whole message had left"))
        elif _is_alert(error) and not self._is_answered:  # TLS 1.3 turns a certificate down as late as this
            self._fail(NotConnected(f"no TLS: {error.reason}"))
        else:
            self._fail(OutcomeUnknown("closed before answering"))


def _is_alert(error: Exception | None) -> TypeGuard[ssl.SSLError]:
    return isinstance(error, ssl.SSLError) and "_ALERT_" in (error.reason or "")
