"""Deliveries about which a person decides: listed, sent again and set aside, one and many."""

import asyncio
import re
from typing import Any

import pytest


async def test_a_stopped_delivery_is_listed_with_what_was_said(administrator, refuses):
    await refuses(2)
    found = await administrator.get("/api/v1/stalled")
    assert [(each["message_id"], each["state"]) for each in found["deliveries"]] == [
        (2, "refused"),
        (1, "refused"),
    ]
    first = found["deliveries"][0]
    assert (first["channel"], first["destination"]) == ("state_to_qhali", "qhali")
    assert (first["reason"], first["ack"], first["attempt_count"]) == ("HTTP 422", "value", 1)
    assert (first["holds_lane"], first["correlation_id"]) == (True, "QH-0000000001")


async def test_a_long_list_comes_in_pages(administrator, refuses):
    await refuses(3)
    page = await administrator.get("/api/v1/stalled?limit=2")
    assert [each["message_id"] for each in page["deliveries"]] == [3, 2]
    rest = await administrator.get(f"/api/v1/stalled?limit=2&before_id={page['next_before_id']}")
    assert ([each["message_id"] for each in rest["deliveries"]], rest["next_before_id"]) == ([1], None)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("channel=state_to_qhali", 2),
        ("channel=intake_to_ehr", 0),
        ("destination=qhali", 2),
        ("destination=onevision", 0),
        ("state=refused", 2),
        ("state=stalled", 0),
        ("message_id=2", 1),
        ("message_id=99", 0),
    ],
)
async def test_the_list_is_filtered(administrator, refuses, query, count):
    await refuses(2)
    assert len((await administrator.get(f"/api/v1/stalled?{query}"))["deliveries"]) == count


async def refused_for_two_reasons(engine, qhali, booked):
    """Two with HTTP 422, one with 400."""
    for number, status in enumerate((422, 422, 400)):
        qhali.script.append((status, b""))
        await engine.send(booked(f"QH-{number:010d}"))
    await engine.reaches("refused", "refused", "refused", channel="state_to_qhali")


async def test_those_that_ended_with_the_same_word_are_one_filter_and_one_decision(
    engine, qhali, operator, booked
):
    await refused_for_two_reasons(engine, qhali, booked)
    found = await operator.get("/api/v1/stalled?said=HTTP%20422")
    assert [each["message_id"] for each in found["deliveries"]] == [2, 1]
    body = {"all": True, "said": "HTTP 400"}
    assert await operator.post("/api/v1/stalled/requeue", body) == {"decided": 1, "skipped": 0}
    await engine.reaches("refused", "refused", "delivered", channel="state_to_qhali")


async def test_the_page_groups_what_stopped_alike_and_decides_about_a_group(engine, qhali, signed_in, booked):
    await refused_for_two_reasons(engine, qhali, booked)
    page = await signed_in.page("/detenidos")
    groups = re.findall(r'<a href="([^"]*)"><strong class="number">(\d+)</strong> ([^<]*) <span', page)
    assert [(count, said) for _, count, said in groups] == [("2", "HTTP 422"), ("1", "HTTP 400")]
    address = groups[0][0].replace("&amp;", "&")
    shown = await signed_in.page(address)
    assert ('value="1-1"' in shown, 'value="3-3"' in shown) == (True, False)
    fields = dict(
        re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', shown.split("stopped")[1])
    )
    _, page = await signed_in.sent("/detenidos/confirmar", all="1", decision="requeue", **fields)
    answer = await signed_in.post("/detenidos", **hidden_fields(page))
    assert answer.headers["Location"].startswith("/detenidos?decided=2&skipped=0&")
    await engine.reaches("delivered", "delivered", "refused", channel="state_to_qhali")


async def test_one_click_in_the_list_sends_one_again_and_stays_in_the_list(engine, signed_in, refuses):
    await refuses(2)
    page = await signed_in.page("/detenidos?destination=qhali")
    (address, _) = re.findall(r'formaction="([^"]*)"', page)
    answer = await signed_in.post(address, listed="1", destination="qhali", channel="", said="")
    assert answer.headers["Location"] == "/detenidos?decided=1&skipped=0&destination=qhali"
    await engine.reaches("refused", "delivered", channel="state_to_qhali")


@pytest.mark.parametrize(
    ("decision", "state", "taken"), [("requeue", "delivered", 2), ("set-aside", "set-aside", 1)]
)
async def test_an_operator_decides_about_one(engine, qhali, operator, refuses, decision, state, taken):
    await refuses()
    await operator.post(f"/api/v1/messages/1/deliveries/1/{decision}")
    await engine.reaches(state, channel="state_to_qhali")
    assert len(qhali.taken) == taken
    told = await operator.post(f"/api/v1/messages/1/deliveries/1/{decision}", status=409)
    assert told["code"] == "not-stopped"


async def test_a_delivery_is_decided_only_under_its_own_message(engine, operator, refuses):
    await refuses(2)
    await operator.post("/api/v1/messages/1/deliveries/2/requeue", status=409)
    body = {"deliveries": [{"message_id": 1, "delivery_id": 2}, {"message_id": 2, "delivery_id": 2}]}
    assert await operator.post("/api/v1/stalled/set-aside", body) == {"decided": 1, "skipped": 1}
    await engine.reaches("refused", "set-aside", channel="state_to_qhali")


async def test_all_that_a_filter_finds_are_sent_again_and_nothing_else(engine, qhali, operator, refuses):
    await refuses(3)
    none = {"all": True, "channel": "intake_to_ehr"}
    assert await operator.post("/api/v1/stalled/requeue", none) == {"decided": 0, "skipped": 0}
    everything = {"all": True, "destination": "qhali"}
    assert await operator.post("/api/v1/stalled/requeue", everything) == {"decided": 3, "skipped": 0}
    await engine.reaches("delivered", "delivered", "delivered", channel="state_to_qhali")
    assert len(qhali.taken) == 6


async def test_what_waits_behind_goes_on_in_its_order_after_a_decision(
    engine, qhali, operator, refuses, booked
):
    await refuses()
    for sequence in (5, 6):
        await engine.send(booked("QH-0000000000", sequence))
    await operator.post("/api/v1/stalled/requeue", {"all": True})
    await engine.reaches("delivered", "delivered", "delivered", channel="state_to_qhali")
    assert [key[-4:] for key in qhali.event_keys()] == ["R004", "R004", "R005", "R006"]


async def test_two_people_who_decide_at_once_decide_once(engine, qhali, operator, administrator, refuses):
    await refuses(3)
    body = {"all": True}
    answers = await asyncio.gather(
        *(each.post("/api/v1/stalled/set-aside", body) for each in (operator, administrator))
    )
    assert sum(each["decided"] for each in answers) == 3
    await engine.reaches("set-aside", "set-aside", "set-aside", channel="state_to_qhali")


def hidden_fields(page: str) -> dict[str, list[str]]:
    """What the form of the page that asks once more sends."""
    form = page[page.index('action="/detenidos" class="actions"') :]
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form):
        fields.setdefault(name, []).append(value)
    return fields


async def test_ticked_deliveries_are_asked_about_once_more_before_anything_happens(
    engine, qhali, signed_in, refuses
):
    await refuses(3)
    fields: dict[str, Any] = {"delivery": ["1-1", "3-3"], "decision": "set-aside"}
    answer, page = await signed_in.sent("/detenidos/confirmar", **fields)
    assert answer.status == 200
    assert "¿Apartar 2 entregas?" in page
    await engine.reaches("refused", "refused", "refused", channel="state_to_qhali")
    assert hidden_fields(page) == {"decision": ["set-aside"], "delivery": ["1-1", "3-3"]}
    answer = await signed_in.post("/detenidos", **hidden_fields(page))
    assert (answer.status, answer.headers["Location"]) == (303, "/detenidos?decided=2&skipped=0")
    await engine.reaches("set-aside", "refused", "set-aside", channel="state_to_qhali")
    assert "Se decidió sobre 2 entregas." in await signed_in.page("/detenidos?decided=2&skipped=0")


async def test_all_of_a_filter_is_asked_about_once_more_too(engine, signed_in, refuses):
    await refuses(3)
    _, page = await signed_in.sent("/detenidos/confirmar", all="1", destination="qhali", decision="requeue")
    assert "¿Enviar otra vez 3 entregas?" in page
    await signed_in.post("/detenidos", **hidden_fields(page))
    await engine.reaches("delivered", "delivered", "delivered", channel="state_to_qhali")


@pytest.mark.parametrize(
    "fields", [{}, {"delivery": "9-9"}, {"delivery": "x"}, {"all": "1", "channel": "no"}]
)
async def test_nothing_chosen_is_said_and_nothing_happens(engine, signed_in, refuses, fields):
    await refuses()
    answer, page = await signed_in.sent("/detenidos/confirmar", decision="requeue", **fields)
    assert answer.status in (400, 422)
    assert 'role="alert"' in page
    await engine.reaches("refused", channel="state_to_qhali")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/mensajes/1/entregas/1/otra-vez", 409),
        ("/mensajes/1/entregas/1/apartar", 409),
        ("/mensajes/1/entregas/99/apartar", 409),
        ("/mensajes/1/entregas/1/borrar", 404),
        ("/mensajes/1/entregas/" + "9" * 40 + "/apartar", 404),
    ],
)
async def test_a_decision_about_what_is_not_refused_changes_nothing(engine, signed_in, booked, path, status):
    await engine.send(booked())
    await engine.reaches("delivered", channel="state_to_qhali")
    assert (await signed_in.post(path)).status == status
    await engine.reaches("delivered", channel="state_to_qhali")


async def test_a_decision_is_never_made_by_following_a_link(engine, signed_in):
    for path in ("/mensajes/1/entregas/1/otra-vez", "/mensajes/1/repetir", "/canales/state_to_qhali/detener"):
        assert (await signed_in.get(path))[0].status == 405


async def test_a_decision_stands_in_the_timeline_with_who_made_it(engine, operator, refuses):
    await refuses()
    await operator.post("/api/v1/messages/1/deliveries/1/requeue")
    await engine.reaches("delivered", channel="state_to_qhali")
    events = (await operator.get("/api/v1/messages/1"))["timeline"]
    assert [(each["what"], each["state"], each["who"]) for each in events] == [
        ("received", "accepted", ""),
        ("attempt", "refused", ""),
        ("decision", "requeue", "operator"),
        ("attempt", "delivered", ""),
    ]
