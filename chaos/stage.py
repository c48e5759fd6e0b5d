"""Where a run takes place: the history, the destinations, one engine life after the other, the verdict."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from chaos.checker import PROPERTIES, Finding, check
from chaos.history import Event, History, read
from chaos.life import Life, Nursery
from chaos.load import Sender
from chaos.lossy import Trouble
from chaos.messages import Message
from chaos.node import Options
from chaos.peer import Peer, peers
from chaos.ports import free_port
from chaos.routes import DESTINATIONS

LOOK_SECONDS = 0.01
DRAIN_SECONDS = 30.0


class NotDrained(Exception):
    """Deliveries still wait although everything has been mended."""


@dataclass
class Stage:
    """One data folder, and everybody who takes part."""

    folder: Path
    nursery: Nursery
    peers: dict[str, Peer]
    load_history: History
    nemesis_history: History
    store_history: History
    options: Options
    senders: list[Sender] = field(default_factory=list)
    life: Life | None = None

    async def start(self, *, trouble: Trouble | None = None, failpoint: str = "", **other: Any) -> Life:
        """The next life on the same data; raises NotReady."""
        options = msgspec.structs.replace(self.options, trouble=trouble, failpoint=failpoint, **other)
        self.life = await self.nursery.start(options)
        return self.life

    def tell(self, op: str, **fields: str | int) -> None:
        """Notes what the nemesis does."""
        self.nemesis_history.tell(op, **fields)

    def add_sender(self, messages: Iterable[Message], *, window: int = 1) -> Sender:
        """A source with what it will send."""
        sender = Sender(self.options.port, self.load_history, messages, window=window)
        self.senders.append(sender)
        return sender

    @asynccontextmanager
    async def load(self) -> AsyncIterator["asyncio.Future[Any]"]:
        """All senders at work while the block lasts."""
        running = asyncio.gather(*(each.run() for each in self.senders if not each.is_done))
        try:
            yield running
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running

    async def drained(self, seconds: float = DRAIN_SECONDS) -> None:
        """Returns once nothing waits, and notes that everything had been mended; raises NotDrained."""
        self.tell("heal")
        await self.settles_at(0, seconds)

    async def settles_at(self, count: int, seconds: float = DRAIN_SECONDS) -> None:
        """Returns once exactly so many deliveries wait and none is being sent; raises NotDrained."""
        end = time.monotonic() + seconds
        while (waiting := await self.ask("waiting")) != count or await self.ask("in_hand"):
            if time.monotonic() > end:
                raise NotDrained(f"{waiting} deliveries wait after {seconds} seconds, not {count}")
            await asyncio.sleep(LOOK_SECONDS)

    async def note_rows(self) -> None:
        """Notes what the store holds."""
        self.store_history.tell("look")
        for row in await self.ask("rows"):
            self.store_history.tell(row.pop("op"), **row)

    def events(self) -> list[Event]:
        """The history so far, of all actors."""
        return read(*sorted(self.folder.glob("*.jsonl")))

    def findings(self, properties: Sequence[str] = tuple(PROPERTIES)) -> list[Finding]:
        """What the history breaks so far."""
        return check(self.events(), properties=properties)

    async def verdict(self, properties: Sequence[str] = tuple(PROPERTIES)) -> list[Finding]:
        """Drains, looks into the store, ends the life in good order, and checks the history."""
        try:
            await self.drained()
        except NotDrained as error:
            return [Finding("P6", str(error)), *self.findings(properties)]
        finally:
            await self.note_rows()
        damage = await self.ask("damage")
        await self.stop()
        found = self.findings(properties)
        return [*found, Finding("file", damage)] if damage else found

    async def ask(self, question: str, **about: Any) -> Any:
        """What the life on stage answers; raises Gone."""
        assert self.life is not None
        return await self.life.ask(question, **about)

    async def stop(self) -> int:
        """Ends the life in good order; its exit status."""
        assert self.life is not None
        await self.ask("stop")
        return await self.life.ended()

    async def end(self) -> None:
        """Ends whatever still runs."""
        if self.life is not None and not self.life.is_over:
            self.life.kill()
            await self.life.ended()


@asynccontextmanager
async def nursery() -> AsyncIterator[Nursery]:
    """The process that forks engines, while the block lasts."""
    made = Nursery()
    await made.open()
    try:
        yield made
    finally:
        await made.close()


@asynccontextmanager
async def stage(folder: Path, at: Nursery, **options: Any) -> AsyncIterator[Stage]:
    """A stage in an empty folder; `options` are those of every life on it."""
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - before anything runs
    with (
        History(folder / "load.jsonl", "load") as load,
        History(folder / "peers.jsonl", "peer") as seen,
        History(folder / "nemesis.jsonl", "nemesis") as nemesis,
        History(folder / "store.jsonl", "store") as rows,
    ):
        async with peers(seen, DESTINATIONS) as made:
            ports = {dest: each.port for dest, each in made.items()}
            lived = Options(folder=str(folder), port=free_port(), control=at.port, peers=ports, **options)
            on = Stage(folder, at, made, load, nemesis, rows, lived)
            try:
                yield on
            finally:
                await on.end()
