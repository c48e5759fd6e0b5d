"""Messages that can never be delivered: stopped within their limit, every other lane goes on.

Some the channel itself cannot translate; some the destination refuses, or never answers with sense. A lane
that holds waits for a person; a lane that passes goes on behind them.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from chaos.checker import Finding
from chaos.history import Event
from chaos.lies import LIES, TRUTH, Answer
from chaos.life import Nursery
from chaos.messages import Message, draw, lanes_of
from chaos.outcome import Outcome
from chaos.stage import Stage, stage

POISONS = ("AE", "AR", "AE 207, try later", "no control id", "another control id", "closes instead", "XML")
ATTEMPTS_MAX = 3
BEHIND = 4
"""Messages behind the poison in its lane."""
HEALTHY = 6
HEALTHY_SECONDS_MAX = 10.0
WHILE_STOPPED = ("P2", "P3", "P4", "P5", "P7", "P8", "P9")
"""What must hold while lanes wait for a person."""


class Poisoned:
    """Says the same of one message of each poisoned source, as often as it comes, until it is mended."""

    def __init__(self) -> None:
        self.is_mended = False
        self.lies = {f"X{number}": LIES[name] for number, name in enumerate(POISONS)}

    def __call__(self, control_id: str, count: int) -> Answer:
        src, _, number = control_id.partition("-")
        is_poison = src in self.lies and number == "0" and not self.is_mended
        return self.lies[src] if is_poison else TRUTH

    def tries(self, src: str) -> int:
        """How often a poison is sent before it is stopped: a no is a no."""
        return 1 if self.lies[src].means == "no" else ATTEMPTS_MAX


async def poison(folder: Path, at: Nursery, outcome: Outcome, *, when_stopped: str, seed: int = 0) -> None:
    """Poisoned lanes beside healthy ones."""
    place = folder / f"poison-{when_stopped}"
    async with stage(place, at, attempts_max=ATTEMPTS_MAX, when_stopped=when_stopped) as on:
        found = await _poisoned(on, when_stopped, Random(seed))  # noqa: S311
    outcome.find(place, found)
    outcome.counts["poisons"] += len(POISONS)
    outcome.say(f"{len(POISONS)} poisons, a lane that is stopped: {when_stopped}")


async def _poisoned(on: Stage, when_stopped: str, chance: Random) -> list[Finding]:
    on.peers["ward"].behave = behave = Poisoned()
    lanes = lanes_of(len(POISONS) + HEALTHY)
    for src, lane in zip(behave.lies, lanes, strict=False):
        on.add_sender(Message(src, number, "plain", (lane,)) for number in range(1 + BEHIND))
    for number in range(HEALTHY):
        on.add_sender(draw(f"G{number}", range(40), lanes[len(POISONS) :], chance))
    await on.start()
    started = time.monotonic_ns()
    async with on.load() as sending:
        await sending
    await on.settles_at(len(POISONS) * (BEHIND if when_stopped == "hold" else 0))
    await on.note_rows()
    found = [*on.findings(WHILE_STOPPED), *_stopped(on, behave, when_stopped), *_slow(on.events(), started)]
    behave.is_mended = True
    await on.ask("decide", state="pending")
    return [*found, *await on.verdict()]


def _stopped(on: Stage, behave: Poisoned, when_stopped: str) -> Iterator[Finding]:
    """Each poison was tried as often as it may be, and what is behind it waits or went on."""
    rows = [event for event in on.events() if event.op == "delivery" and event.dest == "ward"]
    states = {event.src_id: event.outcome for event in rows}
    came = on.peers["ward"].came
    for src in behave.lies:
        times = [came[f"{src}-{number}"] for number in range(1 + BEHIND)]
        behind = 0 if when_stopped == "hold" else 1
        if times != [behave.tries(src), *[behind] * BEHIND]:
            yield Finding("poison", f"{src}: came {times} times")
        if states[f"{src}-0"] not in ("stalled", "refused"):
            yield Finding("poison", f"{src} is {states[f'{src}-0']}")


def _slow(events: list[Event], started: int) -> Iterator[Finding]:
    healthy = [event for event in events if event.op == "effect" and event.src_id.startswith("G")]
    seconds = (max(event.mono_ns for event in healthy) - started) / 1e9
    if seconds > HEALTHY_SECONDS_MAX:
        yield Finding("poison", f"healthy lanes took {seconds:.1f} seconds")
