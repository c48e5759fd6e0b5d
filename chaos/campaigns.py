"""The campaigns by name, as the short and the long forms run them."""

import math
import shutil
import tempfile
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random

from chaos import nemesis
from chaos.clocks import JUMPS, clocks, set_back
from chaos.databases import databases
from chaos.liars import liars
from chaos.life import Nursery
from chaos.lossy import Trouble
from chaos.nodes import nodes
from chaos.outcome import Outcome
from chaos.poison import poison
from chaos.report import progress
from chaos.rounds import Rounds
from chaos.stage import nursery
from chaos.sweep import points, sweep

Campaign = Callable[[Path, Nursery, Outcome, int, int], Awaitable[None]]
"""Runs in a folder with so many blows and a seed."""


def chance(seed: int) -> Random:
    """The same seed, the same run, as far as the machine's timing lets it."""
    return Random(seed)  # noqa: S311 - draws blows, guards nothing


async def kills(folder: Path, at: Nursery, outcome: Outcome, count: int, seed: int) -> None:
    """SIGKILL at random moments and at named places."""
    await Rounds(folder, at, outcome, seed=seed).run(list(nemesis.kills(count, chance(seed))))
    never = [name for name in nemesis.PLACES if not _is_reached(outcome, name)]
    if outcome.counts["rounds"] >= 4 * len(nemesis.PLACES):
        outcome.find("kills", (f"no kill at {name}" for name in never))


def _is_reached(outcome: Outcome, name: str) -> bool:
    return any(key.startswith(f"end: {name}") for key in outcome.counts)


async def cuts(folder: Path, at: Nursery, outcome: Outcome, count: int, seed: int) -> None:
    """Power cuts on a disk that forgets what was not synced."""
    await Rounds(folder, at, outcome, seed=seed, calm=Trouble()).run(list(nemesis.cuts(count, chance(seed))))


async def calls(folder: Path, at: Nursery, outcome: Outcome, count: int, seed: int) -> None:
    """The n-th call to the disk fails."""
    await sweep(folder, at, outcome, list(points(count, chance(seed))))


async def peers(folder: Path, at: Nursery, outcome: Outcome, count: int, seed: int) -> None:
    """Destinations that lie, and messages that can never be delivered."""
    for number in range(count):
        if outcome.is_over:
            break
        for when_stopped in ("hold", "pass"):
            place = folder / str(number)
            await liars(place, at, outcome, when_stopped=when_stopped)
            await poison(place, at, outcome, when_stopped=when_stopped, seed=seed + number)


async def clock(folder: Path, at: Nursery, outcome: Outcome, count: int, seed: int) -> None:
    """The clock moves."""
    for number in range(count):
        if outcome.is_over:
            break
        for name in JUMPS:
            await clocks(folder / str(number), at, outcome, name=name, seed=seed + number)
        await set_back(folder / str(number), at, outcome, seed=seed + number)


CAMPAIGNS: dict[str, Campaign] = {
    "kills": kills,
    "cuts": cuts,
    "calls": calls,
    "peers": peers,
    "clock": clock,
    "databases": databases,
    "nodes": nodes,
}
COUNTS = {"kills": 2_000, "cuts": 600, "calls": 800, "peers": 10, "clock": 5, "databases": 60, "nodes": 40}
LONG_COUNTS = {
    "kills": 10_000,
    "cuts": 5_000,
    "calls": 4_000,
    "peers": 100,
    "clock": 50,
    "databases": 1_000,
    "nodes": 600,
}


async def run(name: str, count: int, seed: int, *, seconds_max: float = math.inf) -> Outcome:
    """One campaign in a folder of its own, kept where something was found."""
    folder = Path(tempfile.mkdtemp(prefix=f"chaos-{name}-"))
    outcome = Outcome(say=progress(name), seconds_max=seconds_max)
    try:
        async with nursery() as at:
            await CAMPAIGNS[name](folder, at, outcome, count, seed)
    except Exception as error:  # the other campaigns go on
        traceback.print_exc()
        outcome.find(folder, [f"{type(error).__name__}: {error}"])
    if outcome.is_clean:
        shutil.rmtree(folder)
    return outcome
