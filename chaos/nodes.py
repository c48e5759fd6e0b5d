"""Two engines on one PostgreSQL, each taking messages and delivering whatever is due.

One is killed, and the other takes over when its leases are over; one is paused for longer than a lease and
goes on as if nothing had been. Whoever lost a lane changes nothing, and nothing old comes behind something
newer.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import msgspec

from chaos.checker import Finding
from chaos.databases import SHORT, make_room, struck
from chaos.life import Life, Nursery
from chaos.load import Sender
from chaos.messages import draw, lanes_of
from chaos.node import Options
from chaos.outcome import Outcome
from chaos.ports import free_port
from chaos.postgresql import PostgresqlServer, postgresql_server
from chaos.stage import Stage, nursery, stage

ROUNDS_PER_ROOM = 8
SENDERS_OF_EACH, MESSAGES, LANES = 3, 12, 4
LEASE_SECONDS = SHORT["answer_seconds"] + SHORT["lease_margin_seconds"]
PAUSE_IN_LEASES = (0.5, 3.0)


class Engine:
    """One of the two: its options, and its life now."""

    def __init__(self, at: Nursery, options: Options) -> None:
        self.options, self._at = options, at
        self.life: Life | None = None

    async def start(self) -> Life:
        """Its next life."""
        self.life = await self._at.start(self.options)
        return self.life

    async def end(self) -> None:
        """Killed, if it runs."""
        if self.life is not None and not self.life.is_over:
            self.life.kill()
            await self.life.ended()


class Pair:
    """Two engines on one stage, and what is done to them."""

    def __init__(self, on: Stage, other: Engine, outcome: Outcome, chance: Random) -> None:
        self._on, self._outcome, self._chance = on, outcome, chance
        self._names = itertools.count(1)
        self._first = Engine(on.nursery, on.options)
        self._other = other
        self.blows: Mapping[str, Callable[[], Awaitable[None]]] = {
            "one killed": self._kill_one,
            "one paused": self._pause_one,
            "both killed": self._kill_both,
            "one stopped in order": self._stop_one,
        }

    async def start(self) -> None:
        """Both work. The stage asks the first."""
        self._on.life = await self._first.start()
        await self._other.start()

    async def round(self, kind: str) -> list[Finding]:
        """One blow under load; then everything must drain and the history be clean."""
        on = self._on
        senders = [self._sender(each) for each in (self._first, self._other) for _ in range(SENDERS_OF_EACH)]
        return await struck(on, senders, kind, self.blows[kind], self._outcome, self._chance)

    async def verdict(self) -> list[Finding]:
        """The other is over; the first is asked for the store's rows, and the whole history is checked."""
        await self._other.end()
        self._outcome.counts["leases lost"] += sum(event.op == "fenced" for event in self._on.events())
        return await self._on.verdict()

    def _sender(self, engine: Engine) -> Sender:
        lanes = lanes_of(LANES, first=self._chance.randrange(3))
        messages = draw(f"N{next(self._names)}", range(MESSAGES), lanes, self._chance)
        made = Sender(
            engine.options.port, self._on.load_history, messages, window=self._chance.choice((1, 1, 4))
        )
        self._on.senders.append(made)
        return made

    # The blows.

    def _one(self) -> Engine:
        return self._chance.choice((self._first, self._other))

    async def _kill_one(self) -> None:
        engine = self._one()
        await engine.end()
        await asyncio.sleep(self._chance.uniform(0, 2 * LEASE_SECONDS))  # the other may take over, or not yet
        await self._begin_again(engine)

    async def _pause_one(self) -> None:
        life = self._one().life
        assert life is not None
        life.pause()
        await asyncio.sleep(LEASE_SECONDS * self._chance.uniform(*PAUSE_IN_LEASES))
        life.go_on()

    async def _kill_both(self) -> None:
        for engine in (self._first, self._other):
            await engine.end()
        for engine in (self._other, self._first):
            await self._begin_again(engine)

    async def _stop_one(self) -> None:
        engine = self._one()
        assert engine.life is not None
        await engine.life.ask("stop")
        if status := await engine.life.ended():
            self._outcome.find("engine", [f"stopped in order with status {status}"])
        await self._begin_again(engine)

    async def _begin_again(self, engine: Engine) -> None:
        life = await engine.start()
        if engine is self._first:
            self._on.life = life


async def nodes(folder: Path, at: Nursery, outcome: Outcome, count: int, seed: int) -> None:
    """Two engines on one database, of which one is killed, paused or stopped."""
    chance = Random(seed)  # noqa: S311 - the same seed, the same run
    with postgresql_server() as server:
        async with nursery() as second:
            for first in range(0, count, ROUNDS_PER_ROOM):
                if outcome.is_over:
                    break
                place, rounds = folder / f"{first:05d}", min(ROUNDS_PER_ROOM, count - first)
                async with _pair(place, (at, second), server, outcome, chance) as both:
                    outcome.find(place, await _rounds(both, rounds))
                outcome.say(f"{first + rounds}/{count}")


@asynccontextmanager
async def _pair(
    place: Path, at: tuple[Nursery, Nursery], server: PostgresqlServer, outcome: Outcome, chance: Random
) -> AsyncIterator[Pair]:
    room = f"room_{place.name}"
    await asyncio.to_thread(make_room, server.url, room)
    url = f"{server.url}?options=-csearch_path%3D{room}"
    one, two = at
    async with stage(place, one, database=url, **SHORT) as on:
        options = msgspec.structs.replace(on.options, owner="other", port=free_port(), control=two.port)
        other = Engine(two, options)
        try:
            yield Pair(on, other, outcome, chance)
        finally:
            await other.end()


async def _rounds(both: Pair, count: int) -> list[Finding]:
    await both.start()
    for kind in itertools.islice(itertools.cycle(both.blows), count):
        if found := await both.round(kind):
            return found
    return await both.verdict()
