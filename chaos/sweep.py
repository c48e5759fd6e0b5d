"""The n-th call to the disk fails, for many n: never an acknowledgement without its commit.

After a failed sync the process must be gone. After any other failure it may go on or end, but what it
acknowledged is there. A full disk must not end it: intake is refused, and taken up again when there is
space. At half of the points the power is cut afterwards, so that only what was synced can be left.
"""

import asyncio
import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Literal

from chaos.checker import Finding
from chaos.life import Gone, NotReady, Nursery
from chaos.lossy import Call, Trouble
from chaos.messages import draw, lanes_of
from chaos.node import STARTED_BADLY
from chaos.outcome import Outcome
from chaos.stage import Stage, stage

CALLS: tuple[Call, ...] = ("write", "sync", "truncate", "read")
ERRORS: tuple[Literal["eio", "full"], ...] = ("eio", "full")
COME: dict[Call, int] = {"write": 100, "sync": 24, "truncate": 2, "read": 100}
"""About how many of each the load leads to: what is drawn beyond it never comes."""
SENDERS, MESSAGES, LANES = 4, 8, 4
SHORT = {"answer_seconds": 1.0, "lease_margin_seconds": 0.4}
"""A delivery that could not be settled on a full disk goes again when its lease is over."""
ENDED_BY_ITSELF = (os.EX_IOERR, STARTED_BADLY, 1)
"""The disk did not keep what was written; it cannot start and says so; or whatever else ends a process."""
LOAD_SECONDS = 30.0
CHECKPOINT_SECONDS = 0.04


@dataclass(frozen=True, slots=True)
class Point:
    """One call that fails, and whether the power is cut afterwards."""

    trouble: Trouble
    is_cut: bool

    @property
    def name(self) -> str:
        """What fails, as it is counted."""
        trouble = self.trouble
        when = "from the start" if trouble.from_start else "under load"
        how = "for good" if trouble.lasts else "once"
        return f"{trouble.fail_call} {trouble.error} {how} {when}"


def points(count: int, chance: Random) -> Iterator[Point]:
    """Every kind of call and error in turn, the n growing."""
    for number in range(count):
        call = CALLS[number % len(CALLS)]
        error = ERRORS[number // len(CALLS) % len(ERRORS)]
        n = 1 + number // (len(CALLS) * len(ERRORS)) % COME[call]
        trouble = Trouble(
            seed=number,
            fail_call=call,
            fail_at=n,
            error=error,
            lasts=chance.random() < 0.25,
            from_start=chance.random() < 0.2,
        )
        yield Point(trouble, is_cut=chance.random() < 0.5)


async def sweep(folder: Path, at: Nursery, outcome: Outcome, chosen: list[Point]) -> None:
    """One folder for each point."""
    for number, point in enumerate(chosen, start=1):
        if outcome.is_over:
            break
        place = folder / f"{number:05d}"
        async with stage(place, at, **SHORT) as on:
            found = await _at(on, point, outcome, Random(point.trouble.seed))  # noqa: S311
        outcome.find(f"{place} ({point.name} {point.trouble.fail_at})", found)
        outcome.did("points")
        if not found:
            shutil.rmtree(place)
        if number % 10 == 0:
            outcome.say(f"{number}/{len(chosen)}")


async def _at(on: Stage, point: Point, outcome: Outcome, chance: Random) -> list[Finding]:
    for number in range(SENDERS):
        on.add_sender(draw(f"S{number}", range(MESSAGES), lanes_of(LANES), chance))
    on.tell("blow", outcome=point.name)
    found = await _with_trouble(on, point, outcome)
    if found:
        return found
    if on.life is None or on.life.is_over:
        await on.start(trouble=Trouble())
    await _send_the_rest(on)
    return await on.verdict()


async def _with_trouble(on: Stage, point: Point, outcome: Outcome) -> list[Finding]:
    try:
        life = await on.start(trouble=point.trouble)
    except NotReady as error:
        outcome.did("ends", "did not start", f"hit: {point.name}")
        return _fit(error.status, point)
    async with on.load() as sending:
        over = asyncio.ensure_future(life.ended())
        await _until_either(on, sending, over)
        if over.done():
            outcome.did("ends", f"hit: {point.name}")
            return _fit(over.result(), point)
        over.cancel()
    try:
        return await _mended(on, point, outcome)
    except Gone:  # it ended right behind the last answer
        outcome.did("ends", f"hit: {point.name}")
        return _fit(await life.ended(), point)


async def _until_either(on: Stage, sending: "asyncio.Future[None]", over: "asyncio.Future[int]") -> None:
    """Until all is sent or the life is over; the log is moved into the file again and again meanwhile."""
    async with asyncio.timeout(LOAD_SECONDS):
        while not (sending.done() or over.done()):
            with contextlib.suppress(Gone):
                await on.ask("checkpoint")
            either: set[asyncio.Future[Any]] = {sending, over}
            await asyncio.wait(either, timeout=CHECKPOINT_SECONDS, return_when=asyncio.FIRST_COMPLETED)


async def _mended(on: Stage, point: Point, outcome: Outcome) -> list[Finding]:
    hits = (await on.ask("heal"))["hits"]
    outcome.did(f"hit: {point.name}" if hits else f"never came: {point.name}")
    if hits and point.trouble.fail_call == "sync" and point.trouble.lasts:
        return [Finding("fsync", "the process went on although no sync works")]
    if point.is_cut:
        outcome.did("power cut afterwards")
        await on.end()
    return []


def _fit(status: int, point: Point) -> list[Finding]:
    """An end is fit where the disk failed; a full disk is no reason to end what is in service."""
    trouble = point.trouble
    is_full = (trouble.error, trouble.fail_call) == ("full", "write") and not trouble.from_start
    if status in ENDED_BY_ITSELF and not is_full:
        return []
    return [Finding("end", f"the process ended with {status}")]


async def _send_the_rest(on: Stage) -> None:
    """What was in doubt, or was to come later, is sent again."""
    for each in on.senders:
        each.again()
    async with on.load() as sending:
        await asyncio.wait_for(sending, LOAD_SECONDS)
