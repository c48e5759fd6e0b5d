"""The pages, through Django's own client: what each role sees, does and may not do."""

import re
from html import unescape

import pytest
from django.test import Client

from ayni.onevision.accounts import pages as accounts
from ayni.onevision.accounts.throttle import Throttle
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


def slots(text: str) -> list[str]:
    return re.findall(r'<option value="(slot-[\d-]+)"', text)


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
    assert "fiebre desde el 23/11/2026, o sin fecha de inicio" in re.sub("<[^>]*>", "", present)
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


def test_times_after_the_one_asked_for_stand_in_a_group_of_their_own(browser, received):
    received()
    text = page(browser("enfermeria"))
    assert "La orientación pide atención hasta mar 24 nov, 09:30." in text
    within, later = text.split('<optgroup label="Después de lo que pide la orientación">')
    assert slots(within) == sorted(slots(within))
    assert slots(within)[-1] == "slot-00004576-202611240930"
    assert slots(later)[0] == "slot-00004576-202611240945"


@pytest.mark.parametrize(("level", "until"), [("I", "20261123094000"), ("II", "20261123133015")])
def test_an_emergency_is_offered_no_later_day_and_the_page_says_why(browser, received, level, until):
    received(level=level, until=until)
    client = browser("enfermeria")
    text = page(client)
    assert f"Un pedido de nivel {level} se atiende ahora o se deriva. No se cita para después." in text
    assert {name[:22] for name in slots(text)} <= {"slot-00004576-20261123"}
    assert ("accept-form" in forms(client)) is (level == "II")
    answer = client.post(PAGE + "citar", {"slot": NINE, "version": "1"})
    assert (answer.status_code, state(client)) == (409, "received")
    assert "Ese horario es después de lo que pide la orientación." in answer.content.decode()


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


@pytest.mark.parametrize(
    ("alternative", "hint"),
    [
        ("00004561", "Escriba el nombre del establecimiento, no su código."),
        ("Puesto de salud Calquis", "El pedido ya es de ese establecimiento. Elija otro, por favor."),
    ],
)
def test_a_rejection_that_names_no_other_place_is_refused_with_a_hint(browser, received, alternative, hint):
    received()
    client = browser("enfermeria")
    client.post(PAGE + "abrir")
    answer = post(client, "rechazar", reason="no-capacity", alternative=alternative)
    assert (answer.status_code, state(client)) == (422, "in-review")
    assert hint in answer.content.decode()


def test_the_rejection_offers_the_facilities_by_name_and_not_the_own_one(browser, received):
    received()
    client = browser("enfermeria")
    client.post(PAGE + "abrir")
    offered = re.findall(r'<option value="([^"]*)" label="([^"]*)"', page(client))
    assert offered[0] == ("puesto de salud Taulis", "I-1, distrito Calquis")
    assert ("centro de salud Llapa", "I-3, distrito Llapa") in offered
    assert "Calquis" not in [name.removeprefix("puesto de salud ") for name, _ in offered]


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
