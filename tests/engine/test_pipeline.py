"""From a door to the store: said once it is kept, one effect however often it comes, refused in sight."""

import asyncio
import json

import pytest


async def test_an_intake_goes_to_the_record_and_its_answer_to_the_citizen(engine, record, qhali, intake):
    status, answer = await engine.post(intake())
    assert (status, answer["entry"][0]["resource"]["response"]["code"]) == (200, "ok")
    (sent,) = await record.receives(1)
    assert b"|SRM^S01^SRM_S01|QH-7M3K9XBT4D.Q001|" in sent
    await qhali.receives(1)
    assert qhali.event_keys() == ["QH-7M3K9XBT4D.R001"]
    assert qhali.tokens == {f"Bearer {engine.secret('tokens/engine-to-qhali')}"}


async def test_the_answer_of_the_record_is_a_message_of_its_own_with_its_parent(engine, qhali, intake):
    await engine.post(intake())
    await qhali.receives(1)
    (received,) = await engine.reaches("delivered", channel="state_to_qhali")
    (asked,) = await engine.reaches("delivered", channel="intake_to_ehr")
    assert (received["parent_id"], received["source"]) == (asked["id"], "intake_to_ehr/onevision")
    assert (received["kind"], received["correlation_id"]) == ("SRR^S01", asked["correlation_id"])
    children = (await engine.api(f"/api/messages/{asked['id']}"))["children"]
    assert children == [{"id": received["id"], "channel": "state_to_qhali", "link": "handover"}]


async def test_a_booking_is_acknowledged_and_delivered(engine, qhali, booked):
    answer = await engine.send(booked())
    assert (answer["MSA-1"], answer["MSA-2"]) == ("AA", "QH-7M3K9XBT4D.R004")
    await qhali.receives(1)
    assert qhali.event_keys() == ["QH-7M3K9XBT4D.R004"]


async def test_the_original_is_kept_byte_by_byte_beside_what_was_made_of_it(engine, qhali, booked):
    await engine.send(booked())
    await qhali.receives(1)
    (listed,) = await engine.reaches("delivered", channel="state_to_qhali")
    message = await engine.api(f"/api/messages/{listed['id']}")
    assert message["raw"].encode() == booked()
    assert [each["content"].encode() for each in message["deliveries"]] == qhali.taken


async def test_the_same_intake_again_hears_the_same_answer_and_has_no_second_effect(engine, record, intake):
    first = await engine.post(intake())
    assert await engine.post(intake()) == first
    await engine.reaches("delivered", channel="intake_to_ehr")
    assert len(record.taken) == 1


async def test_the_same_booking_again_hears_the_same_bytes_also_with_a_new_time_of_sending(
    engine, qhali, booked
):
    first = await engine.record.send(booked())
    again = booked().replace(b"|20261123101207-0500||SIU", b"|20261123101500-0500||SIU", 1)
    assert again != booked()
    assert await engine.record.send(again) == first
    await engine.reaches("delivered", channel="state_to_qhali")
    assert qhali.event_keys() == ["QH-7M3K9XBT4D.R004"]


async def test_the_same_message_is_still_known_after_a_restart(engine, record, qhali, intake, booked):
    said = await engine.post(intake()), await engine.record.send(booked())
    await qhali.receives(2)
    await engine.stop()
    await engine.start()
    assert (await engine.post(intake()), await engine.record.send(booked())) == said
    await engine.reaches("delivered", "delivered", channel="state_to_qhali")
    assert (len(record.taken), len(qhali.taken)) == (1, 2)


async def test_ten_senders_at_once_of_one_message_have_one_effect(engine, record, intake):
    answers = await asyncio.gather(*(engine.post(intake()) for _ in range(10)))
    assert all(answer == answers[0] for answer in answers)
    await engine.reaches("delivered", channel="intake_to_ehr")
    assert len(record.taken) == 1


async def test_a_key_that_comes_with_other_content_is_a_conflict_on_the_fhir_door(engine, record, intake):
    await engine.post(intake())
    status, outcome = await engine.post(intake().replace(b"1992-03-14", b"1993-03-14"))
    assert (status, outcome["issue"][0]["code"]) == (409, "duplicate")
    assert outcome["issue"][0]["expression"] == ["Bundle.identifier"]
    assert [each["state"] for each in await engine.of("intake_to_ehr")] == ["accepted", "refused"]


async def test_a_key_that_comes_with_other_content_is_205_on_the_mllp_door(engine, booked):
    await engine.send(booked())
    answer = await engine.send(booked().replace(b"CONSULTORIO 1", b"CONSULTORIO 2"))
    assert (answer["MSA-1"], answer["ERR-3.1"], answer["ERR-2.1"]) == ("AE", "205", "MSH")
    assert [each["error_code"] for each in await engine.of("state_to_qhali")] == [None, "205"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"|booked^Citada^99STA|", b"|teleported^Otra^99STA|", ("AE", "103", "SCH")),
        (b"|T|2.5.1|", b"|P|2.5.1|", ("AR", "202", "MSH")),
        (b"|QH-7M3K9XBT4D.R004|", b"||", ("AE", "101", "MSH")),
        (b"|QH-7M3K9XBT4D.R004|", b"|KEY-OF-ANOTHER-HOUSE|", ("AE", "102", "MSH")),
    ],
    ids=["unknown-state", "real-traffic", "no-control-id", "no-event-key"],
)
async def test_what_a_message_is_refused_for_is_told_and_kept(engine, qhali, booked, old, new, said):
    raw = booked().replace(old, new, 1)
    assert raw != booked()
    answer = await engine.send(raw)
    assert (answer["MSA-1"], answer["ERR-3.1"], answer["ERR-2.1"]) == said
    assert answer["ERR-8"]
    (kept,) = await engine.messages(state="refused")
    assert (kept["error_code"], kept["error_place"].partition("^")[0]) == said[1:]
    assert (await engine.api(f"/api/messages/{kept['id']}"))["raw"].encode() == raw
    assert kept["deliveries"] == []
    assert qhali.taken == []


@pytest.mark.parametrize(
    "raw",
    [b"", b"hello", b"MSH", b"MSH|", b"MSH|^~\\&|||", b"\x00\xff\xfe", b"PID|1\r", b"MSH|^~\\&" + b"|" * 30],
    ids=["empty", "prose", "bare-name", "cut", "no-type", "binary", "no-header", "all-empty"],
)
async def test_bytes_that_are_no_message_get_an_answer_with_err_and_are_kept(engine, raw):
    answer = await engine.send(raw)
    assert answer["MSA-1"] in ("AE", "AR")
    assert answer["ERR-3.1"]
    (kept,) = await engine.messages(state="refused")
    assert (kept["kind"], kept["correlation_id"]) == ("", "")


@pytest.mark.parametrize("cut", [b'"entry"', b"urn:uuid"])
async def test_what_cannot_be_read_is_still_found_by_the_request_it_names(engine, intake, cut):
    status, _ = await engine.post(intake().partition(cut)[0])
    assert status == 400
    (kept,) = await engine.messages(correlation_id="QH-7M3K9XBT4D")
    assert (kept["state"], kept["correlation_id"]) == ("refused", "QH-7M3K9XBT4D")


async def test_a_refused_message_may_come_again_corrected_under_the_same_key(engine, qhali, booked):
    broken = await engine.send(booked().replace(b"|booked^Citada", b"|teleported^Otra"))
    mended = await engine.send(booked())
    assert (broken["MSA-1"], mended["MSA-1"]) == ("AE", "AA")
    await qhali.receives(1)


@pytest.mark.parametrize(
    ("raw", "status", "issue"),
    [
        (b"", 400, "structure"),
        (b"{", 400, "structure"),
        (b"[" * 100_000, 400, "structure"),
        (b'{"resourceType":"Patient"}', 422, "value"),
        (b'{"resourceType":"Bundle","type":"message","entry":null}', 422, "required"),
    ],
    ids=["empty", "cut", "deep", "no-bundle", "no-entries"],
)
async def test_a_body_that_is_no_intake_is_refused_and_kept(engine, raw, status, issue):
    found, outcome = await engine.post(raw)
    assert (found, outcome["issue"][0]["code"]) == (status, issue)
    (kept,) = await engine.messages(state="refused")
    assert kept["error_code"] == issue


async def test_real_traffic_is_forbidden_where_test_traffic_is_taken(engine, record, intake):
    document = json.loads(intake())
    del document["meta"]  # FHIR knows no empty object
    status, outcome = await engine.post(json.dumps(document).encode())
    assert (status, outcome["issue"][0]["expression"]) == (403, ["Bundle.meta.tag"])
    assert record.taken == []


async def test_test_traffic_is_forbidden_where_real_traffic_is_taken(new_engine, intake, booked):
    engine = new_engine(AYNI_PROCESSING_ID="P")
    await engine.start()
    assert (await engine.post(intake()))[0] == 403
    assert (await engine.send(booked()))["ERR-3.1"] == "202"


async def test_without_the_token_nothing_is_read_and_nothing_is_kept(engine, intake):
    assert (await engine.post(intake(), token="guessed"))[0] == 401
    assert await engine.messages() == []
