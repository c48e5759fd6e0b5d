"""The pages and the FHIR door of the running server, for a browser without JavaScript and for the engine."""

import asyncio
import json
import re
from copy import copy
from datetime import timedelta

import pytest

from ayni.vocabulary.fhir import bundle, dumps, loads
from ayni.vocabulary.request import State

REQUEST_ID = "QH-7M3K9XBT4D"
TOKEN = {"Authorization": "Bearer a-token-of-the-engine"}
PROCESS_MESSAGE = "/fhir/$process-message"


async def post(browser, body: bytes, headers: dict[str, str] = TOKEN) -> tuple[int, dict]:
    async with browser.http.post(browser.url + PROCESS_MESSAGE, data=body, headers=headers) as answer:
        return answer.status, json.loads(await answer.text())


async def test_a_citizen_without_javascript_gets_from_consent_to_a_number(browser, qhali) -> None:
    assert await browser.send_request() == REQUEST_ID
    assert browser.page.select_one("#state")["data-state"] == "submitted"
    assert "Estamos enviando su pedido" in browser.text("#state")
    assert re.fullmatch(r"(\w{4}-){2}\w{4}", browser.text("#return-code"))
    assert [each["data-state"] for each in browser.page.select("#timeline li")] == ["submitted"]
    assert len(qhali.rows("select * from outbox")) == 1


async def test_the_return_code_is_shown_until_it_is_noted_and_opens_the_request_elsewhere(browser) -> None:
    request_id = await browser.send_request()
    code = browser.text("#return-code")
    await browser.open("/pedido")
    assert browser.text("#return-code") == code
    await browser.submit("noted-form")
    assert not browser.has("#return-code")
    browser.http.cookie_jar.clear()
    await browser.open("/pedido")
    assert browser.has("#consent-form")
    await browser.open("/volver")
    await browser.submit("return-form", request_id=request_id, return_code="AAAA-AAAA-AAAA")
    assert browser.status == 403
    await browser.submit("return-form", request_id=request_id.lower(), return_code=code)
    assert browser.text("#request-id") == request_id
    assert not browser.has("#return-code")


async def test_sending_again_after_a_lost_answer_leads_to_the_same_number_and_code(browser, qhali) -> None:
    await browser.go_to_summary()
    windows = [copy(browser) for _ in range(6)]
    await asyncio.gather(*(window.submit("confirm-form", consent="on") for window in windows))
    assert {window.text("#request-id") for window in windows} == {REQUEST_ID}
    assert len({window.text("#return-code") for window in windows}) == 1
    assert len(qhali.rows("select * from outbox")) == 1


async def test_a_pregnant_citizen_who_knows_nothing_else_is_sent_too(browser, qhali) -> None:
    assert await browser.send_request("estoy embarazada", *["no sé"] * 10) == REQUEST_ID
    assert len(qhali.rows("select * from outbox")) == 1


@pytest.mark.parametrize(
    "answers",
    [
        ("buenos días", "hola", "no", "no", "no", "sí"),
        ("buenos días", *["no sé"] * 9),
        ("mi hijo está raro",),
    ],
)
async def test_who_is_unwell_without_a_symptom_that_has_a_name_is_sent_in_their_own_words(
    browser, qhali, answers
) -> None:
    await browser.go_to_summary(*answers)
    assert f"Dice: «{answers[0]}»" in browser.text(".narrative")
    await browser.submit("confirm-form", consent="on")
    assert browser.text("#request-id") == REQUEST_ID
    ((intake,),) = qhali.rows("select intake from request")
    (reason,) = bundle.only(loads(bytes(intake)), "ServiceRequest")["reasonCode"]
    assert answers[0] in reason["text"]


async def test_knowing_the_number_opens_nothing(browser) -> None:
    await browser.send_request()
    browser.http.cookie_jar.clear()
    for address in ("/pedido", "/pedido/estado", f"/pedido/{REQUEST_ID}", f"/pedido?id={REQUEST_ID}"):
        await browser.open(address)
        assert REQUEST_ID not in str(browser.page)
    async with browser.http.get(browser.url + "/en-vivo") as answer:
        assert answer.status == 403


async def test_an_emergency_is_told_before_any_form(browser) -> None:
    await browser.open("/")
    await browser.submit("consent-form")
    await browser.submit("turn-form", text="no puedo respirar")
    assert "106" in browser.text(".emergency")
    assert "¿Dónde está la persona ahora?" in browser.text("#question")
    await browser.open(browser.page.select_one("#go-on")["href"])
    assert "106" in browser.text(".emergency")
    assert browser.has("#identity-form")


async def test_a_real_number_is_refused_in_the_demonstration_with_a_hint(browser) -> None:
    await browser.open("/")
    await browser.submit("consent-form")
    await browser.submit("turn-form", text="no puedo respirar")
    await browser.submit("turn-form", text="en Chetilla")
    await browser.submit("identity-form", dni="12345678")
    assert browser.status == 422
    assert browser.text("#dni-hint") == "En esta demostración use un DNI de prueba: del 99000000 al 99000999."


async def test_nothing_is_sent_without_permission(browser, qhali) -> None:
    await browser.open("/")
    await browser.submit("consent-form")
    await browser.submit("turn-form", text="no puedo respirar")
    await browser.submit("turn-form", text="en Chetilla")
    await browser.submit("identity-form", **_identity())
    await browser.submit("confirm-form")
    assert browser.status == 422
    assert qhali.rows("select * from outbox") == []


async def test_what_another_window_changed_is_shown_again_before_it_is_sent(browser, qhali) -> None:
    await browser.go_to_summary()
    elsewhere = copy(browser)
    await elsewhere.open("/datos")
    await elsewhere.submit("identity-form", **{**_identity(), "dni": "99000018"})
    await browser.submit("confirm-form", consent="on")
    assert browser.status == 409
    assert "99000018" in browser.text("dl")
    assert browser.text(".mistake") == "Su pedido cambió en otra ventana. Revíselo y confirme de nuevo."
    assert qhali.rows("select * from outbox") == []
    await browser.submit("confirm-form", consent="on")
    assert browser.text("#request-id") == REQUEST_ID


async def test_a_confirmation_that_does_not_say_what_was_shown_sends_nothing(browser, qhali) -> None:
    await browser.go_to_summary()
    browser.page.select_one("#confirm-form [name=shown]").decompose()
    await browser.submit("confirm-form", consent="on")
    assert browser.status == 409
    assert qhali.rows("select * from outbox") == []


@pytest.mark.parametrize("number", ["9" * 5000, "-1", "1e3", "²", ""])
async def test_a_turn_number_that_is_none_changes_nothing(browser, qhali, number) -> None:
    await browser.open("/")
    await browser.submit("consent-form")
    await browser.submit("turn-form", text="tengo tos", number=number)
    assert (browser.status, browser.text("#text")) == (409, "tengo tos")
    assert qhali.rows("select * from turn") == []


async def test_the_open_page_of_an_ended_session_is_sent_to_the_first_page(browser) -> None:
    await browser.send_request()
    browser.http.cookie_jar.clear()
    async with browser.http.get(browser.url + "/pedido/estado", headers={"HX-Request": "true"}) as answer:
        assert (answer.status, answer.headers["HX-Redirect"], await answer.text()) == (403, "/", "")


async def test_what_a_citizen_types_is_never_markup(browser) -> None:
    await browser.open("/")
    await browser.submit("consent-form")
    await browser.submit("turn-form", text="<script>alert(1)</script> tengo tos")
    assert [each for each in browser.page.find_all("script") if not each.get("src")] == []
    assert "<script>alert(1)</script> tengo tos" in browser.text(".chat")


async def test_every_page_is_kept_out_of_caches_and_runs_no_inline_script(browser) -> None:
    await browser.send_request()
    for address in ("/", "/pedido", "/volver", "/cerca", "/nada"):
        await browser.open(address)
        assert browser.headers["Cache-Control"] == "no-store"
        assert "script-src 'self'" in browser.headers["Content-Security-Policy"]
        assert browser.headers["X-Content-Type-Options"] == "nosniff"
        assert browser.headers["X-Correlation-Id"] == REQUEST_ID
        assert [each for each in browser.page.find_all("script") if not each.get("src")] == []
        assert [each for each in browser.page.find_all(True) if each.get("style")] == []
        assert REQUEST_ID in browser.text("footer")


async def test_a_form_without_its_token_is_refused(browser, qhali) -> None:
    async with browser.http.post(browser.url + "/consentimiento") as answer:
        assert answer.status == 403
    assert qhali.rows("select * from draft") == []


async def test_leaving_closes_the_request_on_this_phone(browser) -> None:
    await browser.send_request()
    browser.page.select_one("form.leave")["id"] = "leave-form"
    await browser.submit("leave-form")
    await browser.open("/pedido")
    assert browser.has("#consent-form")


async def test_a_request_that_does_not_arrive_is_said_after_one_minute_and_after_five(browser, qhali) -> None:
    await browser.send_request()
    told = []
    for minutes in (0, 1, 4):
        qhali.clock.advance(timedelta(minutes=minutes))
        await browser.open("/pedido/estado")
        told.append(
            [word for word in ("Todavía estamos enviando", "todavía no llegó") if word in str(browser.page)]
        )
    assert told == [[], ["Todavía estamos enviando"], ["todavía no llegó"]]
    assert [each["href"] for each in browser.page.select("#state a")] == ["tel:106", "tel:113"]


async def test_the_open_page_asks_again_every_minute(browser) -> None:
    await browser.send_request()
    live = browser.page.select_one("#live")
    assert (live["hx-get"], live["hx-trigger"]) == ("/pedido/estado", "sse:estado, every 60s")


async def test_once_the_request_is_received_nothing_says_that_it_is_still_sent(
    browser, qhali, state_message
) -> None:
    await browser.send_request()
    await qhali.receive(state_message(1, State.RECEIVED))
    qhali.clock.advance(timedelta(minutes=10))
    await browser.open("/pedido")
    assert "odavía" not in browser.text("#state")


@pytest.mark.parametrize(
    ("says", "level"), [("no puedo respirar", "I"), ("me desmayé", "II"), ("me arde al orinar", "")]
)
async def test_an_emergency_keeps_its_advice_after_sending_and_coming_back(browser, says, level) -> None:
    await browser.send_request(says)
    code, request_id = browser.text("#return-code"), browser.text("#request-id")
    sent = browser.text(".emergency") if level else ""
    assert browser.has(f".emergency.level-{level or 'I'}") is bool(level)
    assert ("106" in sent, "113" in sent) == (bool(level), bool(level))
    browser.http.cookie_jar.clear()
    await browser.open("/volver")
    await browser.submit("return-form", request_id=request_id, return_code=code)
    assert (browser.text(".emergency") if browser.has(".emergency") else "") == sent


async def test_the_advice_of_an_emergency_is_the_one_shown_before_sending(browser) -> None:
    await browser.go_to_summary("no puedo respirar")
    advised = browser.text(".orientation p:not(.label):not(.fine)")
    await browser.submit("confirm-form", consent="on")
    assert advised in browser.text(".emergency")


async def test_the_advice_of_an_emergency_stays_until_the_request_has_ended(
    browser, qhali, state_message
) -> None:
    await browser.send_request("me desmayé")
    for number, state in enumerate((State.RECEIVED, State.IN_REVIEW, State.ACCEPTED), 1):
        await qhali.receive(state_message(number, state))
        await browser.open("/pedido/estado")
        assert browser.has(".emergency"), state
    await qhali.receive(state_message(4, State.CANCELLED))
    await browser.open("/pedido/estado")
    assert not browser.has(".emergency")


async def test_an_address_that_only_takes_a_form_answers_with_a_page(browser) -> None:
    for address in ("/salir", "/consentimiento", "/pedido/anotado"):
        await browser.open(address)
        assert (browser.status, browser.headers["Allow"]) == (405, "POST")
        assert browser.text(".lead") == "Esta dirección no se abre sola. Use los botones de la página."


async def test_places_are_written_as_people_write_them(browser) -> None:
    await browser.go_to_summary()
    await browser.open("/datos")
    options = browser.text("#identity-form [name=district]")
    assert all(name in options for name in ("Jaén", "Celendín", "San José de Lourdes", "Bolívar", "Nanchoc"))
    labels = {each["label"] for each in browser.page.select("optgroup")}
    assert {"Contumazá", "San Silvestre de Cochán"} <= labels


async def test_the_engine_is_heard_and_the_page_shows_the_appointment(browser, state_message) -> None:
    await browser.send_request()
    for number, state in enumerate((State.RECEIVED, State.ACCEPTED), 1):
        assert (await post(browser, dumps(state_message(number, state))))[0] == 200
    booked = state_message(3, State.BOOKED, start="2026-11-24T09:00:00-05:00")
    status, answer = await post(browser, dumps(booked))
    assert status == 200
    assert answer["entry"][0]["resource"]["response"]["code"] == "ok"
    await browser.open("/pedido")
    assert "Martes 24 de noviembre" in browser.text("#state").replace("martes", "Martes")
    assert "Llegue 15 minutos antes." in browser.text("#state")


@pytest.mark.parametrize(
    ("body", "headers", "status", "issue"),
    [
        (b"{", {}, 401, "login"),
        (b"{", {"Authorization": "Bearer other"}, 401, "login"),
        (b"x" * ((1 << 20) + 1), TOKEN, 413, "too-long"),
        (b"{", TOKEN, 400, "structure"),
        (b"[]", TOKEN, 400, "structure"),
        (b'{"resourceType":"Patient"}', TOKEN, 422, "value"),
    ],
)
async def test_bad_messages_are_refused_with_an_outcome(browser, body, headers, status, issue) -> None:
    found, outcome = await post(browser, body, headers)
    assert (found, outcome["resourceType"]) == (status, "OperationOutcome")
    assert outcome["issue"][0]["code"] == issue


async def test_health_tells_figures_and_no_person(browser, qhali) -> None:
    await browser.send_request()
    async with browser.http.get(browser.url + "/health") as answer:
        text = await answer.text()
    assert json.loads(text) == {
        "system": "qhali",
        "healthy": True,
        "requests": 1,
        "outbox_waiting": 1,
        "outbox_refused": 0,
        "requests_with_gap": 0,
        "events_refused": 0,
        "notices_waiting": 0,
        "requests_unanswered": 0,
        "overdue": [],
    }


def _identity() -> dict[str, str]:
    return {
        "dni": "99000017",
        "paternal_surname": "Prueba",
        "maternal_surname": "",
        "given_names": "María",
        "birth_date": "1992-03-14",
        "sex": "female",
        "district": "061103",
        "facility": "00004576",
    }
