"""Replaying and editing: always a new message linked to the old one, which stays as it was."""

import apsw
import pytest


async def test_a_replayed_message_is_a_new_one_linked_to_the_old(engine, qhali, operator, booked):
    await engine.send(booked())
    await engine.reaches("delivered", channel="state_to_qhali")
    made = await operator.post("/api/v1/messages/1/replay", status=201)
    assert made == {
        "id": 2,
        "parent_id": 1,
        "link": "replay",
        "channel": "state_to_qhali",
        "state": "accepted",
    }
    await engine.reaches("delivered", "delivered", channel="state_to_qhali")
    old, new = [await operator.get(f"/api/v1/messages/{number}") for number in (1, 2)]
    assert old["raw"] == new["raw"]
    assert (new["parent_id"], new["link"], old["children"][0]["id"]) == (1, "replay", 2)
    assert qhali.taken[0] == qhali.taken[1]
    assert [each["what"] for each in new["timeline"]] == ["replayed", "attempt"]


async def test_an_edited_message_goes_through_the_channel_and_the_old_one_stays(
    engine, qhali, operator, booked
):
    await engine.send(booked())
    before = (await operator.get("/api/v1/messages/1"))["raw"]
    content = before.replace("JULIA", "ROSA").replace("\r", "\n")
    made = await operator.post("/api/v1/messages/1/edit-and-resend", {"content": content}, status=201)
    assert (made["id"], made["link"], made["state"]) == (2, "edited", "accepted")
    await engine.reaches("delivered", "delivered", channel="state_to_qhali")
    assert b"ROSA PRUEBA" in qhali.taken[1]
    assert (await operator.get("/api/v1/messages/1"))["raw"] == before
    assert "\n" not in (await operator.get("/api/v1/messages/2"))["raw"]


async def test_what_was_refused_at_the_door_may_be_corrected_here(engine, qhali, operator, booked):
    await engine.send(booked().replace(b"|booked^", b"|nosuchstate^"))
    content = (await operator.get("/api/v1/messages/1"))["raw"].replace("|nosuchstate^", "|booked^")
    made = await operator.post("/api/v1/messages/1/edit-and-resend", {"content": content}, status=201)
    assert (await operator.get(f"/api/v1/messages/{made['id']}"))["parent_id"] == 1
    await qhali.receives(1)


async def test_a_replay_that_is_refused_again_says_so_and_is_no_success(engine, operator, booked):
    await engine.send(booked().replace(b"|booked^", b"|nosuchstate^"))
    told = await operator.post("/api/v1/messages/1/replay", status=422)
    assert (told["code"], told["place"].partition("^")[0]) == ("refused-again", "SCH")
    assert told["message_id"] >= 1


async def test_an_edit_that_is_refused_names_the_place_and_its_own_message(engine, operator, booked):
    await engine.send(booked())
    body = {"content": booked().decode().replace("|booked^", "|nosuchstate^")}
    told = await operator.post("/api/v1/messages/1/edit-and-resend", body, status=422)
    assert (told["code"], told["message_id"]) == ("refused-again", 2)


@pytest.mark.parametrize(("content", "code"), [("", "nothing-written"), (" \r\n", "nothing-written")])
async def test_nothing_is_sent_for_empty_content(engine, operator, booked, content, code):
    await engine.send(booked())
    told = await operator.post("/api/v1/messages/1/edit-and-resend", {"content": content}, status=422)
    assert told["code"] == code


async def test_nothing_is_sent_when_nothing_was_changed(engine, operator, booked):
    await engine.send(booked())
    same = {"content": booked().decode().replace("\r", "\r\n")}
    told = await operator.post("/api/v1/messages/1/edit-and-resend", same, status=422)
    assert told["code"] == "nothing-changed"
    assert len(await engine.messages()) == 1


async def test_letters_that_the_character_set_lacks_are_refused(engine, operator, booked):
    raw = booked().replace(b"UNICODE UTF-8", b"8859/1").decode().encode("latin-1")
    await engine.send(raw)
    content = (await operator.get("/api/v1/messages/1"))["raw"].replace("CONSULTORIO 1", "CONSULTORIO 漢")
    told = await operator.post("/api/v1/messages/1/edit-and-resend", {"content": content}, status=422)
    assert told["code"] == "not-in-charset"
    renamed = {"content": content.replace("8859/1", "UNICODE UTF-8")}
    await operator.post("/api/v1/messages/1/edit-and-resend", renamed, status=201)


async def test_what_is_no_text_cannot_be_edited(engine, operator, signed_in):
    await engine.post(b"\xff\xfe\x00")
    told = await operator.post("/api/v1/messages/1/edit-and-resend", {"content": "x"}, status=409)
    assert told["code"] == "not-text"
    assert (await signed_in.get("/mensajes/1/editar"))[0].status == 409


async def test_what_was_deleted_when_its_time_was_over_cannot_be_sent(engine, operator, signed_in, booked):
    await engine.send(booked())
    await engine.reaches("delivered", channel="state_to_qhali")
    apsw.Connection(str(engine.folder / "engine" / "messages.sqlite")).execute(
        "update message set raw = null"
    )
    told = await operator.post("/api/v1/messages/1/replay", status=409)
    assert told["code"] == "content-gone"
    page = await signed_in.page("/mensajes/1")
    assert "El contenido ya se borró" in page
    assert "/mensajes/1/repetir" not in page


async def test_the_page_replays_and_leads_to_the_new_message(engine, signed_in, booked):
    await engine.send(booked())
    answer = await signed_in.post("/mensajes/1/repetir")
    assert (answer.status, answer.headers["Location"]) == (303, "/mensajes/2")
    assert 'Repite el <a href="/mensajes/1">' in await signed_in.page("/mensajes/2")
    assert 'Se repitió como <a href="/mensajes/2">' in await signed_in.page("/mensajes/1")


async def test_the_page_keeps_what_was_written_when_it_is_refused(engine, signed_in, booked):
    await engine.send(booked())
    page = await signed_in.page("/mensajes/1/editar")
    assert "SCH|QH-7M3K9XBT4D^QHALI" in page
    wrong = booked().decode().replace("|booked^", "|nosuchstate^").replace("\r", "\r\n")
    answer, page = await signed_in.sent("/mensajes/1/editar", content=wrong)
    assert answer.status == 422
    assert "|nosuchstate^" in page
    assert 'href="/mensajes/2"' in page
    right = wrong.replace("|nosuchstate^", "|booked^").replace("CONSULTORIO 1", "CONSULTORIO 2")
    answer, _ = await signed_in.sent("/mensajes/1/editar", content=right)
    assert (answer.status, answer.headers["Location"]) == (303, "/mensajes/3")
