"""From one channel to another: the far side is the engine itself, here one that keeps what it took."""

import asyncio
from dataclasses import replace

import pytest

from ayni.engine.connectors.channel_link import FromChannels, ToChannel
from ayni.engine.connectors.contract import Arrived, Sender, Verdict, World
from ayni.wire.failure import Refused

from .contract import DestinationContract
from .sides import NOT_KEPT, REFUSED, Desk, parcel


class OtherChannel:
    """The receiving end of a channel: known by its control ids, as the store knows them."""

    def __init__(self) -> None:
        self.kept: dict[str, Arrived] = {}
        self.script: list[Verdict | Exception] = []
        self.is_there = True
        self.gate = asyncio.Event()
        self.gate.set()

    async def receive(self, channel: str, arrived: Arrived) -> Verdict:
        if not self.is_there:
            raise KeyError(channel)
        said = self.script.pop(0) if self.script else Verdict(state="stored", answer=b"MSA|AA")
        if isinstance(said, Exception) or said.is_taken:
            self.kept.setdefault(arrived.control_id, arrived)
        await self.gate.wait()
        if isinstance(said, Exception):
            raise said
        return said

    def content(self, text: str) -> bytes:
        return text.encode()

    def taken(self) -> list[bytes]:
        return [each.raw for each in self.kept.values()]

    async def says_no(self) -> None:
        self.script.append(REFUSED)

    async def says_later(self) -> None:
        self.script.append(NOT_KEPT)

    async def loses_its_answer(self) -> None:
        self.script.append(RuntimeError("after the commit"))

    async def is_silent(self) -> None:
        self.gate.clear()

    async def down(self) -> None:
        self.is_there = False

    async def up(self) -> None:
        self.is_there = True


class TestToChannel(DestinationContract):
    @pytest.fixture
    def far_side(self) -> OtherChannel:
        return OtherChannel()

    @pytest.fixture
    def sender(self, world: World, far_side: OtherChannel) -> Sender:
        return ToChannel(channel="archive").open(replace(world, to_channel=far_side.receive), "archive")

    async def test_its_answer_is_the_answer_and_the_engine_is_the_sender(
        self, sender: Sender, far_side: OtherChannel
    ) -> None:
        assert await sender.send(parcel(b"one")) == b"MSA|AA"
        (arrived,) = far_side.kept.values()
        assert (arrived.peer, arrived.control_id) == ("engine", parcel(b"one").control_id)

    async def test_a_refusal_keeps_its_code(self, sender: Sender, far_side: OtherChannel) -> None:
        await far_side.says_no()
        with pytest.raises(Refused, match="not-allowed"):
            await sender.send(parcel(b"one"))


async def test_a_channel_that_others_feed_only_waits(world: World) -> None:
    desk, tasks = Desk(), asyncio.all_tasks()
    async with FromChannels(format="hl7").open(world, "archive").running(desk.receive):
        assert asyncio.all_tasks() == tasks
    assert desk.arrived == []
