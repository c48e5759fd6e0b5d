"""The lists of the inbox and their pages, through Django's own client."""

import re
from html import unescape

import pytest
from django.test import Client

from ayni.onevision.appointments import booking
from ayni.onevision.intakes import inbox, requests, transitions
from ayni.onevision.intakes.transitions import Change
from ayni.vocabulary.request import Reason, State

REQUEST_ID = "QH-7M3K9XBT4D"
NINE = "slot-00004576-202611240900"
TEN = "slot-00004576-202611241000"


def page(client: Client, address: str) -> str:
    return unescape(client.get(address).content.decode())


def rows(text: str) -> list[str]:
    return re.findall(r'data-request-id="QH-7M3K9XBT4(\d)"', text)


def next_page(client: Client, address: str) -> str:
    return re.search(r'<a href="([^"]+)">Siguientes', page(client, address))[1]


def test_the_inbox_shows_the_most_urgent_first(browser, received):
    for number, level in enumerate(["IV", "II", "III", "I"]):
        received(level=level, request_id=f"QH-7M3K9XBT4{number}", dni=f"9900010{number}")
    shown = re.findall(r'data-request-id="QH-7M3K9XBT4(\d)"', page(browser("enfermeria"), "/"))
    assert shown == ["3", "1", "2", "0"]


def test_an_emergency_is_seen_however_many_wait(browser, received, monkeypatch):
    monkeypatch.setattr(inbox, "PAGE_ROWS", 3)
    for number, level in enumerate(["IV", "III", "III", "III", "III", "I"]):
        received(level=level, request_id=f"QH-7M3K9XBT4{number}", dni=f"9900010{number}")
    client = browser("enfermeria")
    assert rows(page(client, "/")) == ["5", "1", "2"]
    assert rows(page(client, next_page(client, "/"))) == ["3", "4", "0"]


def test_a_new_appointment_is_seen_however_many_came_before(
    browser, received, monkeypatch, clock, decide, admission
):
    monkeypatch.setattr(inbox, "PAGE_ROWS", 3)
    for number in range(6):
        request_id = f"QH-7M3K9XBT4{number}"
        received(request_id=request_id, dni=f"9900010{number}")
        clock.forward(seconds=1)
        slot = f"slot-00004576-20261124{['1100', '1000', '0900', '0915', '0930', '0800'][number]}"
        decide(booking.accept_and_book, slot, admission, request_id=request_id)
    client = browser("admision")
    assert rows(page(client, "/")) == ["5", "2", "3"]
    assert rows(page(client, next_page(client, "/"))) == ["4", "1", "0"]


def test_who_did_not_come_leaves_the_list_with_the_day_and_stays_in_one_of_its_own(
    browser, received, clock, decide, admission, record
):
    for number, slot in enumerate((NINE, TEN, "slot-00004576-202611250900")):
        received(request_id=f"QH-7M3K9XBT4{number}", dni=f"9900010{number}")
        decide(booking.accept_and_book, slot, admission, request_id=f"QH-7M3K9XBT4{number}")
    clock.at = clock.at.replace(day=24, hour=11)
    decide(booking.mark_no_show, admission, request_id="QH-7M3K9XBT40")
    client = browser("admision")
    assert rows(page(client, "/listas/citas/")) == ["0", "1", "2"]
    assert rows(page(client, "/listas/citas-anteriores/")) == []
    clock.at = clock.at.replace(day=25, hour=0, minute=0, second=0)
    assert rows(page(client, "/listas/citas/")) == ["2"]
    assert rows(page(client, "/listas/citas-anteriores/")) == ["1", "0"]
    assert rows(page(client, "/")) == ["2", "1", "0"]


def test_of_what_has_ended_the_latest_is_seen_first(browser, received, monkeypatch, clock, decide, nurse):
    monkeypatch.setattr(inbox, "PAGE_ROWS", 2)
    change = Change(after=State.REJECTED, by=nurse, reason=Reason.NO_CAPACITY, alternative="LLAPA")
    for number in range(3):
        received(request_id=f"QH-7M3K9XBT4{number}", dni=f"9900010{number}")
    for number in (1, 2, 0):
        clock.forward(minutes=1)
        decide(transitions.open_request, nurse, request_id=f"QH-7M3K9XBT4{number}")
        decide(transitions.move, change, request_id=f"QH-7M3K9XBT4{number}")
    client = browser("enfermeria")
    assert rows(page(client, "/")) == ["0", "2"]
    assert rows(page(client, next_page(client, "/"))) == ["1"]


def test_the_inbox_looks_up_each_appointment_once_for_its_lists(
    browser, received, monkeypatch, decide, admission
):
    for number in range(6):
        received(request_id=f"QH-7M3K9XBT4{number}", dni=f"9900010{number}")
        slot = f"slot-00004576-20261124{['1100', '1000', '0900', '0915', '0930', '0800'][number]}"
        decide(booking.accept_and_book, slot, admission, request_id=f"QH-7M3K9XBT4{number}")
    looked_up = []
    appointment_of = requests.appointment_of
    monkeypatch.setattr(inbox, "PAGE_ROWS", 1)
    monkeypatch.setattr(
        requests, "appointment_of", lambda *given: looked_up.append(1) or appointment_of(*given)
    )
    assert rows(page(browser("admision"), "/")) == ["5"]
    assert len(looked_up) == 6 + 1, "six for the order, one for the row that is shown"


@pytest.mark.parametrize("asked", ["0", "-1", "x", "2", "999999", "9" * 5000, "²"])
def test_a_page_that_is_none_is_the_nearest_one(browser, received, asked):
    received()
    answer = browser("admision").get("/listas/por-responder/", {"pagina": asked})
    assert (answer.status_code, "Página" in answer.content.decode()) == (200, False)
    assert REQUEST_ID in answer.content.decode()


def test_a_list_that_is_none_is_not_found(browser):
    assert browser("admision").get("/listas/todos/").status_code == 404


def test_the_inbox_tells_how_long_is_left_to_answer(browser, received, clock):
    received()
    client = browser("enfermeria")
    assert "faltan 4 h 0 min" in page(client, "/")
    clock.forward(hours=5)
    assert "venció hace 1 h 0 min" in page(client, "/")
