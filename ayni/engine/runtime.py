"""The channels of one engine as they run: started, stopped, paused, drained, and deployed while others go on.

A channel that is stopped takes no messages; what it has taken is still delivered. A destination that is
paused keeps what it is owed. Both are switches of a person, and a restart leaves them as they are.
"""

import asyncio
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import msgspec
import structlog

from ayni.engine.acknowledging import Acknowledging
from ayni.engine.channel import Channel
from ayni.engine.connectors.contract import Arrived, DestinationDeclaration, Sender, Source, Verdict, World
from ayni.engine.delivery import Deliverer, FreeHand
from ayni.engine.errors import ChannelError
from ayni.engine.loading import check_together, load_channel
from ayni.engine.pipeline import Pipeline
from ayni.engine.room import LOOK_SECONDS, Room
from ayni.wire.failure import CannotStart
from ayni.wire.logging import where

log = structlog.get_logger()

SETTLING_LOOK_SECONDS = 0.02
CANCEL_AGAIN_SECONDS = 2.0
FINISH_SECONDS = 3.0
"""How long an ending engine waits for answers: whoever stops a service seldom waits longer than ten."""


@dataclass(slots=True)
class Running:
    """One source at work. `stop` ends it; `task` is done once it took its last message."""

    stop: asyncio.Event
    task: asyncio.Task[None]


class Switches:
    """What a person stopped or paused, kept in one file so that a restart does not undo it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._off = _read_switches(path) if path.exists() else set()

    def is_off(self, name: str) -> bool:
        """Whether `channel/<name>` or `destination/<partner>` was switched off."""
        return name in self._off

    def set(self, name: str, *, off: bool) -> None:
        """Switches, and writes it down."""
        (self._off.add if off else self._off.discard)(name)
        fresh = self._path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(msgspec.json.encode(sorted(self._off)))
            file.flush()
            os.fsync(file.fileno())  # an empty file after a power cut would keep the engine from starting
        fresh.replace(self._path)


def _read_switches(path: Path) -> set[str]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=set[str])
    except msgspec.DecodeError as error:
        raise CannotStart(f"{path}: write a JSON list of switched-off names, or remove the file") from error


class Runtime:
    """Sources and deliverers of the deployed channels. Every method is called on the engine's loop."""

    def __init__(self, pipeline: Pipeline, world: World, *, channels: dict[str, Channel], owner: str) -> None:
        """`channels` is the pipeline's own mapping; deploying changes it in place."""
        self.pipeline, self.channels, self.deliverers = pipeline, channels, dict[str, Deliverer]()
        self.room = Room(pipeline.store)
        self._world, self._owner = replace(world, is_full=self.room.is_queue_full), owner
        self._switches = Switches(world.data / "switches.json")
        self._sources: dict[str, Running] = {}
        self._delivering: dict[str, asyncio.Task[None]] = {}
        self._connectors: dict[str, DestinationDeclaration] = {}
        self._changing = asyncio.Lock()
        """Starting, stopping and deploying follow one another: each leaves the sources as it says."""
        pipeline.store.acknowledgements = Acknowledging(
            channels, pipeline.formats, now=pipeline.now, wake=self.wake
        )
        pipeline.store.hands = self
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Opens every destination, then every source that is not switched off."""
        await self.pipeline.store.recover(self._owner, at=self.pipeline.steady_now())
        self._watching = asyncio.create_task(self.room.watch())
        for channel in list(self.channels.values()):
            self._open_destinations(channel)
        for name in list(self.channels):
            if not self._switches.is_off(f"channel/{name}"):
                await self._open_source(name)

    async def close(self) -> None:
        """Takes no more, finishes what is in hand."""
        for name in list(self._sources):
            await self._close_source(name)
        await self._finish_sending()
        await _end(*self._delivering.values())
        if self._watching is not None:
            self._watching.cancel()

    async def _finish_sending(self) -> None:
        """Waits for the answers of partners that are well; what stays open then is unknown and goes again."""
        try:
            async with asyncio.timeout(FINISH_SECONDS):
                await asyncio.gather(*map(self._quieten, self.deliverers))
        except TimeoutError:
            log.warning("partners have not answered, ending", seconds=FINISH_SECONDS)
        except Exception as error:  # a store that fails must not keep the engine from ending
            log.error("sends not finished, ending", **where(error))

    def wake(self, partner: str) -> None:
        """Says that something waits for a partner."""
        if (deliverer := self.deliverers.get(partner)) is not None:
            deliverer.wake()

    def free(self, destination: str) -> FreeHand | None:
        """A hand for a delivery that is being written (`store.contract.Hands`)."""
        deliverer = self.deliverers.get(destination)
        return deliverer.free_hand() if deliverer is not None else None

    def is_started(self, channel: str) -> bool:
        """Whether a channel takes messages."""
        return channel in self._sources

    async def start_channel(self, name: str) -> None:
        """Lets a channel take messages; raises CannotStart when its source cannot."""
        async with self._changing:
            await self._open_source(name)
            self._switches.set(f"channel/{name}", off=False)

    async def stop_channel(self, name: str) -> None:
        """A channel takes no more messages; what it took is still delivered."""
        async with self._changing:
            self._switches.set(f"channel/{name}", off=True)
            await self._close_source(name)

    def pause(self, partner: str, *, paused: bool) -> None:
        """Holds or goes on with what a destination is owed."""
        deliverer = self.deliverers[partner]
        self._switches.set(f"destination/{partner}", off=paused)
        deliverer.is_paused = paused
        deliverer.wake()

    async def drain(self, name: str) -> None:
        """Stops a channel and returns once nothing it took waits any more."""
        await self.stop_channel(name)
        while await asyncio.to_thread(self.pipeline.store.is_waiting, name):  # noqa: ASYNC110 - in a file
            await asyncio.sleep(LOOK_SECONDS)

    async def drain_destination(self, partner: str) -> None:
        """Pauses a destination and returns once nothing is on its way to it: what it is owed waits.

        It also returns when somebody lets the destination go on.
        """
        self.pause(partner, paused=True)
        switch = f"destination/{partner}"
        while self._switches.is_off(switch) and not await self._is_idle(partner):  # noqa: ASYNC110 - many events
            await asyncio.sleep(SETTLING_LOOK_SECONDS)

    async def deploy(self, folder: Path) -> str:
        """Puts the channel of a folder in the place of the one of its name; its revision.

        Loading, checking and opening come first: what cannot be used leaves the running channel as it is,
        and so does a source that does not start.
        """
        channel = await asyncio.to_thread(load_channel, folder)
        async with self._changing:
            others = (each for each in self.channels.values() if each.name != channel.name)
            check_together([*others, channel])
            channel.source.open(self._world, channel.name)
            senders = self._new_senders(channel)
            try:
                await self._exchange(channel)
            except CannotStart:
                await asyncio.gather(*(sender.close() for _, sender in senders.values()))
                raise
            for partner, (connector, sender) in senders.items():
                await self._deliver_through(partner, connector, sender)
        log.info("channel deployed", channel=channel.name, revision=channel.revision)
        return channel.revision

    async def _exchange(self, channel: Channel) -> None:
        """Closes the source of the channel before and opens this one's, or again the one before."""
        name, before = channel.name, self.channels.get(channel.name)
        await self._close_source(name)
        self.channels[name] = channel
        if self._switches.is_off(f"channel/{name}"):
            return
        try:
            await self._open_source(name)
        except CannotStart:
            if before is None:
                del self.channels[name]
            else:
                self.channels[name] = before
                await self._open_source(name)
            raise

    def _new_senders(self, channel: Channel) -> dict[str, tuple[DestinationDeclaration, Sender]]:
        """The ways to its partners that are not open yet; raises CannotStart for a setting."""
        wanted = {each.partner: each.connector for each in channel.destinations}
        return {
            partner: (connector, connector.open(self._world, partner))
            for partner, connector in wanted.items()
            if self._connectors.get(partner) != connector
        }

    async def _deliver_through(self, partner: str, connector: DestinationDeclaration, sender: Sender) -> None:
        """Delivers to a partner this way from now on; what is on its way by another one is settled before."""
        if partner in self.deliverers:
            await self._quieten(partner)
            await _end(self._delivering.pop(partner))
        self._start_deliverer(partner, connector, sender)

    async def _quieten(self, partner: str) -> None:
        """Returns once nothing is on its way to a partner; where that fails it is served as before."""
        try:
            while not await self._is_idle(partner):  # noqa: ASYNC110 - a send ends, or its time for an answer
                await asyncio.sleep(SETTLING_LOOK_SECONDS)
        except BaseException:
            self.deliverers[partner].is_paused = self._switches.is_off(f"destination/{partner}")
            self.wake(partner)
            raise

    async def _is_idle(self, partner: str) -> bool:
        """Takes nothing more up, and says whether nothing is in hand or about to be.

        What was being leased when the destination was paused is in hand once the store has answered a
        question that was asked later.
        """
        deliverer, store, now = self.deliverers[partner], self.pipeline.store, self.pipeline.steady_now()
        deliverer.is_paused = True
        await store.claim(partner, owner=self._owner, at=now, until=now, limit=0)
        return deliverer.in_hand_count == 0

    def _open_destinations(self, channel: Channel) -> None:
        """A partner that is there already keeps its deliverer: its connector is the same."""
        for partner, (connector, sender) in self._new_senders(channel).items():
            self._start_deliverer(partner, connector, sender)

    def _start_deliverer(self, partner: str, connector: DestinationDeclaration, sender: Sender) -> None:
        self._connectors[partner] = connector
        self.deliverers[partner] = deliverer = Deliverer(
            partner,
            sender,
            pipeline=self.pipeline,
            backoff=self._world.environment.backoff(),
            owner=self._owner,
            answer_seconds=self._world.environment.seconds("AYNI_ANSWER_SECONDS"),
        )
        deliverer.is_paused = self._switches.is_off(f"destination/{partner}")
        self._delivering[partner] = asyncio.create_task(deliverer.run())

    async def _open_source(self, name: str) -> None:
        if name in self._sources:
            return
        source = self.channels[name].source.open(self._world, name)
        started: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        stop = asyncio.Event()
        task = asyncio.create_task(self._run(name, source, started, stop))
        self._sources[name] = running = Running(stop, task)
        try:
            await started
        except Exception as error:
            del self._sources[name]
            hint = str(error) if isinstance(error, CannotStart) else f"see {type(error).__name__} in the log"
            log.error("source cannot start", channel=name, **where(error))
            raise ChannelError("source-cannot-start", name, hint) from error
        task.add_done_callback(partial(self._ended, name, running))

    def _ended(self, name: str, running: Running, task: asyncio.Task[None]) -> None:
        """A source that ends by itself takes nothing any more, and must not be shown as if it did."""
        if self._sources.get(name) is running:
            del self._sources[name]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("source ended", channel=name, **where(error))

    async def _run(
        self, name: str, source: Source, started: asyncio.Future[None], stop: asyncio.Event
    ) -> None:
        """A source's life, in one task from its opening to its closing."""
        try:
            async with source.running(partial(self.receive, name)):
                started.set_result(None)
                await stop.wait()
        except Exception as error:
            if started.done():
                raise
            started.set_exception(error)

    async def _close_source(self, name: str) -> None:
        running = self._sources.pop(name, None)
        if running is not None:
            running.stop.set()
            await asyncio.gather(running.task, return_exceptions=True)

    async def receive(self, name: str, arrived: Arrived) -> Verdict:
        """What every source hands its arrivals to; an engine without room says so, or makes them wait."""
        if not self.room.is_open and (hindrance := await self.room.found()):
            return self.pipeline.not_kept(name, arrived, hindrance)
        return await self.pipeline.receive(name, arrived, source=self.channels[name].source.format)


async def _end(*tasks: asyncio.Task[None]) -> None:
    """Cancels tasks until they have ended.

    Before Python 3.12 `asyncio.wait_for` does not hear a cancellation that comes together with what it waits
    for, and a deliverer that was just woken would go on for ever.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=CANCEL_AGAIN_SECONDS)


def partners(channels: Mapping[str, Channel]) -> Iterator[str]:
    """The partners of these channels, each once."""
    seen = {each.partner for channel in channels.values() for each in channel.destinations}
    return iter(sorted(seen))
