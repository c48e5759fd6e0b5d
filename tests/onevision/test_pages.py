"""The pages, through Django's own client: what each role sees, does and may not do."""

import re
from html import unescape

import pytest
from django.test import Client

from ayni.onevision.accounts import pages as accounts
from ayni.onevision.accounts.throttle import Throttle
from ayni.onevision.appointments import booking
from ayni.onevision.intakes import inbox, transitions
from ayni.onevision.intakes.transitions import Change
from ayni.vocabulary.request import Reason, State
from ayni.wire import outbox

REQUEST_ID = "QH-7M3K9XBT4D"
PAGE = f"/pedidos/{REQUEST_ID}/"
NINE = "slot-00004576-202611240900"
TEN = "slot-00004576-202611241000"


def post(client: Client, action: str, **fields: str):
    """Sends a form of the page as the page itself would, with the version it shows."""
    shown = re.search(r'name="version" value="(\d+)"', page(client))
    version = {"version": shown[1]} if shown else {}
    return client.post(PAGE + action, version | fields)


def page(client: Client, address: str = PAGE) -> str:
    return unescape(client.get(address).content.decode())


def state(client: Client) -> str:
    return re.search(r'data-state="([\w-]+)"', page(client))[1]


def rows(text: str) -> list[str]:
    return re.findall(r'data-request-id="QH-7M3K9XBT4(\d)"', text)


def next_page(client: Client, address: str) -> str:
    return re.search(r'<a href="([^"]+)">Siguientes', page(client, address))[1]


def forms(client: Client) -> set[str]:
    return set(re.findall(r'<form id="([\w-]+)"', page(client)))


def test_a_person_signs_in_with_the_password_of_the_file(record, passwords):
    client = Client()
    answer = client.post("/entrar", {"username": "admision", "password": passwords["admision"]})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert "Admisión" in page(client, "/")


def test_guessing_is_slowed_down(record, passwords, clock, monkeypatch):
    monkeypatch.setattr(accounts, "throttle", Throttle())
    client = Client()
    wrong = [client.post("/entrar", {"username": "medicina", "password": "?"}).status_code for _ in range(5)]
    right = {"username": "medicina", "password": passwords["medicina"]}
    assert (set(wrong), client.post("/entrar", right).status_code) == ({422}, 429)
    clock.forward(minutes=6)
    assert client.post("/entrar", right).status_code == 302


@pytest.mark.parametrize("spelling", ["ｍedicina", "medicina", " medicina ", "ⓜⓔdicina"])
def test_another_spelling_of_a_name_is_the_same_name_for_the_throttle(
    record, passwords, monkeypatch, spelling
):
    monkeypatch.setattr(accounts, "throttle", Throttle())
    for _ in range(5):
        Client().post("/entrar", {"username": "medicina", "password": "?"})
    right = {"username": spelling, "password": passwords["medicina"]}
    assert Client().post("/entrar", right).status_code == 429


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
    change = Change(after=State.REJECTED, staff=nurse, reason=Reason.NO_CAPACITY, alternative="LLAPA")
    for number in range(3):
        received(request_id=f"QH-7M3K9XBT4{number}", dni=f"9900010{number}")
    for number in (1, 2, 0):
        clock.forward(minutes=1)
        decide(transitions.open_request, nurse, request_id=f"QH-7M3K9XBT4{number}")
        decide(transitions.move, change, request_id=f"QH-7M3K9XBT4{number}")
    client = browser("enfermeria")
    assert rows(page(client, "/")) == ["0", "2"]
    assert rows(page(client, next_page(client, "/"))) == ["1"]


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


def test_looking_changes_nothing(browser, received, events):
    received()
    client = browser("enfermeria")
    client.get("/")
    client.get(PAGE)
    assert client.get(PAGE + "abrir").status_code == 405
    assert (state(client), len(events())) == ("received", 1)


def test_opening_makes_it_in_review_and_shows_it(browser, received):
    received()
    client = browser("enfermeria")
    answer = client.post(PAGE + "abrir")
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert state(client) == "in-review"


def test_the_page_keeps_orientation_and_triage_apart(browser, received):
    received()
    text = page(browser("medicina"))
    assert "Orientación de QHALI" in text
    assert "Prioridad de triaje" in text
    assert "Sin triaje" in text
    assert "Tos con flema de 15 días o más (RF95)" in text


def test_the_page_shows_what_was_said_and_what_was_denied(browser, received):
    received()
    text = page(browser("medicina"))
    assert "Resumen de QHALI (lo que entendió)" in text
    present, absent = text.split("Presenta")[1].split("Niega")
    assert "tos con flema" in present
    assert "desde el 05/11/2026" in present
    assert "fiebre desde ese día, o sin fecha de inicio" in re.sub("<[^>]*>", "", present)
    assert "tos con sangre" in absent.split("</ul>")[0]


def test_a_person_is_accepted_and_booked_with_one_form(browser, received):
    received()
    client = browser("enfermeria")
    client.post(PAGE + "abrir")
    assert post(client, "citar", slot=NINE).status_code == 302
    assert state(client) == "booked"
    assert "martes 24 de noviembre, 09:00" in page(client)


def test_admission_reschedules_then_cancels(browser, received):
    received()
    client = browser("admision")
    post(client, "citar", slot=NINE)
    post(client, "reprogramar", slot=TEN)
    assert state(client) == "rescheduled"
    answer = post(client, "anular", reason="other")
    assert (answer.status_code, state(client)) == (422, "rescheduled")
    assert "Con otro motivo, escriba cuál es" in answer.content.decode()
    assert post(client, "anular", reason="other", note="a\u202eb").status_code == 422
    post(client, "anular", reason="other", note="Se malogró el equipo.")
    assert state(client) == "cancelled"
    assert "otro motivo" in page(client)
    assert "Se dijo al ciudadano: Se malogró el equipo." in page(client)


def test_a_taken_slot_is_refused_in_spanish(browser, received):
    received()
    received(request_id="QH-7M3K9XBT4E", dni="99000025")
    client = browser("enfermeria")
    post(client, "citar", slot=NINE)
    other = client.post("/pedidos/QH-7M3K9XBT4E/citar", {"slot": NINE, "version": "1"})
    assert other.status_code == 409
    assert "Ese horario acaba de ocuparse" in other.content.decode()


def test_a_page_that_is_old_decides_nothing(browser, received, events):
    received()
    client = browser("admision")
    client.post(PAGE + "abrir")
    count = len(events())
    for version in ({"version": "1"}, {}):
        answer = client.post(PAGE + "citar", {"slot": NINE} | version)
        assert answer.status_code == 409
        assert "Otra persona cambió este pedido" in answer.content.decode()
    assert len(events()) == count


def test_a_no_show_before_its_time_is_refused_in_spanish(browser, received):
    received()
    client = browser("admision")
    post(client, "citar", slot=NINE)
    answer = post(client, "inasistencia")
    assert answer.status_code == 409
    assert "La hora de la cita aún no llega" in answer.content.decode()


@pytest.mark.parametrize(
    "fields",
    [
        {"reason": "no-capacity"},
        {"reason": "no-capacity", "alternative": "  "},
        {"reason": "because", "alternative": "LLAPA"},
        {"alternative": "LLAPA"},
        {"reason": "other", "alternative": "LLAPA"},
    ],
)
def test_a_rejection_needs_a_reason_of_the_list_and_an_alternative(browser, received, fields):
    received()
    client = browser("enfermeria")
    client.post(PAGE + "abrir")
    assert post(client, "rechazar", **fields).status_code == 422
    assert state(client) == "in-review"


def test_a_rejection_says_where_to_go_instead(browser, received):
    received()
    client = browser("enfermeria")
    client.post(PAGE + "abrir")
    post(client, "rechazar", reason="other", alternative="CENTRO DE SALUD LLAPA", note="Hay vacunas hoy")
    assert state(client) == "rejected"
    assert re.findall("Se dijo al ciudadano: ([^<]*)", page(client)) == [
        "CENTRO DE SALUD LLAPA",
        "Hay vacunas hoy",
    ]


@pytest.mark.parametrize("field", ["alternative", "note"])
@pytest.mark.parametrize(
    "wrong", ["a\u202eb", "a\u2066b", "a\u2069b", "a\x1bb", "a\tb", "a\x00b", "a\x7fb", "x" * 301]
)
def test_what_the_citizen_reads_is_short_and_visible(browser, received, field, wrong):
    received()
    client = browser("enfermeria")
    client.post(PAGE + "abrir")
    answer = post(client, "rechazar", **{"reason": "no-capacity", "alternative": "LLAPA", field: wrong})
    assert answer.status_code == 422
    assert re.search("caracteres invisibles|El texto es muy largo", answer.content.decode())
    assert state(client) == "in-review"


def test_a_note_may_have_lines(browser, received, current):
    received()
    client = browser("enfermeria")
    client.post(PAGE + "abrir")
    post(client, "rechazar", reason="no-capacity", alternative="LLAPA", note="Vaya mañana.\r\nLleve su DNI.")
    assert [note["text"] for note in current().task["note"]] == ["LLAPA", "Vaya mañana.\nLleve su DNI."]


def test_an_emergency_is_not_rejected(browser, received):
    received(level="I")
    client = browser("medicina")
    client.post(PAGE + "abrir")
    assert "reject-form" not in forms(client)
    answer = post(client, "rechazar", reason="no-capacity", alternative="LLAPA")
    assert answer.status_code == 409
    assert state(client) == "in-review"


@pytest.mark.parametrize(
    ("username", "offered"),
    [
        ("admision", {"reschedule-form", "cancel-form", "no-show-form"}),
        ("jefatura", {"cancel-form"}),
        ("enfermeria", set()),
        ("medicina", set()),
    ],
)
def test_each_role_is_offered_its_own_steps(browser, received, username, offered):
    received()
    post(browser("enfermeria"), "citar", slot=NINE)
    assert forms(browser(username)) == offered


def test_a_step_of_another_role_is_refused(browser, received):
    received()
    nurse = browser("enfermeria")
    post(nurse, "citar", slot=NINE)
    shown = re.search(r'name="version" value="(\d+)"', page(browser("admision")))[1]
    answer = nurse.post(PAGE + "anular", {"reason": "no-capacity", "version": shown})
    assert answer.status_code == 409
    assert "no corresponde al estado actual del pedido, o a su rol" in answer.content.decode()


def test_identity_that_differs_from_the_record_is_shown(browser, received, listener, srm):
    received()
    listener.receive(srm(request_id="QH-7M3K9XBT4E").replace(b"|19920314|", b"|19800101|"))
    client = browser("admision")
    assert "Verifique la identidad" not in page(client)
    assert "Verifique la identidad" in page(client, "/pedidos/QH-7M3K9XBT4E/")


def test_a_request_that_is_not_here_is_a_page_of_its_own(browser):
    answer = browser("admision").get("/pedidos/QH-0000000000/")
    assert answer.status_code == 404
    assert "Ese pedido no está en este registro" in answer.content.decode()


def test_what_waits_and_what_was_refused_is_shown_and_can_go_again(browser, record, received):
    received()
    client = browser("admision")
    assert "Nada pendiente" in page(client, "/envios")
    post(client, "citar", slot=NINE)
    with record.changing() as chart:
        chart.tx.execute(
            "update outbox set state = 'refused', reason = 'AE 103' where event_key like '%R002'"
        )
    text = page(client, "/envios")
    assert re.findall(r'data-event-key="[\w-]+\.(R\d+)" data-state="(\w+)"', text) == [
        ("R002", "refused"),
        ("R003", "pending"),
    ]
    assert client.post(f"/envios/{REQUEST_ID}.R002/reenviar").status_code == 302
    with record.reading() as chart:
        assert [row.state for row in outbox.unsettled(chart.tx)] == ["pending", "pending"]
