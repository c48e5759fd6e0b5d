"""An engine that ends finishes what it is sending, and a deploy that breaks leaves nobody unserved."""

import asyncio
from typing import Any

import pytest

from ayni.engine import runtime
from ayni.engine.store.sqlite import SqliteStore
from tests.engine.tooling.deployment import until


async def test_what_is_on_its_way_when_it_ends_is_finished_and_not_sent_again(deployment, laboratory):
    deployment.write("orders", laboratory, mark="LAB")
    await deployment.start()
    laboratory.gate.clear()
    await deployment.send("orders", "M1")
    await laboratory.receives(("M1", "LAB"))
    ending = asyncio.create_task(deployment.stop())
    await asyncio.sleep(0.2)
    assert not ending.done()
    laboratory.gate.set()
    await ending
    await deployment.start()
    (delivery,) = deployment.messages("orders")["M1"]["deliveries"]
    assert (delivery["state"], len(delivery["attempts"])) == ("delivered", 1)
    await deployment.send("orders", "M2")
    await laboratory.receives(("M1", "LAB"), ("M2", "LAB"))


async def test_nothing_new_is_sent_while_it_ends(deployment, laboratory):
    deployment.write("orders", laboratory, mark="LAB")
    await deployment.start()
    laboratory.gate.clear()
    await deployment.send("orders", "M1", "M2")
    await laboratory.receives(("M1", "LAB"))
    ending = asyncio.create_task(deployment.stop())
    await asyncio.sleep(0.1)
    laboratory.gate.set()
    await ending
    assert laboratory.taken == [("M1", "LAB")]
    await deployment.start()
    await laboratory.receives(("M1", "LAB"), ("M2", "LAB"))


async def test_a_partner_that_is_silent_does_not_keep_it_from_ending(deployment, laboratory, monkeypatch):
    monkeypatch.setattr(runtime, "FINISH_SECONDS", 0.1)
    deployment.write("orders", laboratory, mark="LAB")
    await deployment.start()
    laboratory.gate.clear()
    await deployment.send("orders", "M1")
    await laboratory.receives(("M1", "LAB"))
    async with asyncio.timeout(2):  # far below the five seconds an answer may take
        await deployment.stop()
    laboratory.gate.set()
    await deployment.start()
    await laboratory.receives(("M1", "LAB"), ("M1", "LAB"))


async def test_a_store_that_breaks_during_a_deploy_leaves_no_destination_unserved(
    deployment, laboratory, new_laboratory, monkeypatch
):
    other = await new_laboratory()
    deployment.write("orders", laboratory, mark="ONE")
    await deployment.start()
    claim = SqliteStore.claim

    async def broken(self: SqliteStore, destination: str, **about: Any) -> Any:
        if not about["limit"]:
            raise OSError("gone")
        return await claim(self, destination, **about)

    folder = deployment.write("orders", other, mark="TWO")
    monkeypatch.setattr(SqliteStore, "claim", broken)
    with pytest.raises(OSError, match="gone"):
        await deployment.runtime.deploy(folder)
    monkeypatch.undo()
    await deployment.send("orders", "M1")
    await until(lambda: bool(laboratory.taken or other.taken))
    await deployment.runtime.deploy(folder)
    await deployment.send("orders", "M2")
    await until(lambda: ("M2", "TWO") in other.taken)
