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


def test_a_rejection_is_told_with_its_reason_and_where_to_go() -> None:
    assert sentence(State.REJECTED, TELLING) == (
        "No podrán atenderle en Calquis: no hay cupo. Puede ir a LLAPA."
    )
