"""The senders: many MLLP connections, one message after another, nothing sent twice unless told to.

They share no code with the engine: a tool that framed as the engine frames would miss what both get wrong.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterable

from chaos.history import History, digest
from chaos.messages import OWES_NOTHING, Message, field_of
from chaos.routes import owed

START, END = b"\x0b", b"\x1c\r"
ANSWER_SECONDS = 20.0
CONNECT_PAUSE_SECONDS = 0.01
TRY_LATER = ("206", "207")
"""Errors of HL7 table 0357 that say nothing against the message: nothing was kept."""


class Frames:
    """The messages of one connection, one after the other."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader

    async def next(self) -> bytes:
        """The next message; raises IncompleteReadError when the connection ends."""
        framed = await self._reader.readuntil(END)
        return framed.removesuffix(END).lstrip(b"\r\n").removeprefix(START)


class Sender:
    """One source over one connection at a time. `window`: how many messages may be under way at once."""

    def __init__(self, port: int, history: History, messages: Iterable[Message], *, window: int = 1) -> None:
        self._port, self._history, self._window = port, history, window
        self._waiting = deque(messages)
        self._under_way: deque[Message] = deque()
        self._promised = set[str]()
        self.unknown: list[Message] = []
        self.later: list[Message] = []
        self.ok_count = 0

    @property
    def is_done(self) -> bool:
        """Whether everything was sent and heard of."""
        return not self._waiting and not self._under_way

    def again(self) -> int:
        """Sends what is in doubt and what was to come later: the one way in which anything is sent twice."""
        messages, self.unknown, self.later = [*self.unknown, *self.later], [], []
        self._waiting.extend(messages)
        return len(messages)

    async def run(self) -> None:
        """Sends until all is sent, connecting again whenever the connection ends."""
        while not self.is_done:
            try:
                await self._converse()
            except (OSError, EOFError, TimeoutError):
                await asyncio.sleep(CONNECT_PAUSE_SECONDS)
            finally:
                self._doubt()

    async def _converse(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 22)
        frames = Frames(reader)
        try:
            while not self.is_done:
                self._send(writer)
                async with asyncio.timeout(ANSWER_SECONDS):
                    self._hear(await frames.next())
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def _send(self, writer: asyncio.StreamWriter) -> None:
        framed = []
        while self._waiting and len(self._under_way) < self._window:
            message = self._waiting.popleft()
            self._under_way.append(message)
            framed.append(START + self._told(message) + END)
        writer.write(b"".join(framed))  # several in one write, as a hurried sender does

    def _told(self, message: Message) -> bytes:
        raw = message.raw
        names = {"src": message.src, "src_id": message.src_id}
        self._history.tell("invoke", **names, sha256=digest(raw), outcome=message.kind)
        if message.src_id not in self._promised and message.kind not in OWES_NOTHING:
            self._promised.add(message.src_id)
            for dest, outgoing in owed(raw).items():
                for lane in outgoing.keys:
                    self._history.tell("due", **names, dest=dest, lane=lane, sha256=digest(outgoing.content))
        return raw

    def _hear(self, answer: bytes) -> None:
        message = self._under_way.popleft()
        code, named = field_of(answer, b"MSA", 1), field_of(answer, b"MSA", 2)
        reason = field_of(answer, b"ERR", 3).partition("^")[0]
        op = "ok" if code == "AA" else "nack"
        said = code if op == "ok" else f"{code} {reason}"
        self._history.tell(
            op, src=message.src, src_id=message.src_id, sha256=digest(answer), outcome=f"{said}|{named}"
        )
        if op == "ok":
            self.ok_count += 1
        elif reason in TRY_LATER:
            self.later.append(message)

    def _doubt(self) -> None:
        """What is under way when the connection ends may be stored or not."""
        for message in self._under_way:
            self._history.tell("unknown", src=message.src, src_id=message.src_id)
        self.unknown += self._under_way
        self._under_way.clear()
