"""Two channels, one partner: an answer waits behind the intake of its request and behind no other."""

import json

import pytest

from ayni.vocabulary.hl7 import parse

from .conftest import CHANNELS, REQUEST_ID, intake_of

ANSWER = (CHANNELS / "answer_to_ehr" / "samples" / "01-confirms.in.json").read_bytes()


async def answer(engine, raw: bytes = ANSWER) -> tuple[int, object]:
    async with engine.http.post(
        f"{engine.fhir_url}/channels/answer_to_ehr/fhir/$process-message",
        data=raw,
        headers={
            "Authorization": f"Bearer {engine.secret('tokens/qhali-to-engine')}",
            "Content-Type": "application/fhir+json",
        },
    ) as answered:
        return answered.status, json.loads(await answered.read())


def taken(record) -> list[str]:
    return [parse(raw).control_id for raw in record.taken]


async def test_an_answer_waits_behind_the_intake_of_its_request(engine, record):
    record.gate.clear()
    for request_id in (REQUEST_ID, "QH-0000000002"):
        assert (await engine.post(intake_of(request_id)))[0] == 200
    for number in (2, 3):
        assert (await answer(engine, ANSWER.replace(b".Q002", b".Q%03d" % number)))[0] == 200
    await record.receives_at_least(2)
    assert set(taken(record)) == {f"{REQUEST_ID}.Q001", "QH-0000000002.Q001"}
    record.gate.set()
    await engine.reaches("delivered", "delivered", channel="answer_to_ehr")
    assert [each for each in taken(record) if each.startswith(REQUEST_ID)] == [
        f"{REQUEST_ID}.Q001",
        f"{REQUEST_ID}.Q002",
        f"{REQUEST_ID}.Q003",
    ]


async def test_an_answer_the_record_refuses_holds_its_request_until_a_person_decides(engine, record):
    record.script = [("AE", "204")]
    await answer(engine)
    await answer(engine, ANSWER.replace(b".Q002", b".Q003"))
    await engine.reaches("refused", "pending", channel="answer_to_ehr")
    assert (await engine.post(intake_of("QH-0000000002")))[0] == 200
    await engine.reaches("delivered", channel="intake_to_ehr")
    assert taken(record) == [f"{REQUEST_ID}.Q002", "QH-0000000002.Q001"]


async def test_what_the_record_answers_goes_no_further(engine, record, qhali):
    await answer(engine)
    await engine.reaches("delivered", channel="answer_to_ehr")
    assert (await engine.of("state_to_qhali"), qhali.taken) == ([], [])


@pytest.mark.parametrize("door", ["intake", "answer"])
async def test_a_message_at_the_other_channels_door_is_refused_with_its_event(engine, door):
    status, outcome = await (engine.post(ANSWER) if door == "intake" else answer(engine, intake_of()))
    assert status == 400
    assert outcome["issue"][0]["expression"] == ["Bundle.entry[0].resource.eventUri"]
