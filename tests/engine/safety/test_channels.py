"""S-23: what a channel's function does wrong with one message is that message's alone."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ayni.engine.store.contract import Question
from ayni.engine.store.sqlite import SqliteStore
from ayni.vocabulary.hl7 import parse
from ayni.wire.failure import LinkError
from ayni.wire.mllp import MllpClient
from tests.engine.test_process import healthy, running
from tests.engine.tooling.deployment import WAIT_SECONDS, Deployment, free_port, message_of

CODE = """
from ayni.engine import Channel, Destination, Outgoing
from ayni.engine.connectors.folder import FolderWriter
from ayni.engine.connectors.mllp import MllpListener

def deeper(depth):
    return deeper(depth + 1)

def transform(message):
    patient = message["PID-3.1"]
    if patient == "99000001":
        raise RuntimeError(patient)
    if patient == "99000002":
        deeper(0)
    if patient == "99000003":
        bytearray(1 << 62)
    return Outgoing(content=message.encode(), control_id=message.control_id, key=patient)

channel = Channel(
    name="relay", title="De prueba", source=MllpListener(port="PORT"),
    destinations=(Destination(partner="out", connector=FolderWriter(path="OUT"), transform=transform),),
)
"""
BREAKS = {"99000001": "RuntimeError", "99000002": "RecursionError", "99000003": "MemoryError"}


@pytest.fixture
async def deployment(tmp_path: Path) -> AsyncIterator[Deployment]:
    made = Deployment(tmp_path)
    yield made
    await made.stop()


async def test_s_23_a_function_that_breaks_refuses_its_own_message_and_no_other(
    deployment: Deployment, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    port = deployment.ports["relay"] = free_port()
    deployment.write_code("relay", CODE.replace("PORT", str(port)).replace("OUT", str(tmp_path / "out")))
    await deployment.start()
    client = MllpClient("127.0.0.1", port, answer_seconds=WAIT_SECONDS)
    sent = [message_of(f"C{patient}", patient=patient) for patient in (*BREAKS, "99000017")]
    try:
        said = [await client.send(each) for each in sent]
    finally:
        client.drop()
    assert [parse(each)["MSA-1"] for each in said] == ["AR", "AR", "AR", "AA"]
    kept = deployment.messages("relay")
    for patient, name in BREAKS.items():
        found = kept[f"C{patient}"]
        assert (found["state"], found["error_code"]) == ("refused", f"channel-failed-{name}")
        assert patient not in found["error_text"]
    assert kept["C99000017"]["state"] == "accepted"


LOOPS = CODE.replace("    if patient", "    while patient == '99000001':\n        pass\n    if patient", 1)


async def test_s_23_a_loop_stops_the_engine_in_sight_and_what_was_acknowledged_is_kept(
    tmp_path: Path,
) -> None:
    """Its health is silent, so that who watches ends it; mended, it takes the message that comes again."""
    (tmp_path / "out").mkdir()
    (tmp_path / "channels" / "relay").mkdir(parents=True)
    port, console = free_port(), free_port()
    settings = {"AYNI_VAR": str(tmp_path), "AYNI_CHANNELS": str(tmp_path / "channels")}
    doors = {name: str(free_port()) for name in ("AYNI_ENGINE_FHIR_PORT", "AYNI_ENGINE_MLLP_PORT")}
    settings |= doors | {"AYNI_ENGINE_PORT": str(console)}
    file, code = tmp_path / "channels" / "relay" / "channel.py", LOOPS.replace("OUT", str(tmp_path / "out"))
    file.write_text(code.replace("PORT", str(port)), "utf-8")
    client = MllpClient("127.0.0.1", port, answer_seconds=1)
    async with running(settings, tmp_path / "log") as process:
        assert parse(await client.send(message_of("FIRST")))["MSA-1"] == "AA"
        with pytest.raises(LinkError):
            await client.send(message_of("LOOPS", patient="99000001"))
        assert not await asyncio.to_thread(healthy, console)
        process.kill()
        await process.wait()
    client.drop()
    file.write_text(file.read_text("utf-8").replace("99000001", "-"), "utf-8")
    async with running(settings, tmp_path / "log"):
        assert parse(await client.send(message_of("FIRST")))["MSA-1"] == "AA"  # known: no second one
        assert parse(await client.send(message_of("LOOPS", patient="99000001")))["MSA-1"] == "AA"
    client.drop()
    store = SqliteStore(tmp_path / "engine" / "messages.sqlite")
    kept = [row["control_id"] for row in store.search(Question(channel="relay", state="accepted"))]
    await store.close()
    assert sorted(kept) == ["FIRST", "LOOPS"]
