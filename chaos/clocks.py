"""The engine's clock moves by hours and days, both ways, while messages are under way.

Order and leases must not notice: nothing is sent twice to a destination that answers, nothing waits for a
clock to come back to where it was, whether it moved while the engine worked or while it was down.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

from chaos.checker import Finding
from chaos.lies import LIES, TRUTH, Answer, framed
from chaos.life import Nursery
from chaos.messages import draw, lanes_of
from chaos.outcome import Outcome
from chaos.stage import NotDrained, Stage, stage

SLOW_SECONDS = 0.05
HOUR = 3600.0
JUMPS: dict[str, tuple[float, ...]] = {
    "forward": (2 * HOUR, 72 * HOUR),
    "back": (-2 * HOUR, -72 * HOUR),
    "there and back": (2 * HOUR, -2 * HOUR, 72 * HOUR, -72 * HOUR, 0.0),
}
"""How far from the true time, one after the other; the last one stays."""
BETWEEN_SECONDS = 0.25
LOOK_FOR_SECONDS = 5.0
SENDERS, MESSAGES = 5, 12


def slow(_: str, __: int) -> Answer:
    """The truth after a while: messages are under way when the clock moves."""
    return Answer(lambda answer: [SLOW_SECONDS, framed(answer)], "yes")


async def clocks(folder: Path, at: Nursery, outcome: Outcome, *, name: str, seed: int = 0) -> None:
    """One way of moving the clock."""
    place = folder / f"clock-{name.replace(' ', '-')}"
    async with stage(place, at) as on:
        found = await _moved(on, JUMPS[name], Random(seed))  # noqa: S311
    outcome.find(place, found)
    outcome.counts["clock jumps"] += len(JUMPS[name])
    outcome.say(f"clock {name}")


async def set_back(folder: Path, at: Nursery, outcome: Outcome, *, seed: int = 0) -> None:
    """Three days ahead in one life, in which every message is put off; set right before the next."""
    place = folder / "clock-set-back"
    async with stage(place, at) as on:
        found = await _put_off_and_set_back(on, Random(seed))  # noqa: S311
    outcome.find(place, found)
    outcome.did("clock jumps")
    outcome.say("clock set back while it was down")


async def _put_off_and_set_back(on: Stage, chance: Random) -> list[Finding]:
    for peer in on.peers.values():
        peer.behave = lambda _, count: LIES["AE 207, try later"] if count == 1 else TRUTH
    for number in range(SENDERS):
        on.add_sender(draw(f"C{number}", range(MESSAGES), lanes_of(SENDERS), chance))
    await on.start(clock_seconds=72 * HOUR)
    async with on.load() as sending:
        await sending
    await on.end()
    await on.start()
    return await on.verdict()


async def _moved(on: Stage, jumps: tuple[float, ...], chance: Random) -> list[Finding]:
    for peer in on.peers.values():
        peer.behave = slow
    for number in range(SENDERS):
        on.add_sender(draw(f"C{number}", range(MESSAGES), lanes_of(SENDERS), chance))
    await on.start()
    async with on.load() as sending:
        for seconds in jumps:
            await asyncio.sleep(BETWEEN_SECONDS)
            on.tell("clock", outcome=str(seconds))
            await on.ask("clock", seconds=seconds)
        await sending
    try:
        await on.drained(LOOK_FOR_SECONDS)
    except NotDrained as error:
        await on.note_rows()
        return [Finding("clock", str(error)), *on.findings(("P1", "P2", "P3", "P4", "P5")), *_repeated(on)]
    return [*await on.verdict(), *_repeated(on)]


def _repeated(on: Stage) -> Iterator[Finding]:
    sent = Counter((event.dest, event.src_id) for event in on.events() if event.op == "sent")
    for (dest, src_id), count in sent.items():
        if count > 1:
            yield Finding("clock", f"{src_id} was sent {count} times to {dest}, which always answers")
    if lost := sum(event.op == "fenced" for event in on.events()):
        yield Finding("clock", f"{lost} leases were lost")
