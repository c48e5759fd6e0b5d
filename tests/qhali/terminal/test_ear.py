"""An emergency is heard whatever was asked, and what answers a form is none."""

from datetime import datetime
from pathlib import Path

import pytest

from ayni.qhali.conversation import Question, next_question
from ayni.qhali.conversation.questions import asking, named
from ayni.qhali.emergency import whom_and_where
from ayni.qhali.models import AssistedConversation
from ayni.qhali.process import SCHEMAS
from ayni.qhali.terminal.chat import chat
from ayni.qhali.terminal.dialogue import orientation_text, visit
from ayni.qhali.terminal.ear import Ear
from ayni.qhali.terminal.sending import open_sending
from ayni.qhali.terminal.session import Session
from ayni.qhali.terminal.sms import as_sms
from ayni.qhali.whereabouts import district_in, told_district
from ayni.vocabulary.peru import districts, facilities, place_name
from ayni.wire.clock import LIMA
from ayni.wire.database import Database

AT = datetime(2026, 11, 23, 9, 30, tzinfo=LIMA)
FATHER = "mi papa no puede respirar"
CALL = "Llame ahora al 106"
IDENTITY = ["99000017", "Prueba", "Ñaupari", "María Elena", "14/03/1992", "1", "calquis", "2"]


def now() -> datetime:
    return AT


def listen(*lines: str) -> list[str]:
    """What a visit says, a message each, with QHALI not running here."""
    session = Session(visit(now=now, sending=None))
    return [as_sms(session.message), *(as_sms(session.hear(line)) for line in lines)]


@pytest.mark.parametrize("greetings", [(), ("hola",), ("hola", "buenas tardes señor")])
def test_an_emergency_told_instead_of_consent_is_answered_first_and_stands_as_the_opening(greetings) -> None:
    *_, told, after = listen(*greetings, FATHER, "1")
    assert told.startswith(CALL)
    assert "Debe atender día y noche: centro de salud San Miguel" in told
    assert told.endswith("¿Acepta conversar? Responda: 1 Sí, 2 No.")
    assert CALL in after
    assert "¿Qué le pasa?" not in after


def test_a_complaint_told_instead_of_consent_alarms_nobody_and_need_not_be_told_again() -> None:
    _, told, after = listen("me duele la rodilla desde ayer", "1")
    assert told.startswith("Responda con un número del 1 al 2")
    assert "¿Qué le pasa?" not in after


def test_a_question_beside_a_complaint_is_answered_once_and_the_interview_goes_on() -> None:
    *_, asked, after = listen("1", "¿mi SIS cubre? me duele la rodilla", "0")
    assert asked.startswith("No puedo ver ni cambiar su seguro. Pregunte en su establecimiento")
    assert "¿Le pasa algo de esto?" in asked
    assert "seguro" not in after


def test_the_heading_of_care_at_home_promises_no_appointment() -> None:
    opening = next_question(AssistedConversation(), AT.date())
    assert opening is not None
    cold = AssistedConversation().answered(opening, "tengo mocos desde ayer", said_at=AT)
    told = orientation_text(cold, now)
    assert told.startswith("Orientación: Puede esperar. Puede cuidarse en casa; si no mejora, pida una cita.")


def test_without_consent_what_was_told_is_not_gone_on_with() -> None:
    *_, last = listen(FATHER, "2")
    assert last.startswith("Está bien. No guardé nada.")


@pytest.mark.parametrize("place", range(9))
def test_an_emergency_told_in_the_form_is_answered_the_same_is_asked_again_and_it_is_sent(
    tmp_path: Path, place: int
) -> None:
    Database(tmp_path / "qhali" / "qhali.sqlite", *SCHEMAS).close()
    talk = ["1", "me duele la rodilla desde ayer", *["no"] * 12]
    with open_sending({"AYNI_VAR": str(tmp_path)}) as (clock, sending):
        asked = list(chat(talk, now=clock, sending=sending))
        talk = talk[: next(at for at, text in enumerate(asked) if "¿Quiere que lleve" in text)]
        form = ["1", *IDENTITY]
        said = list(chat([*talk, *form[:place], FATHER, *form[place:], "1"], now=clock, sending=sending))
    before, told = said[len(talk) + place : len(talk) + place + 2]
    assert told.startswith(CALL)
    assert told.endswith(before.splitlines()[-1])
    assert "Orientación: Emergencia" in said[-2]
    assert "Guardé su pedido" in said[-1]


def test_told_where_only_the_permission_is_left_it_is_shown_before_it_is_sent(tmp_path: Path) -> None:
    Database(tmp_path / "qhali" / "qhali.sqlite", *SCHEMAS).close()
    lines = ["1", "no puedo respirar", "en Chetilla", "1", *IDENTITY]
    with open_sending({"AYNI_VAR": str(tmp_path)}) as (clock, sending):
        *_, told, shown, last = chat([*lines, "ahora vomita sangre", "1", "1"], now=clock, sending=sending)
    assert CALL in told
    assert "vómito con sangre" in shown
    assert "Guardé su pedido" in last


def test_names_of_people_and_places_and_figures_are_no_emergency() -> None:
    ear = Ear(AssistedConversation(), now)
    places = [place_name(each.name) for each in (*districts(), *facilities())]
    people = [
        "Dolores",
        "María del Socorro",
        "Ángel Caído",
        "Salvador",
        "Paz",
        "Milagros",
        "Delgado",
        "Muerte",
    ]
    for said in (*places, *people, "99000017", "14/03/1992", "1", "-"):
        assert ear.field(said) == "", said
    assert ear.talk.turns == ()


@pytest.mark.parametrize(
    ("said", "district"),
    [
        ("en Chetilla", "CHETILLA"),
        ("caserío San Juan, distrito de Llapa, San Miguel", "LLAPA"),
        ("estamos en san miguel por la plaza", "SAN MIGUEL"),
        ("San José de Lourdes", "SAN JOSE DE LOURDES"),
        ("en la Encañada, pasando el río", "ENCAÑADA"),
        ("en mi chacra", None),
        ("cerca de chotano", None),
    ],
)
def test_the_district_is_taken_from_the_words_for_the_place(said: str, district: str | None) -> None:
    found = district_in(said)
    assert (found.name if found else None) == district


def test_only_the_answer_to_the_place_is_read_for_it() -> None:
    def talk(question: Question, said: str) -> AssistedConversation:
        return AssistedConversation().answered(question, said, said_at=AT)

    opening = next_question(AssistedConversation(), AT.date())
    assert opening is not None
    assert told_district(talk(opening, "Jesús, no puedo respirar")) is None
    both = asking((named("who"), named("place")))
    for said in ("1. mi mamá Magdalena\n2. en Chetilla", "mi mamá, estamos en Chetilla"):
        found = told_district(talk(both, said))
        assert found is not None
        assert found.name == "CHETILLA"


def test_who_tells_where_they_are_hears_how_far_the_open_place_is() -> None:
    *_, last = listen("1", FATHER, "en Chetilla")
    assert "centro de salud San Miguel, a 25 km de Chetilla en línea recta." in last
    home = district_in("San Miguel")
    assert whom_and_where(home).endswith("Debe atender día y noche: centro de salud San Miguel.")


def test_what_alarms_in_a_form_and_is_said_again_is_the_answer() -> None:
    ear = Ear(AssistedConversation(), now)
    assert [bool(ear.field(FATHER)) for _ in range(3)] == [True, False, False]
    assert len(ear.talk.turns) == 1
