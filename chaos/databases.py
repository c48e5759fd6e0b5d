"""An engine whose store is a PostgreSQL behind a network: either may be killed, and the network be cut.

The engine must outlive its database: while that is away senders hear "try later", and what it had in hand is
told by nobody as kept. A commit whose answer was lost may be there or not; either way nothing is lost,
nothing overtakes, nothing has its effect twice.
"""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from random import Random

import psycopg

from chaos.cable import Cable
from chaos.checker import Finding
from chaos.life import KILLED, Nursery
from chaos.load import Sender
from chaos.messages import draw, lanes_of
from chaos.outcome import Outcome
from chaos.postgresql import PostgresqlServer, postgresql_server
from chaos.rounds import OF_HISTORY, first_answer
from chaos.stage import NotDrained, Stage, stage

ROUNDS_PER_ROOM = 10
SENDERS, MESSAGES, LANES = 6, 12, 5
SHORT = {"answer_seconds": 1.0, "lease_margin_seconds": 0.8}
"""A delivery that could not be settled goes again when its lease is over."""
AWAY_SECONDS_MAX = 1.5
SILENT_SECONDS_MAX = 3.0
"""Longer than a lease."""
STRIKE_SECONDS_MAX = 0.08
AGAIN_SECONDS = 30.0
AGAIN_PAUSE_SECONDS = 0.2


class Databases:
    """Rounds against one server, each ten of them in a room (a schema) of their own."""

    def __init__(
        self,
        folder: Path,
        at: Nursery,
        outcome: Outcome,
        over: tuple[PostgresqlServer, Cable],
        chance: Random,
    ) -> None:
        self._folder, self._nursery, self._outcome = folder, at, outcome
        (self._server, self._cable), self._chance = over, chance
        self._names = itertools.count(1)
        self._blows: dict[str, Callable[[Stage], Awaitable[None]]] = {
            "engine killed": self._kill_engine,
            "database killed": self._kill_database,
            "database aborted": self._abort_database,
            "network cut": self._cut,
            "network silent": self._silence,
            "answers lost": self._lose_answers,
        }

    async def run(self, count: int) -> None:
        """So many rounds, each kind of blow in turn."""
        kinds = itertools.cycle(self._blows)
        for first in range(0, count, ROUNDS_PER_ROOM):
            if self._outcome.is_over:
                break
            place = self._folder / f"{first:05d}"
            chosen = list(itertools.islice(kinds, min(ROUNDS_PER_ROOM, count - first)))
            self._outcome.find(place, await self._in_one_room(place, chosen))
            self._outcome.say(f"{first + len(chosen)}/{count}")

    async def _in_one_room(self, place: Path, kinds: list[str]) -> list[Finding]:
        room = f"room_{next(self._names)}"
        await asyncio.to_thread(make_room, self._server.url, room)
        url = f"{self._server.url_over(self._cable.port)}?options=-csearch_path%3D{room}"
        async with stage(place, self._nursery, database=url, **SHORT) as on:
            await on.start()
            for kind in kinds:
                if found := await self._round(on, kind):
                    return found
            return await on.verdict()

    async def _round(self, on: Stage, kind: str) -> list[Finding]:
        senders = [self._sender(on) for _ in range(SENDERS)]
        return await struck(on, senders, kind, lambda: self._blows[kind](on), self._outcome, self._chance)

    def _sender(self, on: Stage) -> Sender:
        lanes = lanes_of(LANES, first=self._chance.randrange(100))
        messages = draw(f"D{next(self._names)}", range(MESSAGES), lanes, self._chance)
        return on.add_sender(messages, window=self._chance.choice((1, 1, 1, 4)))

    # The blows.

    async def _kill_engine(self, on: Stage) -> None:
        assert on.life is not None
        on.life.kill()
        status = await on.life.ended()
        if status != KILLED:
            self._outcome.find("engine", [f"ended with status {status}"])
        await on.start()

    async def _kill_database(self, _: Stage) -> None:
        await asyncio.to_thread(self._server.kill)
        await self._away()
        await asyncio.to_thread(self._server.start)

    async def _abort_database(self, _: Stage) -> None:
        await asyncio.to_thread(self._server.abort)
        await self._away()
        await asyncio.to_thread(self._server.start)

    async def _cut(self, _: Stage) -> None:
        await self._cable.cut(self._chance.uniform(0, AWAY_SECONDS_MAX))

    async def _silence(self, _: Stage) -> None:
        await self._cable.be_silent(self._chance.uniform(0, SILENT_SECONDS_MAX))

    async def _lose_answers(self, _: Stage) -> None:
        await self._cable.lose_answers(self._chance.uniform(0, STRIKE_SECONDS_MAX))

    async def _away(self) -> None:
        await asyncio.sleep(self._chance.uniform(0, AWAY_SECONDS_MAX))


async def struck(
    on: Stage,
    senders: Sequence[Sender],
    kind: str,
    blow: Callable[[], Awaitable[None]],
    outcome: Outcome,
    chance: Random,
) -> list[Finding]:
    """A blow in the midst of this load; then everything must drain and the history be clean."""
    on.tell("blow", outcome=kind)
    async with on.load() as sending:
        await first_answer(on)
        await asyncio.sleep(chance.uniform(0, STRIKE_SECONDS_MAX))
        await blow()
        await sending
    await until_taken(on, senders, outcome)
    try:
        await on.drained()
    except NotDrained as error:
        return [Finding("P6", str(error)), *on.findings(OF_HISTORY)]
    outcome.did("rounds", f"blow: {kind}")
    outcome.counts["acknowledged"] += sum(each.ok_count for each in senders)
    return on.findings(OF_HISTORY)


async def until_taken(on: Stage, senders: Sequence[Sender], outcome: Outcome) -> None:
    """What is in doubt or was to come later is sent again until everything is answered for good."""
    end = time.monotonic() + AGAIN_SECONDS
    while any(map(_is_open, senders)) and time.monotonic() < end:
        outcome.counts["sent again"] += sum(each.again() for each in senders)
        async with on.load() as sending:
            await sending
        await asyncio.sleep(AGAIN_PAUSE_SECONDS)


def _is_open(sender: Sender) -> bool:
    """Whether anything is in doubt or to come later, but for what the channel itself always turns down."""
    return bool(sender.unknown or [each for each in sender.later if each.kind != "broken"])


def make_room(url: str, name: str) -> None:
    """An empty schema."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"create schema {name}".encode())


async def databases(folder: Path, at: Nursery, outcome: Outcome, count: int, seed: int) -> None:
    """Kills of the engine and of its PostgreSQL, and a network between them that fails."""
    with postgresql_server() as server:
        cable = Cable(server.port)
        async with cable.relaying():
            chance = Random(seed)  # noqa: S311 - the same seed, the same run
            await Databases(folder, at, outcome, (server, cable), chance).run(count)
