"""One life of the engine as the supervisor sees it: started, asked, killed, ended."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import msgspec

from chaos.node import Options

Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]

ROOT = Path(__file__).resolve().parents[1]
READY_SECONDS = 30.0
ANSWER_SECONDS = 60.0
END_SECONDS = 60.0
LINE_BYTES_MAX = 1 << 26
KILLED = -signal.SIGKILL


class NotReady(Exception):
    """A life ended before it was ready. `status` as of a process: negative when a signal ended it."""

    def __init__(self, status: int) -> None:
        super().__init__(f"ended with {status} before it was ready")
        self.status = status


class Gone(Exception):
    """A life ended before it answered."""


class Nursery:
    """Starts one life after the other in forks of a process that has everything imported."""

    def __init__(self) -> None:
        self._forks: asyncio.subprocess.Process | None = None
        self._control: asyncio.Server | None = None
        self._number_of_lives = 0
        self._greetings: dict[int, asyncio.Future[Line]] = {}
        """By the number of a life: one that ended at once may be heard when the next one has started."""
        self.port = 0

    async def open(self) -> None:
        """Starts the process that forks, and the listener lives report to."""
        self._control = await asyncio.start_server(self._greet, "127.0.0.1", 0, limit=LINE_BYTES_MAX)
        self.port = int(self._control.sockets[0].getsockname()[1])
        self._forks = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "chaos.forks",
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )

    async def close(self) -> None:
        """Ends the process that forks; no life may be left."""
        assert self._forks is not None
        assert self._forks.stdin is not None
        self._forks.stdin.close()
        await self._forks.wait()
        if self._control is not None:
            self._control.close()

    async def start(self, options: Options) -> "Life":
        """A life that is ready; raises NotReady when it ended before."""
        assert self._forks is not None
        assert self._forks.stdin is not None
        number = self._number_of_lives = self._number_of_lives + 1
        greeted = self._greetings[number] = asyncio.get_running_loop().create_future()
        named = msgspec.structs.replace(options, number=number)
        self._forks.stdin.write(msgspec.json.encode(named) + b"\n")
        pid = await self._number()
        ending = asyncio.create_task(self._number())
        either: set[asyncio.Future[Any]] = {ending, greeted}
        await asyncio.wait(either, timeout=READY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        del self._greetings[number]
        if not greeted.done():
            if not ending.done():
                _kill(pid)
            raise NotReady(await ending)
        return Life(pid, ending, *greeted.result())

    async def _number(self) -> int:
        assert self._forks is not None
        assert self._forks.stdout is not None
        return int(await self._forks.stdout.readline())

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if line := await reader.readline():
            greeted = self._greetings.get(json.loads(line)["ready"])
            if greeted is not None and not greeted.done():
                greeted.set_result((reader, writer))


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # it has just ended, and we are about to hear of it
        os.kill(pid, signal.SIGKILL)


class Life:
    """A process that is ready, until it ends."""

    def __init__(
        self,
        pid: int,
        ending: "asyncio.Task[int]",
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.pid = pid
        self._ending, self._reader, self._writer = ending, reader, writer

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self._ending.done()

    def kill(self) -> None:
        """Ends it as a power switch would; nothing when it has ended by itself."""
        if not self.is_over:
            _kill(self.pid)

    def pause(self) -> None:
        """Stops it where it stands, as a machine that is out of breath would."""
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Lets it go on as if nothing had been."""
        os.kill(self.pid, signal.SIGCONT)

    async def ended(self) -> int:
        """Its exit status, once it has ended; raises TimeoutError when it does not."""
        async with asyncio.timeout(END_SECONDS):
            status = await asyncio.shield(self._ending)
        self._writer.close()
        return status

    async def ask(self, question: str, **about: Any) -> Any:
        """What it answers; raises Gone when it ends before."""
        try:
            self._writer.write(json.dumps({"ask": question, **about}).encode() + b"\n")
            async with asyncio.timeout(ANSWER_SECONDS):
                line = await self._reader.readline()
        except OSError:
            line = b""
        if not line:
            raise Gone
        return json.loads(line)["said"]
