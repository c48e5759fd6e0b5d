"""MLLP, the minimal lower layer protocol of HL7 v2 (Transport Specification, release 1), over asyncio.

A frame is 0x0B, the message, 0x1C 0x0D. One message at a time per connection: the next one is read once
the answer to the last has been written, so a fast sender is slowed by TCP and not by our memory.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog

from ayni.wire.failure import CONNECT_SECONDS, NotConnected, OutcomeUnknown

log = structlog.get_logger()

START = b"\x0b"
END = b"\x1c\r"
FRAME_BYTES_MAX = 1 << 20
"""A megabyte: room for a scanned referral, far below memory."""
READ_BYTES = 1 << 16
CONNECTIONS_MAX = 256
"""More peers than a region has; each may hold one frame, so memory is bounded too."""
IDLE_SECONDS = 600.0
"""A connection on which nothing comes is closed: silent peers must not use up the connections of others."""
FRAME_SECONDS = 30.0
"""A message begun must be there by then, a megabyte at 300 kbit/s: a peer that trickles holds nobody up."""
LINGER_SECONDS = 5.0
"""A peer that is still sending what was refused gets this long to stop and read why."""

Handler = Callable[[bytes], Awaitable[bytes]]
"""Takes one message and returns its acknowledgement; called once per frame, in order per connection."""


class FrameTooLong(Exception):
    """A frame outgrew the limit before it ended. `head` is what had come, enough to name its sender."""

    def __init__(self, head: bytes) -> None:
        super().__init__(f"frame longer than {FRAME_BYTES_MAX} bytes")
        self.head = head


def frame(message: bytes) -> bytes:
    """One message as it goes over the wire."""
    return START + message + END


class FrameReader:
    """Finds MLLP frames in bytes that arrive in any pieces. Knows no sockets."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._searched = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The messages completed by these bytes; raises FrameTooLong. Bytes before a frame are ignored."""
        self._waiting += data
        messages = []
        while (message := self._take()) is not None:
            messages.append(message)
        if len(self._waiting) > FRAME_BYTES_MAX + len(START) + len(END):
            raise FrameTooLong(bytes(self._waiting[:READ_BYTES]).lstrip(START))
        return messages

    @property
    def is_inside(self) -> bool:
        """Whether a message has begun and not ended."""
        return bool(self._waiting)

    def _take(self) -> bytes | None:
        end = self._waiting.find(END, self._searched)
        if end < 0:
            # the end mark itself may be cut between two reads
            self._searched = max(0, len(self._waiting) - 1)
            return None
        start = self._waiting.rfind(START, 0, end)
        message = bytes(self._waiting[start + 1 : end])
        del self._waiting[: end + len(END)]
        self._searched = 0
        if len(message) > FRAME_BYTES_MAX:
            raise FrameTooLong(message[:READ_BYTES])
        return message if start >= 0 else b""


class MllpServer:
    """Listens, hands each message to the handler and writes its answer."""

    def __init__(
        self,
        handler: Handler,
        too_long: Callable[[bytes], bytes],
        *,
        idle_seconds: float = IDLE_SECONDS,
        frame_seconds: float = FRAME_SECONDS,
    ) -> None:
        """`too_long` makes the answer to a frame above the limit from its beginning."""
        self._handler, self._too_long = handler, too_long
        self._idle_seconds, self._frame_seconds = idle_seconds, frame_seconds
        self._connections: set[asyncio.Task[None]] = set()
        self._in_hand: set[asyncio.Future[bytes]] = set()

    @asynccontextmanager
    async def listening(self, listener: socket.socket) -> AsyncIterator[None]:
        """Serves on a bound socket until the block ends; messages in hand are still finished.

        Their answers may be lost with the connection: the sender repeats, the receiver answers as before.
        """
        server = await asyncio.start_server(self._serve, sock=listener, limit=READ_BYTES)
        try:
            yield
        finally:
            server.close()
            for connection in self._connections:
                connection.cancel()
            await asyncio.gather(*self._connections, *self._in_hand, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.current_task()
        if connection is None or len(self._connections) >= CONNECTIONS_MAX:
            log.warning("mllp connection refused", connection_count=len(self._connections))
            writer.close()
            return
        self._connections.add(connection)
        try:
            await self._converse(reader, writer)
        except TimeoutError:
            log.warning("mllp peer was silent too long")
        except (ConnectionError, asyncio.CancelledError):
            log.debug("mllp connection ended")
        finally:
            self._connections.discard(connection)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames, now = FrameReader(), asyncio.get_running_loop().time
        deadline = now() + self._idle_seconds
        while data := await _read_until(deadline, reader):
            was_inside = frames.is_inside
            try:
                messages = frames.feed(data)
            except FrameTooLong as error:
                log.warning("mllp frame too long")
                writer.write(frame(self._too_long(error.head)))
                writer.write_eof()
                await _read_out(reader)
                return
            for message in messages:
                writer.write(frame(await self._handled(message)))
                await writer.drain()
            if messages or not was_inside:
                deadline = now() + (self._frame_seconds if frames.is_inside else self._idle_seconds)

    async def _handled(self, message: bytes) -> bytes:
        handling = asyncio.ensure_future(self._handler(message))
        self._in_hand.add(handling)
        handling.add_done_callback(self._in_hand.discard)
        return await asyncio.shield(handling)


async def _read_until(deadline: float, reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout_at(deadline):
        return await reader.read(READ_BYTES)


async def _read_out(reader: asyncio.StreamReader) -> None:
    """Throws away what still comes: closing on unread bytes resets the connection and the answer is lost."""
    try:
        async with asyncio.timeout(LINGER_SECONDS):
            while await reader.read(READ_BYTES):
                pass
    except TimeoutError:
        log.debug("mllp peer kept sending")


class MllpClient:
    """One connection to one peer, made when needed and made anew after any doubt."""

    def __init__(self, host: str, port: int, *, answer_seconds: float) -> None:
        self._host, self._port, self._answer_seconds = host, port, answer_seconds
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._turn = asyncio.Lock()
        self._answered = True

    async def send(self, message: bytes) -> bytes:
        """Sends one message and returns the answer; raises NotConnected or OutcomeUnknown."""
        async with self._turn:
            reader, writer = await self._open()
            self._answered = False
            try:
                async with asyncio.timeout(self._answer_seconds):
                    writer.write(frame(message))
                    await writer.drain()
                    return await self._answer(reader)
            except (TimeoutError, OSError, FrameTooLong) as error:
                raise OutcomeUnknown(f"no valid answer: {type(error).__name__}") from error
            finally:
                self._drop_unless_answered()

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is not None and not self._streams[0].at_eof():
            return self._streams
        self.drop()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                self._streams = await asyncio.open_connection(self._host, self._port, limit=READ_BYTES)
        except (TimeoutError, OSError) as error:
            raise NotConnected(f"nobody answers at {self._host}:{self._port}") from error
        return self._streams

    async def _answer(self, reader: asyncio.StreamReader) -> bytes:
        frames = FrameReader()
        while data := await reader.read(READ_BYTES):
            if messages := frames.feed(data):
                self._answered = True
                return messages[0]
        raise ConnectionResetError("closed before answering")

    def _drop_unless_answered(self) -> None:
        """A late answer on the same connection would be taken for the answer to the next message."""
        if not self._answered:
            self.drop()

    def drop(self) -> None:
        """Closes the connection; the next message makes a new one."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None
