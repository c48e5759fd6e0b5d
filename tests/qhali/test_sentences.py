"""Every state has a sentence a citizen can read."""

import re

import pytest

from ayni.qhali.notifications import Telling, sentence
from ayni.vocabulary.fhir import Resource, systems
from ayni.vocabulary.request import State

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
        (["Hospital San Miguel", "No hay ecógrafo"], "Puede ir a Hospital San Miguel. No hay ecógrafo."),
        (["Hospital San Miguel.", "no hay ecógrafo."], "Puede ir a Hospital San Miguel. No hay ecógrafo."),
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
