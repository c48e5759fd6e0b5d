"""Stopping and draining channels, pausing and draining destinations; a restart leaves all as it was."""

import asyncio

import pytest

from ayni.engine.errors import ChannelError
from ayni.wire.failure import CannotStart, NotConnected
from tests.engine.tooling.deployment import until


async def test_a_stopped_channel_takes_nothing_and_delivers_what_it_took(deployment, laboratory):
    deployment.write("adt", laboratory, mark="A")
    await deployment.start()
    deployment.runtime.pause("adt_lab", paused=True)
    await deployment.send("adt", "1")
    await deployment.runtime.stop_channel("adt")
    deployment.runtime.pause("adt_lab", paused=False)
    with pytest.raises(NotConnected):
        await deployment.send("adt", "2")
    await laboratory.receives(("1", "A"))


async def test_a_paused_destination_keeps_what_it_is_owed_and_its_channel_goes_on(deployment, laboratory):
    deployment.write("adt", laboratory, mark="A")
    deployment.write("other", laboratory, mark="B")
    await deployment.start()
    deployment.runtime.pause("adt_lab", paused=True)
    await deployment.send("adt", "1", "2")
    await deployment.send("other", "3")
    await laboratory.receives(("3", "B"))
    deployment.runtime.pause("adt_lab", paused=False)
    await laboratory.receives(("3", "B"), ("1", "A"), ("2", "A"))


async def test_draining_a_channel_returns_once_nothing_it_took_waits(deployment, laboratory):
    deployment.write("adt", laboratory, mark="A")
    await deployment.start()
    laboratory.gate.clear()
    await deployment.send("adt", "1", "2")
    draining = asyncio.create_task(deployment.runtime.drain("adt"))
    await asyncio.sleep(0.2)
    assert not draining.done()
    assert not deployment.runtime.is_started("adt")
    laboratory.gate.set()
    await asyncio.wait_for(draining, 5)
    assert laboratory.taken == [("1", "A"), ("2", "A")]


async def test_draining_a_destination_returns_once_nothing_is_on_its_way(deployment, laboratory):
    deployment.write("adt", laboratory, mark="A")
    await deployment.start()
    laboratory.gate.clear()
    await deployment.send("adt", "1", "2")
    await until(lambda: len(laboratory.taken) == 1)
    draining = asyncio.create_task(deployment.runtime.drain_destination("adt_lab"))
    await asyncio.sleep(0.1)
    assert not draining.done()
    laboratory.gate.set()
    await asyncio.wait_for(draining, 5)
    await asyncio.sleep(0.1)
    assert laboratory.taken == [("1", "A")]
    deployment.runtime.pause("adt_lab", paused=False)
    await laboratory.receives(("1", "A"), ("2", "A"))


async def test_a_drain_of_a_destination_ends_when_somebody_lets_it_go_on(deployment, laboratory):
    deployment.write("adt", laboratory, mark="A")
    await deployment.start()
    laboratory.gate.clear()
    await deployment.send("adt", "1")
    await until(lambda: len(laboratory.taken) == 1)
    draining = asyncio.create_task(deployment.runtime.drain_destination("adt_lab"))
    await asyncio.sleep(0.1)
    deployment.runtime.pause("adt_lab", paused=False)
    await asyncio.wait_for(draining, 2)
    laboratory.gate.set()
    await deployment.send("adt", "2")
    await laboratory.receives(("1", "A"), ("2", "A"))


async def test_switches_survive_a_restart(deployment, laboratory):
    deployment.write("adt", laboratory, mark="A")
    deployment.write("other", laboratory, mark="B")
    await deployment.start()
    await deployment.runtime.stop_channel("adt")
    deployment.runtime.pause("other_lab", paused=True)
    await deployment.restart()
    assert not deployment.runtime.is_started("adt")
    await deployment.send("other", "1")
    await asyncio.sleep(0.2)
    assert laboratory.taken == []
    await deployment.runtime.start_channel("adt")
    deployment.runtime.pause("other_lab", paused=False)
    await laboratory.receives(("1", "B"))
    await deployment.restart()
    assert deployment.runtime.is_started("adt")
    await deployment.send("adt", "2")
    await laboratory.receives(("1", "B"), ("2", "A"))


async def test_a_channel_that_cannot_start_stays_off_after_a_restart(deployment, laboratory):
    deployment.write("adt", laboratory, mark="A")
    await deployment.start()
    await deployment.runtime.stop_channel("adt")
    deployment.write("adt", laboratory, mark="A", port=laboratory.port)
    await deployment.restart()
    with pytest.raises(ChannelError, match="source-cannot-start"):
        await deployment.runtime.start_channel("adt")
    assert not deployment.runtime.is_started("adt")
    await deployment.restart()  # its port would keep the engine from starting
    assert not deployment.runtime.is_started("adt")


@pytest.mark.parametrize("written", [b"", b"{}", b'[1, "'])
async def test_switches_that_cannot_be_read_are_one_line(deployment, laboratory, written):
    deployment.write("adt", laboratory, mark="A")
    (deployment.folder / "engine").mkdir()
    (deployment.folder / "engine" / "switches.json").write_bytes(written)
    with pytest.raises(CannotStart, match=r"switches\.json"):
        await deployment.start()


async def test_what_is_switched_is_a_channel_or_a_destination_that_is_there(deployment, laboratory):
    deployment.write("adt", laboratory, mark="A")
    await deployment.start()
    with pytest.raises(KeyError):
        deployment.runtime.pause("nobody", paused=True)
    with pytest.raises(KeyError):
        await deployment.runtime.start_channel("nothing")
    await deployment.restart()
    assert not (deployment.folder / "engine" / "switches.json").exists()


SOURCE_THAT_ENDS = """
import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ayni.engine import Channel, Destination, Outgoing
from ayni.engine.connectors.folder import FolderWriter

@dataclass(frozen=True)
class Ends:
    format: str = "json"

    def open(self, world, channel):
        return self

    @asynccontextmanager
    async def running(self, receive):
        async with asyncio.TaskGroup() as group:
            group.create_task(self.ends())
            yield

    async def ends(self):
        await asyncio.sleep(0.05)
        raise OSError("the disk is gone")

channel = Channel(
    name="adt", title="De prueba", source=Ends(),
    destinations=(Destination(partner="lab", connector=FolderWriter(path="out"), transform=print),),
)
"""


async def test_a_source_that_ends_by_itself_is_not_shown_as_started(deployment):
    deployment.write_code("adt", SOURCE_THAT_ENDS)
    await deployment.start()
    assert deployment.runtime.is_started("adt")
    await asyncio.sleep(0.2)
    assert not deployment.runtime.is_started("adt")
