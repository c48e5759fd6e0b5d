"""A citizen's answer about an appointment: FHIR to SRM, and what the record reads of it again."""

import copy
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ayni.vocabulary.fhir import FhirError, Resource, bundle, check, loads
from ayni.vocabulary.hl7 import Hl7Error, parse, validate
from ayni.vocabulary.maps.answer import (
    ANSWER_TYPES,
    DISPLAY,
    TYPE,
    Participation,
    answer_from,
    answer_key_of,
    check_answer,
    srm_from_answer,
    srr_to_answer,
)
from ayni.vocabulary.request import State

from .conftest import CHANNELS, make_event

REQUEST = "QH-7M3K9XBT4D"
SAMPLES = CHANNELS / "answer_to_ehr" / "samples"
ANSWER = loads((SAMPLES / "01-confirms.in.json").read_bytes())


@pytest.fixture
def answer() -> Resource:
    return copy.deepcopy(ANSWER)


def saying(answer: Resource, participation: Participation) -> Resource:
    bundle.only(answer, "AppointmentResponse")["participantStatus"] = participation.value
    return answer


def test_the_sample_is_fhir_r4(answer: Resource) -> None:
    assert [finding for finding in check(answer) if finding.severity == "error"] == []


@pytest.mark.parametrize("participation", list(Participation))
def test_what_the_citizen_says_is_what_the_record_reads(
    answer: Resource, participation: Participation
) -> None:
    message = parse(srm_from_answer(saying(answer, participation)).encode())
    assert [finding for finding in validate(message) if finding.severity == "E"] == []
    check_answer(message)
    read = answer_from(message)
    assert (read.request_id, read.participation, read.dni) == (REQUEST, participation, "99000017")
    assert read.answered_at == bundle.timestamp(answer)
    assert message.control_id == str(answer_key_of(answer)) == f"{REQUEST}.Q002"


def test_each_answer_has_one_event_and_its_words() -> None:
    """HL7 v2.5.1, 10.3: S02 rescheduling, S03 modification, S04 cancellation."""
    assert set(TYPE) == set(DISPLAY) == set(Participation)
    assert {"SRM^S02", "SRM^S03", "SRM^S04"} == ANSWER_TYPES
    assert Participation.DECLINED.message_type == "SRM^S04"
    assert Participation.TENTATIVE.message_type == "SRM^S02"


def test_the_srr_is_of_the_same_event_and_keeps_to_the_standard(answer: Resource) -> None:
    message = srm_from_answer(saying(answer, Participation.DECLINED))
    srr = srr_to_answer(make_event(State.CANCELLED), message, control_id="5F0C6E7A9B1D4E2F8A3C")
    assert (srr.type, srr.structure, srr.control_id) == ("SRR^S04", "SRR_S01", "5F0C6E7A9B1D4E2F8A3C")
    assert (srr["MSA-1"], srr["MSA-2"], srr["SCH-6.1"]) == ("AA", f"{REQUEST}.Q002", "cancelled")
    assert [finding for finding in validate(srr) if finding.severity == "E"] == []


SCRAPS = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=8),
    lambda inner: some.lists(inner, max_size=2) | some.dictionaries(some.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)


@given(element=some.sampled_from(["appointment", "actor", "participantStatus", "identifier"]), scrap=SCRAPS)
def test_whatever_stands_in_an_element_is_said_or_refused(element: str, scrap: object) -> None:
    answer = copy.deepcopy(ANSWER)
    bundle.only(answer, "AppointmentResponse")[element] = scrap
    with suppress(FhirError):
        check_answer(srm_from_answer(answer))


@given(
    place=some.sampled_from(["ARQ-1", "ARQ-6", "ARQ-6.3", "MSH-7", "MSH-9.2"]), text=some.text(max_size=12)
)
def test_whatever_stands_in_a_field_is_read_or_refused(place: str, text: str) -> None:
    message = srm_from_answer(ANSWER)
    message[place] = text
    with suppress(Hl7Error):
        assert answer_from(message).answered_at.tzinfo is not None
