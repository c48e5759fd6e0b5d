"""A destination: takes messages, knows them by their control id, answers as it is told to.

It lives outside the engine's process and notes what comes before it answers, so a kill of the engine takes
nothing of it along.
"""

import asyncio
import contextlib
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from struct import pack

from chaos.history import History, digest
from chaos.lies import CLOSE, DEAF, LATE_SECONDS, RESET, TRUTH, Answer, Step
from chaos.load import Frames
from chaos.messages import answer_to, field_of, handover_id
from chaos.ports import free_port
from chaos.routes import owed_by_answer

Behaviour = Callable[[str, int], Answer]
"""The answer to a control id that comes for the n-th time, counted from 1."""
HEAD_BYTES = 100
"""Enough of a message to name it before it is complete, and less than any message."""


def honest(_: str, __: int) -> Answer:
    """Always the truth."""
    return TRUTH


class Peer:
    """One destination on a port of its own, kept over all lives of the engine."""

    def __init__(self, dest: str, history: History, *, behave: Behaviour = honest) -> None:
        self.dest, self.behave, self._history = dest, behave, history
        self.is_hasty = False
        """Whether it looks at the beginning of a message before the rest has come."""
        self.taken = set[str]()
        self.came = Counter[str]()
        self._server: asyncio.Server | None = None
        self._conversations = set[asyncio.Task[None]]()
        self.port = free_port()

    async def up(self) -> None:
        """Answers at its address."""
        self._server = await asyncio.start_server(self._greet, "127.0.0.1", self.port, limit=1 << 22)

    async def down(self) -> None:
        """Nobody answers at the address, every connection is cut."""
        if self._server is not None:
            self._server.close()
        for each in list(self._conversations):
            each.cancel()
        await asyncio.gather(*self._conversations, return_exceptions=True)

    def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._converse(reader, writer))
        self._conversations.add(task)
        task.add_done_callback(self._conversations.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames = Frames(reader)
        try:
            while True:
                if not await self._answer_early(reader, writer):
                    await self._take(await frames.next(), writer)
        except (EOFError, OSError):
            pass
        finally:
            writer.close()

    async def _answer_early(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether the message was seen to; answered before it was complete, nothing of it is taken."""
        if not self.is_hasty:
            return False
        head = await reader.readexactly(HEAD_BYTES)
        control_id = field_of(head.lstrip(b"\x0b"), b"MSH", 10)
        answer = self.behave(control_id, self.came[control_id] + 1)
        if not answer.is_early:
            # not its turn: the rest is read and the whole is taken as usual
            rest = await reader.readuntil(b"\x1c\r")
            await self._take((head + rest)[1:-2], writer)
            return True
        self.came[control_id] += 1
        self._history.tell("answered", dest=self.dest, src_id=control_id, outcome=answer.means)
        await self._say(writer, answer.steps(answer_to(head.lstrip(b"\x0b"), self.dest.upper())))
        raise EOFError

    async def _take(self, raw: bytes, writer: asyncio.StreamWriter) -> None:
        control_id = field_of(raw, b"MSH", 10)
        names = {"dest": self.dest, "src_id": control_id}
        lane = field_of(raw, b"PID", 3).partition("^")[0]
        self._history.tell("received", **names, lane=lane, sha256=digest(raw))
        self.came[control_id] += 1
        answer = self.behave(control_id, self.came[control_id])
        if answer.keeps and control_id not in self.taken:
            self.taken.add(control_id)
            self._history.tell("effect", **names)
        true = answer_to(raw, self.dest.upper())
        if answer.means == "yes":
            self._owe_handover(control_id, true)
        self._history.tell("answered", **names, outcome=answer.means)
        await self._say(writer, answer.steps(true))

    def _owe_handover(self, control_id: str, answer: bytes) -> None:
        outgoing = owed_by_answer(answer) if self.dest == "ward" else None
        for lane in outgoing.keys if outgoing else ():
            assert outgoing is not None
            self._history.tell(
                "due",
                dest="registry",
                src="WARD",
                src_id=handover_id(control_id),
                lane=lane,
                sha256=digest(outgoing.content),
                outcome=f"{self.dest} {control_id}",
            )

    async def _say(self, writer: asyncio.StreamWriter, steps: Sequence[Step]) -> None:
        for step in steps:
            if isinstance(step, bytes):
                writer.write(step)
                await writer.drain()
            elif isinstance(step, float):
                await asyncio.sleep(step)
            else:
                await _cut(writer, step)


async def _cut(writer: asyncio.StreamWriter, step: str) -> None:
    if step == DEAF:
        await asyncio.sleep(2 * LATE_SECONDS)
    if step == RESET:
        connection = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, pack("ii", 1, 0))
    assert step in (CLOSE, RESET, DEAF)
    raise EOFError


@asynccontextmanager
async def peers(history: History, dests: Sequence[str]) -> AsyncIterator[dict[str, Peer]]:
    """One honest destination for each name, up while the block lasts."""
    made = {dest: Peer(dest, history) for dest in dests}
    for each in made.values():
        await each.up()
    try:
        yield made
    finally:
        with contextlib.suppress(OSError):
            for each in made.values():
                await each.down()
