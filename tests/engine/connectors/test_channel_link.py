"""From one channel to another: the far side is the engine itself, here one that keeps what it took."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

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


FRONT = """
from ayni.engine import Channel, Destination, Outgoing
from ayni.engine.connectors.channel_link import ToChannel
from ayni.engine.connectors.mllp import MllpListener

def copied(message):
    return Outgoing(content=message.encode(), control_id=message.control_id, key=message["SCH-1.1"])

channel = Channel(
    name="front",
    title="Entrada",
    source=MllpListener(port="${AYNI_ENGINE_MLLP_PORT}"),
    destinations=(
        Destination(partner="to_archive", connector=ToChannel(channel="archive"), transform=copied),
    ),
)
"""
ARCHIVE = """
from ayni.engine import Channel, Destination, Outgoing
from ayni.engine.connectors.channel_link import FromChannels
from ayni.engine.connectors.mllp import MllpSender

def copied(message):
    if message["SCH-1.1"] == "QH-0000000009":
        raise ValueError("not for the archive")
    return Outgoing(content=message.encode(), control_id=message.control_id, key=message["SCH-1.1"])

channel = Channel(
    name="archive",
    title="Archivo",
    source=FromChannels(format="hl7"),
    destinations=(
        Destination(
            partner="record", connector=MllpSender(address="${AYNI_ONEVISION_MLLP}"), transform=copied
        ),
    ),
)
"""


@pytest.fixture
async def two_channels(new_engine: Any, tmp_path: Path) -> Any:
    """A running engine in which `front` feeds `archive`."""
    for name, code in (("front", FRONT), ("archive", ARCHIVE)):
        folder = tmp_path / "channels" / name
        folder.mkdir(parents=True)
        (folder / "channel.py").write_text(code, "utf-8")
    engine = new_engine(AYNI_CHANNELS=str(tmp_path / "channels"))
    await engine.start()
    return engine


async def test_from_channel_to_channel_bytes_go_on_unchanged_and_in_their_order(
    two_channels: Any, record: Any, booked: Any
) -> None:
    sent = [booked(sequence=number) for number in range(1, 6)]
    for raw in sent:
        assert (await two_channels.send(raw))["MSA-1"] == "AA"
    await two_channels.reaches(*["delivered"] * 5, channel="front")
    await two_channels.reaches(*["delivered"] * 5, channel="archive")
    assert record.taken == sent
    names = {each["control_id"] for each in await two_channels.of("archive")}
    assert names == {f"QH-7M3K9XBT4D.R{number:03}" for number in range(1, 6)}


async def test_what_the_other_channel_refuses_awaits_a_person_at_the_first(
    two_channels: Any, record: Any, booked: Any
) -> None:
    await two_channels.send(booked("QH-0000000009"))
    await two_channels.send(booked("QH-0000000001"))
    await two_channels.reaches("refused", "delivered", channel="front")
    (refused, _) = await two_channels.of("archive")
    assert refused["state"] == "refused"
    assert len(await record.receives(1)) == 1


async def test_a_channel_that_is_fed_and_stopped_is_still_fed_until_its_feeder_is_paused(
    two_channels: Any, booked: Any
) -> None:
    async def switched(path: str) -> None:
        address = f"{two_channels.console_url}/api/v1/{path}"
        async with two_channels.http.post(address, headers=two_channels.operator) as answer:
            assert answer.status == 200

    await switched("channels/archive/stop")
    await two_channels.send(booked(sequence=1))
    await two_channels.reaches("delivered", channel="archive")
    await switched("destinations/to_archive/pause")
    await two_channels.send(booked(sequence=2))
    await two_channels.reaches("delivered", "pending", channel="front")
    await two_channels.reaches("delivered", channel="archive")


async def test_a_channel_that_others_feed_only_waits(world: World) -> None:
    desk, tasks = Desk(), asyncio.all_tasks()
    async with FromChannels(format="hl7").open(world, "archive").running(desk.receive):
        assert asyncio.all_tasks() == tasks
    assert desk.arrived == []
