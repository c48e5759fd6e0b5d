"""Destinations that lie, once each, in a lane of its own: never delivered without a yes to this message.

After the lie each of them is honest. What means yes is delivered at once; what means nothing is unknown, and
the same bytes go again; a no waits for a person, and its lane with it or without it, as the route says.
"""

from collections.abc import Iterator
from pathlib import Path

from chaos.checker import Finding
from chaos.lies import LIES, TRUTH, Answer
from chaos.life import Nursery
from chaos.messages import Message, lanes_of
from chaos.outcome import Outcome
from chaos.peer import Peer
from chaos.stage import Stage, stage

ANSWER_SECONDS = 0.7
MESSAGES = 3
LARGE_BYTES = 600_000
"""More than a socket holds: a message that is under way when its answer comes."""
WHILE_STOPPED = ("P2", "P3", "P4", "P5", "P7", "P8", "P9")
"""What must hold while lanes wait for a person."""


class Liar:
    """Behaves as its catalogue says to the first message of each source, then honestly."""

    def __init__(self, lies: dict[str, Answer]) -> None:
        self.lies = {f"L{number}": lie for number, lie in enumerate(lies.values())}
        self.names = {f"L{number}": name for number, name in enumerate(lies)}

    def __call__(self, control_id: str, count: int) -> Answer:
        src, _, number = control_id.partition("-")
        is_lied_to = number == "0" and count == 1
        return self.lies[src] if is_lied_to and src in self.lies else TRUTH

    def messages(self, src: str, lane: str) -> Iterator[Message]:
        """A few messages of one lane; the first is the one that is lied about."""
        for number in range(MESSAGES):
            is_early = self.lies[src].is_early and number == 0
            yield Message(src, number, "plain", (lane,), LARGE_BYTES if is_early else 0)


async def liars(folder: Path, at: Nursery, outcome: Outcome, *, when_stopped: str) -> None:
    """Every lie at once over the few connections to one destination."""
    hasty = {name: lie for name, lie in LIES.items() if lie.is_early}
    others = {name: lie for name, lie in LIES.items() if not lie.is_early}
    for lies in (others, hasty):
        place = folder / f"{when_stopped}-{len(lies)}"
        async with stage(place, at, answer_seconds=ANSWER_SECONDS, when_stopped=when_stopped) as on:
            on.peers["ward"].is_hasty = lies is hasty
            found = await _lied_to(on, Liar(lies), when_stopped)
        outcome.find(place, found)
        outcome.counts["lies"] += len(lies)
        outcome.say(f"{len(lies)} lies, a lane that is stopped: {when_stopped}")


async def _lied_to(on: Stage, liar: Liar, when_stopped: str) -> list[Finding]:
    on.peers["ward"].behave = liar
    for src, lane in zip(liar.lies, lanes_of(len(liar.lies)), strict=True):
        on.add_sender(liar.messages(src, lane))
    await on.start()
    async with on.load() as sending:
        await sending
    said_no = [src for src, lie in liar.lies.items() if lie.means == "no"]
    waiting = len(said_no) * (MESSAGES - 1 if when_stopped == "hold" else 0)
    await on.settles_at(waiting)
    found = [*_after_the_lie(liar, on.peers["ward"], when_stopped)]
    await on.note_rows()
    found += on.findings(WHILE_STOPPED)
    await on.ask("decide", state="pending")
    return [*found, *await on.verdict(), *_after_all(liar, on.peers["ward"])]


def _after_the_lie(liar: Liar, ward: Peer, when_stopped: str) -> Iterator[Finding]:
    for src, lie in liar.lies.items():
        times = [ward.came[f"{src}-{number}"] for number in range(MESSAGES)]
        is_right = {
            "yes": times == [1, 1, 1],
            "nonsense": times[0] >= 2 and times[1:] == [1, 1],
            "no": times == ([1, 0, 0] if when_stopped == "hold" else [1, 1, 1]),
        }[lie.means]
        if not is_right:
            yield Finding("lie", f"{liar.names[src]}: means {lie.means}, its messages came {times} times")


def _after_all(liar: Liar, ward: Peer) -> Iterator[Finding]:
    for src in liar.lies:
        if missing := [n for n in range(MESSAGES) if f"{src}-{n}" not in ward.taken]:
            yield Finding("lie", f"{liar.names[src]}: {missing} never came after a person sent it again")
