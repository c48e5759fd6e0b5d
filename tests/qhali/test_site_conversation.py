"""The conversation page without JavaScript: one answer for one place, whatever windows and fingers do."""

import asyncio
from copy import copy

import pytest

JULIA = {"enterer_name": "Julia Prueba", "enterer_dni": "99000025"}


async def _start(browser, **fields: str) -> None:
    await browser.open("/")
    await browser.submit("consent-form", **fields)


def _said(qhali) -> list[str]:
    return [text for (text,) in qhali.rows("select text from turn order by number")]


async def test_the_first_message_says_what_it_is_who_runs_it_what_it_keeps_and_whom_to_call(browser) -> None:
    await _start(browser)
    first = browser.text("#said-0")
    for words in (
        "un programa del proyecto Ayni",
        "No soy una persona ni un médico",
        "Guardo lo que escribe",
    ):
        assert words in first
    assert [each["href"] for each in browser.page.select("#said-0 a")] == ["tel:106", "tel:113"]


async def test_an_answer_sent_many_times_counts_once(browser, qhali) -> None:
    await _start(browser)
    fingers = [copy(browser) for _ in range(5)]
    await asyncio.gather(*(each.submit("turn-form", text="tengo tos") for each in fingers))
    assert _said(qhali) == ["tengo tos"]
    assert {each.status for each in fingers} == {200}


async def test_an_answer_whose_question_has_passed_goes_back_into_the_box(browser, qhali) -> None:
    await _start(browser)
    other = copy(browser)
    await other.submit("turn-form", text="tengo tos")
    await browser.submit("turn-form", text="no")
    assert _said(qhali) == ["tengo tos"], "a no never answers another question"
    assert (browser.status, browser.text("#text")) == (409, "no")
    assert "aún no se envió" in browser.text(".composer .mistake")
    await browser.submit("turn-form", text="desde ayer")
    assert _said(qhali) == ["tengo tos", "desde ayer"]


async def test_two_windows_that_answer_at_once_lose_nothing(browser, qhali) -> None:
    await _start(browser)
    windows = [copy(browser) for _ in range(4)]
    answers = [f"tengo tos y dolor {number}" for number in range(4)]
    await asyncio.gather(
        *(each.submit("turn-form", text=text) for each, text in zip(windows, answers, strict=True))
    )
    [taken] = _said(qhali)
    back = [each.text("#text") for each in windows if each.status == 409]
    assert sorted([taken, *back]) == answers


async def test_an_answer_that_comes_after_the_last_question_is_shown_as_not_sent(browser, qhali) -> None:
    await _start(browser)
    late = copy(browser)
    for says in ("no puedo respirar", "en Chetilla"):
        await browser.submit("turn-form", text=says)
    await late.submit("turn-form", text="también tengo tos")
    assert "también tengo tos" in late.text("#answer .mistake")
    assert _said(qhali) == ["no puedo respirar", "en Chetilla"]


async def test_an_answer_of_an_erased_conversation_is_not_taken_by_the_next_one(browser, qhali) -> None:
    await _start(browser)
    old = copy(browser)
    await browser.open("/")
    await browser.submit("consent-form")
    await old.submit("turn-form", text="tengo tos")
    assert (old.status, old.text("#text")) == (409, "tengo tos")
    assert _said(qhali) == []


async def test_starting_twice_or_in_a_second_window_keeps_the_conversation_under_way(browser, qhali) -> None:
    await browser.open("/")
    second = copy(browser)
    await browser.submit("consent-form")
    await browser.submit("turn-form", text="tengo tos")
    await second.submit("consent-form")
    assert "tengo tos" in second.text(".chat")
    assert _said(qhali) == ["tengo tos"]
    await second.open("/")
    await second.submit("consent-form")
    assert _said(qhali) == [], "only the button that says so erases"


async def test_closing_erases_what_was_said_and_ends_the_session(browser, qhali) -> None:
    await _start(browser)
    await browser.submit("turn-form", text="tengo tos")
    await browser.submit("close-form")
    assert qhali.rows("select * from draft") == _said(qhali) == []
    assert browser.page.body["data-conversation"] == ""
    await browser.open("/conversacion")
    assert browser.has("#consent-form")


async def test_choices_are_numbered_and_have_an_icon_and_a_word(browser) -> None:
    await _start(browser)
    await browser.submit("turn-form", text="tengo tos con flema")
    while len(browser.page.select("#quick-form button")) < 2:
        await browser.submit("turn-form", text="no")
    for number, button in enumerate(browser.page.select("#quick-form button"), 1):
        assert button.select_one(".digit").text == str(number)
        assert button.select_one("svg.icon")["aria-hidden"] == "true"
        assert button["value"] in button.text


async def test_a_list_is_answered_item_by_item(browser, qhali) -> None:
    await _start(browser)
    await browser.submit("turn-form", text="tengo tos con flema")
    legends = [each.get_text(" ", strip=True) for each in browser.page.select("#list-form legend")]
    assert [each[0] for each in legends] == ["1", "2", "3"]
    values = [each["value"] for each in browser.page.select("#list-form fieldset:first-of-type input")]
    assert values == ["Sí", "No", "No sé"]
    await browser.submit("list-form", **{"part-1": "No", "part-3": "No sé"})
    assert _said(qhali) == ["tengo tos con flema", "1. No\n3. No sé"]
    assert browser.text("#said-2 .words") == "1. No 3. No sé"


async def test_a_list_without_any_answer_is_asked_again(browser, qhali) -> None:
    await _start(browser)
    await browser.submit("turn-form", text="tengo tos con flema")
    await browser.submit("list-form")
    assert browser.has("#list-form")
    assert _said(qhali) == ["tengo tos con flema"]


async def test_an_emergency_says_at_once_whom_to_call_and_where_to_go(browser) -> None:
    await _start(browser)
    await browser.submit("turn-form", text="no puedo respirar")
    calls = [each["href"] for each in browser.page.select(".emergency .call")]
    assert {"tel:106", "tel:113"} < set(calls)
    assert "Debe atender día y noche: Centro de salud San Miguel" in browser.text(".emergency")
    assert browser.page.main.find(["section", "form", "ol"])["class"] == ["emergency", "level-I"]
    await browser.open("/cerca")
    await browser.submit("nearby-form", district="061103")
    assert "Centro de salud San Miguel" in browser.text("#always")
    assert "Puesto de salud Calquis" in browser.text("#near")
    assert browser.page.select_one("#always a")["href"].startswith("geo:-7")
    assert browser.page.select_one("#always svg title").text.startswith("Croquis: de Calquis a San Miguel")


async def test_who_says_in_which_district_they_are_sees_the_open_place(browser, qhali) -> None:
    await _start(browser)
    await browser.submit("turn-form", text="no puedo respirar")
    await browser.submit("turn-form", text="en Chetilla")
    assert "a 25 km de Chetilla" in browser.text(".emergency")


async def test_a_question_beside_the_complaint_is_answered_above_the_next_one(browser) -> None:
    await _start(browser)
    await browser.submit("turn-form", text="¿mi SIS cubre? me duele la rodilla")
    assert browser.text("#beside").startswith("No puedo ver ni cambiar su seguro.")
    assert browser.has("#question")
    await browser.submit("list-form", **{"part-1": "No", "part-2": "No", "part-3": "No"})
    assert not browser.has("#beside")


async def test_a_health_worker_who_types_is_named_on_every_page_that_matters(browser, qhali) -> None:
    await _start(browser, **JULIA)
    assert "JULIA PRUEBA" in browser.text(".enterer")
    await browser.submit("turn-form", text="tengo tos")
    assert qhali.rows("select name, dni from enterer") == [("JULIA PRUEBA", "99000025")]


async def test_the_citizen_sees_later_who_typed(browser, qhali) -> None:
    await browser.go_to_summary(**JULIA)
    assert "JULIA PRUEBA" in browser.text("main")
    await browser.submit("confirm-form", consent="on")
    await browser.open("/mis-datos")
    assert "Lo escribió por usted JULIA PRUEBA" in browser.text("main")


@pytest.mark.parametrize("fields", [{"enterer_name": "Julia"}, {**JULIA, "enterer_dni": "12345678"}])
async def test_half_a_worker_starts_nothing_and_says_what_to_mend(browser, qhali, fields) -> None:
    await _start(browser, **fields)
    assert browser.status == 422
    assert browser.has("details.assisted[open] #enterer_dni-hint")
    assert browser.page.select_one("#enterer_name")["value"] == fields["enterer_name"]
    assert qhali.rows("select * from draft") == []


async def test_the_way_to_the_chosen_place_is_on_its_own_page(browser) -> None:
    await browser.send_request()
    await browser.open("/como-llegar")
    assert "Puesto de salud" in browser.text(".lead")
    assert browser.has("svg[role=img] title")


async def test_the_microphone_may_be_asked_for_on_the_conversation_alone(browser) -> None:
    await _start(browser)
    assert "microphone=(self)" in browser.headers["Permissions-Policy"]
    await browser.open("/")
    assert "microphone=()" in browser.headers["Permissions-Policy"]


async def test_forgetting_tells_the_browser_to_empty_its_shelves(browser) -> None:
    await browser.send_request()
    await browser.open("/mis-datos")
    await browser.submit("forget-form", sure="on")
    assert browser.headers["Clear-Site-Data"] == '"storage"'


async def test_looking_at_an_earlier_request_leaves_the_conversation_under_way_as_it_is(
    browser, qhali
) -> None:
    request_id = await browser.send_request()
    code = browser.text("#return-code")
    assert browser.page.body["data-conversation"] == "", "what waited on the phone goes with the conversation"
    browser.http.cookie_jar.clear()
    await _start(browser)
    under_way = copy(browser)
    await browser.open("/volver")
    await browser.submit("return-form", request_id=request_id, return_code=code)
    await under_way.submit("turn-form", text="me duele la cabeza")
    assert under_way.status == 200
    assert "me duele la cabeza" in _said(qhali)


async def test_a_question_that_is_no_complaint_is_answered_and_nothing_is_sent(browser) -> None:
    await _start(browser)
    await browser.submit("turn-form", text="¿a qué hora atiende el puesto?")
    assert "No tengo los horarios de atención." in browser.text("#question")
    assert [each["href"] for each in browser.page.select("#elsewhere a")] == ["/cerca", "tel:113"]
    await browser.submit("turn-form", text="no, gracias")
    assert "No hay ningún pedido que enviar" in browser.text("#nothing-to-send")
    await browser.open("/datos")
    assert "No hay ningún pedido que enviar" in browser.text("#nothing-to-send")
