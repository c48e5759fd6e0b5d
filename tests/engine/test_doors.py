"""The two doors when it goes wrong: too much is refused early, and what was not kept is never said to be."""

import asyncio
import json

import apsw
import pytest

from ayni.vocabulary.fhir import RESOURCE_BYTES_MAX
from ayni.vocabulary.hl7 import parse
from ayni.wire.mllp import FRAME_BYTES_MAX, START

REFUSING = "create trigger full before insert on delivery begin select raise(abort, 'no room'); end"


def in_store(engine, sql: str) -> None:
    """Runs one statement on the engine's file from outside, as a broken disk would from below."""
    connection = apsw.Connection(str(engine.folder / "engine" / "messages.sqlite"))
    connection.set_busy_timeout(1000)
    connection.execute(sql)
    connection.close()


async def said_at_once(port: int, sent: bytes, *, until: bytes) -> bytes:
    """What a listener answers to bytes after which the sender still holds its side open."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    async with asyncio.timeout(5):
        said = await reader.readuntil(until)
    writer.close()
    return said


async def test_a_body_above_a_megabyte_is_refused_before_its_end(engine):
    head = (
        "POST /channels/intake_to_ehr/fhir/$process-message HTTP/1.1\r\nHost: engine\r\n"
        f"Authorization: Bearer {engine.secret('tokens/qhali-to-engine')}\r\n"
        f"Content-Length: {RESOURCE_BYTES_MAX * 10}\r\n\r\n"
    )
    port = int(engine.fhir_url.rpartition(":")[2])
    said = await said_at_once(port, head.encode() + b" " * (RESOURCE_BYTES_MAX + 1), until=b"\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 413 ")
    assert await engine.messages() == []


async def test_a_stranger_is_turned_away_before_the_body(engine):
    head = (
        "POST /channels/intake_to_ehr/fhir/$process-message HTTP/1.1\r\nHost: engine\r\n"
        "Authorization: Bearer guessed\r\nContent-Length: 1000\r\n\r\n"
    )
    port = int(engine.fhir_url.rpartition(":")[2])
    assert (await said_at_once(port, head.encode(), until=b"\r\n\r\n")).startswith(b"HTTP/1.1 401 ")


async def test_a_frame_above_a_megabyte_is_refused_before_its_end_by_its_name(engine, booked):
    sent = START + booked() + b" " * FRAME_BYTES_MAX
    answer = parse((await said_at_once(engine.mllp_port, sent, until=b"\x1c\r"))[1:-2])
    assert (answer["MSA-1"], answer["MSA-2"]) == ("AE", "QH-7M3K9XBT4D.R004")
    assert answer["ERR-3.1"] == "104"
    assert await engine.messages() == []


async def test_what_cannot_be_written_down_is_transient_on_the_fhir_door(engine, record, intake):
    in_store(engine, REFUSING)
    status, outcome = await engine.post(intake())
    assert (status, outcome["issue"][0]["code"]) == (503, "transient")
    assert await engine.messages() == []
    in_store(engine, "drop trigger full")
    assert (await engine.post(intake()))[0] == 200
    await record.receives(1)


async def test_what_cannot_be_written_down_is_207_on_the_mllp_door(engine, qhali, booked):
    in_store(engine, REFUSING)
    answer = await engine.send(booked())
    assert (answer["MSA-1"], answer["ERR-3.1"]) == ("AR", "207")
    assert await engine.messages() == []
    in_store(engine, "drop trigger full")
    assert (await engine.send(booked()))["MSA-1"] == "AA"
    await qhali.receives(1)


async def test_an_answer_and_what_it_hands_over_are_written_together_or_not_at_all(
    engine, record, qhali, intake
):
    in_store(
        engine,
        "create trigger full before insert on delivery when new.destination = 'qhali'"
        " begin select raise(abort, 'no room'); end",
    )
    await engine.post(intake())
    await record.receives_at_least(2)
    assert await engine.of("state_to_qhali") == []
    (delivery,) = await engine.deliveries("intake_to_ehr")
    assert {each["outcome"] for each in delivery["attempts"]} == {"unknown"}
    in_store(engine, "drop trigger full")
    await engine.reaches("delivered", channel="intake_to_ehr")
    await qhali.receives(1)
    assert len(set(record.taken)) == 1


async def test_each_channel_has_its_own_address_and_no_other_is_answered(engine):
    headers = {"Authorization": f"Bearer {engine.secret('tokens/qhali-to-engine')}"}
    for path in ("/fhir/$process-message", "/channels/state_to_qhali/fhir/$process-message", "/"):
        async with engine.http.post(engine.fhir_url + path, data=b"{}", headers=headers) as answer:
            assert answer.status == 404


@pytest.mark.parametrize(
    "change",
    [
        lambda each: each.update(entry=each["entry"] * 2),
        lambda each: each["entry"].insert(0, {}),
        lambda each: each["entry"].insert(0, each["entry"].pop()),
        lambda each: each["entry"][0]["resource"].update(source=None),
        lambda each: each["entry"][1]["resource"].update(name=[]),
        lambda each: each["entry"][1]["resource"].update(identifier={}),
        lambda each: each.update(identifier={"system": "x", "value": 7}),
        lambda each: each.update(meta=[]),
    ],
    ids=["doubled", "empty-entry", "header-last", "source", "no-name", "identifier", "number-key", "meta"],
)
async def test_an_odd_intake_is_the_senders_fault_and_never_ours(engine, record, intake, change):
    document = json.loads(intake())
    change(document)
    status, outcome = await engine.post(json.dumps(document).encode())
    assert status in (200, 400, 403, 422)
    if status != 200:
        assert outcome["issue"][0]["expression"]
        assert len(await engine.messages(state="refused")) == 1
