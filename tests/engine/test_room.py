"""Full queues slow the senders of every source: nothing is read, and nothing taken that has no place."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path

import psycopg
import pytest

from ayni.engine import room
from ayni.engine.room import Room
from ayni.vocabulary.hl7 import parse
from ayni.wire.mllp import frame

from .tooling.deployment import Deployment, Laboratory, message_of, until

_request = count()
PLACES = 3
LONG = b"OBX|1|ED|x||" + b"A" * 900_000 + b"\r"
"""Makes a message that no buffer of a connection holds twenty times."""


@pytest.fixture(autouse=True)
def _few_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "WAITING_MAX", PLACES)
    monkeypatch.setattr(room, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(room, "FULL_SECONDS", 0.2)


@pytest.fixture
async def laboratory() -> AsyncIterator[Laboratory]:
    async with AsyncExitStack() as serving:
        made = Laboratory(serving)
        await made.up()
        yield made
        made.gate.set()


@pytest.fixture
async def deployment(tmp_path: Path) -> AsyncIterator[Deployment]:
    made = Deployment(tmp_path)
    yield made
    await made.stop()


async def test_law_08_while_queues_are_full_mllp_sockets_are_not_read_and_then_all_is_taken(
    deployment: Deployment, laboratory: Laboratory
) -> None:
    deployment.write("adt", laboratory, mark="A")
    await deployment.start()
    runtime = deployment.runtime
    laboratory.gate.clear()
    await deployment.send("adt", *(str(number) for number in range(PLACES + 1)))
    await until(lambda: runtime.room.hindrance == "queue-full")

    reader, writer = await asyncio.open_connection("127.0.0.1", deployment.ports["adt"])
    for number in range(20):
        writer.write(frame(message_of(f"late{number}") + LONG))
    await asyncio.sleep(0.5)
    assert writer.transport.get_write_buffer_size() > 0, "TCP holds the sender up"
    assert len(deployment.messages("adt")) == PLACES + 1
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.readuntil(b"\x1c\r"), 0.1)

    laboratory.gate.set()
    for number in range(20):
        said = parse((await asyncio.wait_for(reader.readuntil(b"\x1c\r"), 10))[1:-2])
        assert (said["MSA-1"], said["MSA-2"]) == ("AA", f"late{number}")
    writer.close()
    await until(lambda: len(laboratory.taken) == PLACES + 1 + 20)
    assert runtime.room.hindrance == ""


async def test_law_08_over_http_a_full_engine_says_when_to_come_again(new_engine, qhali, booked, intake):
    engine = new_engine()
    await engine.start()
    qhali.gate.clear()
    for sequence in range(1, PLACES + 2):
        await engine.send(booked(sequence=sequence))
    said = await _post_until_full(engine, intake)
    assert (said.status, said.headers["Retry-After"]) == (503, "5")
    assert "lleno" in json.dumps(json.loads(await said.read()), ensure_ascii=False)
    qhali.gate.set()
    await qhali.receives_at_least(PLACES + 1)
    async with asyncio.timeout(10):
        while (await engine.post(intake()))[0] != 200:  # noqa: ASYNC110 - as a sender does
            await asyncio.sleep(0.05)


async def _post_until_full(engine, intake: Callable[[str], bytes]):
    """The first answer that is no yes: whether there is room is looked at now and then."""
    headers = {"Authorization": f"Bearer {engine.secret('tokens/qhali-to-engine')}"}
    url = f"{engine.fhir_url}/channels/intake_to_ehr/fhir/$process-message"
    for number in range(100):
        said = await engine.http.post(url, data=intake(f"QH-00000000{number:02}"), headers=headers)
        if said.status != 200:
            return said
        await asyncio.sleep(0.02)
    raise AssertionError("everything was taken")


class Filling:
    """A store as `Room` sees it."""

    def __init__(self) -> None:
        self.is_short, self.waiting, self.is_broken = False, 0, False

    def look_at_disk(self) -> None:
        if self.is_broken:
            raise OSError

    def waiting_count(self) -> int:
        return self.waiting

    def attestation(self) -> dict[str, str]:
        return {}


async def test_a_disk_at_its_end_is_said_at_once_and_full_queues_after_a_while() -> None:
    store = Filling()
    made, began = Room(store), asyncio.get_running_loop().time()
    watching = asyncio.create_task(made.watch())
    store.is_short = True
    assert await made.found() == "disk-full"
    assert asyncio.get_running_loop().time() - began < room.FULL_SECONDS
    store.is_short, store.waiting = False, PLACES + 1
    await until(made.is_queue_full)
    asyncio.get_running_loop().call_later(room.FULL_SECONDS / 2, setattr, store, "waiting", 0)
    assert await made.found() == "", "a place became free meanwhile"
    store.waiting = PLACES + 1
    await until(made.is_queue_full)
    assert await made.found() == "queue-full"
    store.is_broken = True
    await asyncio.sleep(room.LOOK_SECONDS * 3)
    store.is_broken, store.waiting = False, 0
    await until(lambda: not made.is_queue_full())
    watching.cancel()


async def test_law_11_a_server_that_is_told_to_keep_less_gets_nothing_more(
    new_engine, postgresql_url: str, qhali, booked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "ATTEST_SECONDS", 0.05)
    engine = new_engine(AYNI_ENGINE_DATABASE=postgresql_url)
    await engine.start()
    assert (await engine.send(booked(sequence=1)))["MSA-1"] == "AA"
    with psycopg.connect(postgresql_url, autocommit=True) as server:
        try:
            server.execute("alter system set fsync = off")
            server.execute("select pg_reload_conf()")
            said = await _answered(engine, booked, "AR")
            assert (said["ERR-3.1"], "seguridad" in said["ERR-8"]) == ("207", True)
        finally:
            server.execute("alter system reset fsync")
            server.execute("select pg_reload_conf()")
    assert (await _answered(engine, booked, "AA"))["MSA-1"] == "AA"


async def _answered(engine, booked, code: str):
    """The first such answer to messages that are new."""
    async with asyncio.timeout(10):
        while True:
            said = await engine.send(booked(f"QH-{next(_request):010}"))
            if said["MSA-1"] == code:
                return said
            await asyncio.sleep(0.05)
