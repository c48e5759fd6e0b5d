"""Rounds: the engine works under load, ends at some moment, starts again on the same data, and is checked.

A round is one sudden end, sometimes a second one while it recovers. What was in doubt is sent again in every
other round; then everything must drain and the history must be clean. Every few rounds the rows are looked
at too and the folder is left for a new one.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from chaos.checker import Finding
from chaos.life import KILLED, NotReady, Nursery
from chaos.load import Sender
from chaos.lossy import Trouble
from chaos.messages import draw, lanes_of
from chaos.outcome import Outcome
from chaos.stage import NotDrained, Stage, stage

ROUNDS_PER_FOLDER = 10
SENDERS = (6, 6, 6, 32)
"""How many connections one round may have."""
MESSAGES_IN_ROUND = 72
LANES = 5
FIRST_ANSWER_SECONDS = 5.0
ATTEMPTS_TO_START = 8
OF_HISTORY = ("P1", "P2", "P3", "P4", "P5", "P9")
"""What can be told without looking into the store."""


@dataclass(frozen=True, slots=True)
class Blow:
    """How one life ends. `after_seconds`: from the first answer on; None waits for it to end by itself.

    `outage`: a destination at whose address nobody answers until the next life is ready.
    """

    name: str
    after_seconds: float | None = None
    failpoint: str = ""
    trouble: Trouble | None = None
    again_after_seconds: float | None = None
    outage: str = ""


class Rounds:
    """Rounds on one folder after the other. `calm` is the disk of the lives that are not ended."""

    def __init__(
        self,
        folder: Path,
        at: Nursery,
        outcome: Outcome,
        *,
        seed: int,
        calm: Trouble | None = None,
        **options: Any,
    ) -> None:
        self._folder, self._nursery, self._outcome = folder, at, outcome
        self._chance = Random(seed)  # noqa: S311 - the same seed, the same run
        self._calm, self._options = calm, options
        self._names = 0

    async def run(self, blows: list[Blow]) -> None:
        """One round for each blow."""
        for first in range(0, len(blows), ROUNDS_PER_FOLDER):
            if self._outcome.is_over:
                break
            folder = self._folder / f"{first:05d}"
            found = await self._on_one_folder(folder, blows[first : first + ROUNDS_PER_FOLDER])
            self._outcome.find(folder, found)
            if not found:
                shutil.rmtree(folder)
            self._outcome.say(f"{min(first + ROUNDS_PER_FOLDER, len(blows))}/{len(blows)}")

    async def _on_one_folder(self, folder: Path, blows: list[Blow]) -> list[Finding]:
        async with stage(folder, self._nursery, **self._options) as on:
            for blow in blows:
                if found := await self._round(on, blow):
                    return found
            await self._start(on)
            found = await on.verdict()
            self._count(on)
            return found

    async def _round(self, on: Stage, blow: Blow) -> list[Finding]:
        count = self._chance.choice(SENDERS)
        senders = [self._sender(on, MESSAGES_IN_ROUND // count) for _ in range(count)]
        on.tell("blow", outcome=blow.name)
        async with on.load() as sending:
            async with self._outage(on, blow.outage):
                await self._strike(on, blow)
                await self._start(on)
            if blow.again_after_seconds is not None:
                await asyncio.sleep(blow.again_after_seconds)
                await self._end(on)
                await self._start(on)
            await sending
        if self._chance.random() < 0.5:
            await self._send_again(on, senders)
        try:
            await on.drained()
        except NotDrained as error:
            return [Finding("P6", str(error)), *on.findings(OF_HISTORY)]
        self._outcome.did("rounds")
        found = on.findings(OF_HISTORY)
        await on.end()
        return found

    async def _strike(self, on: Stage, blow: Blow) -> None:
        try:
            life = await on.start(trouble=blow.trouble or self._calm, failpoint=blow.failpoint)
        except NotReady as error:
            self._ended(error.status, blow.name + ", before it was ready")
            return
        if blow.after_seconds is None:
            await self._ends_by_itself(on, blow.name)
        else:
            await first_answer(on)
            await asyncio.sleep(blow.after_seconds)
            life.kill()
        self._ended(await life.ended(), blow.name)

    async def _ends_by_itself(self, on: Stage, name: str) -> None:
        """A failpoint or a sync that does not come in time is no reason to wait longer."""
        assert on.life is not None
        waited = 0.0
        while not on.life.is_over and waited < FIRST_ANSWER_SECONDS and not _is_quiet(on, waited):
            await asyncio.sleep(0.01)
            waited += 0.01
        if not on.life.is_over:
            self._outcome.did(f"not reached: {name}")
            on.life.kill()

    async def _end(self, on: Stage) -> None:
        assert on.life is not None
        on.life.kill()
        self._ended(await on.life.ended(), "again while it recovered")

    async def _start(self, on: Stage) -> None:
        await on.start(trouble=self._calm)

    def _ended(self, status: int, how: str) -> None:
        self._outcome.did("ends", f"end: {how}")
        if status != KILLED:
            self._outcome.find(how, [f"ended with status {status}"])

    @asynccontextmanager
    async def _outage(self, on: Stage, dest: str) -> AsyncIterator[None]:
        if dest:
            self._outcome.did("outages")
            await on.peers[dest].down()
        yield
        if dest:
            await on.peers[dest].up()

    def _sender(self, on: Stage, count: int) -> Sender:
        self._names += 1
        lanes = lanes_of(LANES, first=self._chance.randrange(100))
        messages = draw(f"G{self._names}", range(count), lanes, self._chance)
        return on.add_sender(messages, window=self._chance.choice((1, 1, 1, 4)))

    async def _send_again(self, on: Stage, senders: list[Sender]) -> None:
        self._outcome.counts["sent again"] += sum(each.again() for each in senders)
        async with on.load() as sending:
            await sending

    def _count(self, on: Stage) -> None:
        self._outcome.counts["acknowledged"] += sum(each.ok_count for each in on.senders)
        self._outcome.counts["received"] += sum(sum(peer.came.values()) for peer in on.peers.values())
        self._outcome.counts["effects"] += sum(len(peer.taken) for peer in on.peers.values())


async def first_answer(on: Stage) -> None:
    """Returns with the next yes that a sender hears, or when all is said already."""
    async with asyncio.timeout(FIRST_ANSWER_SECONDS):
        before = sum(each.ok_count for each in on.senders)
        while sum(each.ok_count for each in on.senders) == before and not _is_said(on):  # noqa: ASYNC110
            await asyncio.sleep(0.001)


def _is_quiet(on: Stage, waited: float) -> bool:
    """Whether the load is over and its deliveries had time to be done."""
    return waited > 0.3 and _is_said(on)


def _is_said(on: Stage) -> bool:
    return all(each.is_done for each in on.senders)
