"""Every state has a sentence a citizen can read."""

import re

import pytest

from ayni.qhali.notifications import Telling, sentence
from ayni.vocabulary.fhir import Resource, systems
from ayni.vocabulary.request import Reason, State

WORDS_MAX = 15
TASK: Resource = {
    "owner": {"identifier": {"system": systems.RENIPRESS_ID, "value": "00004576"}},
    "statusReason": {"coding": [{"system": systems.STATE_REASON, "code": "no-capacity"}]},
    "note": [{"text": "LLAPA"}],
}
TELLING = Telling("QH-7M3K9XBT4D", TASK, {"start": "2026-11-24T09:00:00-05:00"})


@pytest.mark.parametrize("state", State)
def test_every_state_has_short_sentences_without_a_gap(state: State) -> None:
    told = sentence(state, TELLING)
    assert told.endswith((".", "?"))
    assert not re.search(r"[{}]", told)
    for each in re.split(r"(?<=[.?!]) ", told):
        assert len(each.split()) <= WORDS_MAX, each


@pytest.mark.parametrize("state", State)
def test_a_missing_datum_leaves_a_sentence_that_is_still_true(state: State) -> None:
    assert "None" not in sentence(state, Telling("QH-7M3K9XBT4D", {}, {}))


def test_an_appointment_is_told_with_day_hour_and_place() -> None:
    assert sentence(State.BOOKED, TELLING) == (
        "Su cita: martes 24 de noviembre, 09:00, puesto de salud Calquis. Traiga su DNI."
    )


@pytest.mark.parametrize(
    ("notes", "told"),
    [
        (["LLAPA"], "Puede ir a LLAPA."),
        (["centro de salud Llapa"], "Puede ir al centro de salud Llapa."),
        (["Hospital San Miguel", "No hay ecógrafo"], "Puede ir al Hospital San Miguel. No hay ecógrafo."),
        (["Hospital San Miguel.", "no hay ecógrafo."], "Puede ir al Hospital San Miguel. No hay ecógrafo."),
        (["Puede ir al centro de salud de Llapa."], "Puede ir al centro de salud de Llapa."),
        ([" ", "LLAPA", "¿Necesita ayuda?"], "Puede ir a LLAPA. ¿Necesita ayuda?"),
        ([], "Puede ir a otro establecimiento."),
    ],
)
def test_a_rejection_is_told_with_its_reason_where_to_go_and_each_note_by_itself(
    notes: list[str], told: str
) -> None:
    telling = Telling("QH-7M3K9XBT4D", TASK | {"note": [{"text": text} for text in notes]}, {})
    assert sentence(State.REJECTED, telling) == f"No podrán atenderle en Calquis: no hay cupo. {told}"


@pytest.mark.parametrize(
    ("notes", "told"),
    [
        (["¿Cuál es su teléfono?"], "Nos falta un dato: ¿Cuál es su teléfono? Pregunte en"),
        (["su teléfono"], "Nos falta un dato: su teléfono. Pregunte en"),
        ([], "Nos falta un dato. Pregunte en"),
    ],
)
def test_the_datum_that_is_missing_does_not_run_into_the_next_sentence(notes: list[str], told: str) -> None:
    telling = Telling("QH-7M3K9XBT4D", TASK | {"note": [{"text": text} for text in notes]}, {})
    assert sentence(State.INFORMATION_REQUESTED, telling).startswith(told)


@pytest.mark.parametrize(
    ("reason", "notes", "told"),
    [
        (Reason.OTHER, ["Se malogró el equipo"], "Su cita se anuló: Se malogró el equipo."),
        (
            Reason.OTHER,
            ["Se malogró el equipo.", "vuelva el lunes"],
            "Se malogró el equipo. Vuelva el lunes.",
        ),
        (Reason.OTHER, [], "Su cita se anuló: otro motivo."),
        (Reason.ROAD_OR_WEATHER, [], "Su cita se anuló: el camino o el clima no lo permiten."),
        (Reason.PROFESSIONAL_ABSENT, ["Vuelva el lunes"], "el profesional no estará. Vuelva el lunes."),
    ],
)
def test_a_cancelled_visit_is_told_with_its_reason_and_another_reason_in_the_words_of_the_staff(
    reason: Reason, notes: list[str], told: str
) -> None:
    coding = {"system": systems.STATE_REASON, "code": reason.value}
    task = TASK | {"statusReason": {"coding": [coding]}, "note": [{"text": text} for text in notes]}
    assert f"{told} Puede pedir una nueva aquí." in sentence(
        State.CANCELLED, Telling("QH-7M3K9XBT4D", task, {})
    )


@pytest.mark.parametrize(
    ("code", "place"),
    [
        ("00004576", "puesto de salud Calquis"),
        ("00004562", "centro de salud Llapa"),
        ("00004568", "puesto de salud San Silvestre de Cochán"),
        ("00000001", "establecimiento de salud"),
    ],
)
def test_the_sending_names_the_establishment(code: str, place: str) -> None:
    task = {"owner": {"identifier": {"system": systems.RENIPRESS_ID, "value": code}}}
    told = sentence(State.SUBMITTED, Telling("QH-7M3K9XBT4D", task, {}))
    assert told == f"Estamos enviando su pedido al {place}."
