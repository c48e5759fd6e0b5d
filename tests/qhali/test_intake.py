"""A confirmed conversation becomes the intake Bundle of the worked example."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from ayni.qhali.conversation import OPEN, Question, question
from ayni.qhali.intake import InvalidIdentity, Submission, citizen_from, intake_bundle, narrative
from ayni.qhali.models import AssistedConversation
from ayni.qhali.redflags.rules import VERSION
from ayni.vocabulary.fhir import Resource, bundle, dumps, loads, systems
from ayni.vocabulary.hl7 import parse
from ayni.vocabulary.maps import resources_from_srm
from ayni.vocabulary.maps.intake import srm_from_intake
from ayni.wire.clock import LIMA

AT = datetime(2026, 11, 23, 9, 30, 15, tzinfo=LIMA)
TODAY = AT.date()
WRITTEN = Path(__file__).with_name("samples").joinpath("intake.json").read_text("utf-8")
EXAMPLE = loads(WRITTEN.replace("2026.11", VERSION))
"""The worked example, of the rules' version of today."""
FORM = {
    "dni": "99000017-0",
    "paternal_surname": "Prueba",
    "maternal_surname": "Ñaupari",
    "given_names": "María Elena",
    "birth_date": "1992-03-14",
    "sex": "female",
    "district": "061103",
    "facility": "00004576",
}


def submission_of(*answers: tuple[Question, str]) -> Submission:
    conversation = AssistedConversation()
    for asked, said in answers:
        conversation = conversation.answered(asked, said, said_at=AT)
    return Submission(
        request_id="QH-7M3K9XBT4D",
        at=AT,
        began_at=datetime(2026, 11, 23, 9, 28, 2, tzinfo=LIMA),
        consented_at=datetime(2026, 11, 23, 9, 29, 40, tzinfo=LIMA),
        citizen=citizen_from(FORM, today=TODAY, is_test=True),
        conversation=conversation,
        orientation=conversation.orientation(TODAY),
    )


@pytest.fixture
def submission() -> Submission:
    return submission_of(
        (OPEN, "vengo tosiendo con flema desde el 5 de noviembre y de noche me da fiebre"),
        (question("sign:hemoptysis"), "no, sangre no"),
        (question("sign:dyspnea"), "no me falta el aire"),
    )


def shape(value: Any) -> Any:
    """The tree with every text replaced by its kind: what stays is the elements and their systems."""
    if isinstance(value, dict):
        return {key: each if key in ("system", "url") else shape(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value]
    return "uuid" if isinstance(value, str) and re.search("[0-9a-f]{8}-", value) else type(value).__name__


@pytest.mark.parametrize("kind", sorted({each["resourceType"] for each in bundle.resources(EXAMPLE)}))
def test_every_resource_has_the_shape_of_the_worked_example(kind: str, submission: Submission) -> None:
    built = list(bundle.resources(intake_bundle(submission), kind))
    expected = list(bundle.resources(EXAMPLE, kind))
    assert len(built) == len(expected)
    for ours, theirs in zip(built, expected, strict=True):
        if kind == "QuestionnaireResponse":
            assert len(ours["item"]) == len(theirs["item"])
        assert shape(ours) == shape(theirs)


def test_the_resources_come_in_the_order_of_the_worked_example(submission: Submission) -> None:
    kinds = [
        [each["resourceType"] for each in bundle.resources(b)] for b in (intake_bundle(submission), EXAMPLE)
    ]
    assert kinds[0] == kinds[1]


@pytest.mark.parametrize("kind", ["Patient", "Organization", "Consent", "Device"])
def test_who_asks_whom_says_the_same_as_the_worked_example(kind: str, submission: Submission) -> None:
    built, expected = bundle.resources(intake_bundle(submission), kind), bundle.resources(EXAMPLE, kind)
    assert _without_ids(list(built)) == _without_ids(list(expected))


def test_coded_facts_say_the_same_as_the_worked_example(submission: Submission) -> None:
    def codes(message: Resource) -> list[tuple[str, str]]:
        return [
            (each["code"]["coding"][0]["code"], each["valueCodeableConcept"]["coding"][0]["code"])
            for each in bundle.resources(message, "Observation")
        ]

    assert codes(intake_bundle(submission)) == codes(EXAMPLE)


def test_the_same_conversation_gives_the_same_bytes(submission: Submission) -> None:
    assert dumps(intake_bundle(submission)) == dumps(intake_bundle(replace(submission)))


def test_another_request_shares_no_resource_id(submission: Submission) -> None:
    other = replace(submission, request_id="QH-0000000001")
    ids = [{each["id"] for each in bundle.resources(intake_bundle(each))} for each in (submission, other)]
    assert not ids[0] & ids[1]


def test_every_reference_leads_to_a_resource_of_the_bundle(submission: Submission) -> None:
    message = intake_bundle(submission)
    references = set(re.findall(r'"reference":"(urn:uuid:[^"]+)"', dumps(message).decode()))
    assert references <= {entry["fullUrl"] for entry in message["entry"]}


def test_every_span_gives_back_the_quote(submission: Submission) -> None:
    message = intake_bundle(submission)
    answers = {
        int(item["linkId"].partition("/")[0]): item["answer"][0]["valueString"]
        for item in bundle.only(message, "QuestionnaireResponse")["item"]
    }
    notes = {
        f"urn:uuid:{each['id']}": each["note"][0]["text"] for each in bundle.resources(message, "Observation")
    }
    entities = bundle.only(message, "Provenance")["entity"]
    assert len(entities) == len(notes)
    for entity in entities:
        turn, start, end, fact = (part for part in entity["extension"][0]["extension"])
        text = answers[turn["valueInteger"]]
        assert text[start["valueInteger"] : end["valueInteger"]] == notes[fact["valueReference"]["reference"]]


def test_the_engine_can_say_it_in_hl7(submission: Submission) -> None:
    assert srm_from_intake(intake_bundle(submission))["ARQ-12"] == "TH24"


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        ("estoy embarazada", {"text": "estoy embarazada"}),
        ("estoy embarazada, no tengo fiebre", {"text": "estoy embarazada"}),
        (
            "estoy embarazada, me duele la cabeza",
            {"coding": [{"system": systems.ICD10, "code": "R51"}], "text": "me duele la cabeza"},
        ),
    ],
)
def test_the_reason_is_a_symptom_that_is_there_and_nothing_denied(says: str, reason: Resource) -> None:
    intake = intake_bundle(submission_of((OPEN, says)))
    assert bundle.only(intake, "ServiceRequest")["reasonCode"] == [reason]
    record = resources_from_srm(parse(srm_from_intake(intake).encode()), patient="Patient/1")
    request = next(each for each in record if each["resourceType"] == "ServiceRequest")
    assert request.get("reasonCode", [{}])[0].get("coding") == reason.get("coding")


def test_a_situation_such_as_a_pregnancy_is_sent_like_a_symptom() -> None:
    intake = intake_bundle(submission_of((OPEN, "estoy embarazada, no tengo fiebre")))
    pregnancy, fever = bundle.resources(intake, "Observation")
    assert pregnancy["code"]["coding"][0]["code"] == "75325-1"
    assert pregnancy["valueCodeableConcept"] == {
        "coding": [{"system": systems.SYMPTOM, "code": "pregnancy", "display": "embarazo"}],
        "text": "embarazo",
    }
    assert fever["code"]["coding"][0]["code"] == "111551-8"
    reasons = bundle.only(intake, "ServiceRequest")["reasonReference"]
    assert reasons == [{"reference": f"urn:uuid:{pregnancy['id']}"}]


def test_our_own_words_are_never_shown_as_those_of_the_icd_10(submission: Submission) -> None:
    codings = list(_codings(intake_bundle(submission), systems.ICD10))
    assert len(codings) == 5
    assert {name for coding in codings for name in coding} == {"system", "code"}


def _codings(value: Any, system: str) -> Iterator[Resource]:
    """Every coding of a system, wherever it stands."""
    if isinstance(value, dict) and value.get("system") == system:
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _codings(child, system)


def test_the_narrative_is_short_and_says_what_was_denied(submission: Submission) -> None:
    assert narrative(submission.conversation) == (
        "Tos con flema desde el 05/11, fiebre. Niega tos con sangre, falta de aire."
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("dni", "12345678"),
        ("dni", "9900001"),
        ("dni", "99000017-3"),
        ("paternal_surname", ""),
        ("paternal_surname", "<b>PRUEBA</b>"),
        ("paternal_surname", "QUISPE"),
        ("given_names", "x" * 61),
        ("birth_date", "2026-11-24"),
        ("birth_date", "1850-01-01"),
        ("birth_date", "14/03/1992"),
        ("sex", "other"),
        ("district", "150101"),
        ("facility", "99999999"),
    ],
)
def test_a_wrong_field_is_named_and_never_quoted(field: str, value: str) -> None:
    with pytest.raises(InvalidIdentity) as refused:
        citizen_from(FORM | {field: value}, today=TODAY, is_test=True)
    assert set(refused.value.hints) == {field}
    assert not value or value not in str(refused.value) + refused.value.hints[field]


def test_outside_the_demonstration_an_invented_number_is_refused() -> None:
    real = FORM | {"dni": "12345678", "paternal_surname": "QUISPE"}
    assert citizen_from(real, today=TODAY, is_test=False).birth_date == date(1992, 3, 14)
    with pytest.raises(InvalidIdentity):
        citizen_from(FORM, today=TODAY, is_test=False)


def _without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_ids(each) for key, each in value.items() if key not in ("id", "reference")}
    return [_without_ids(each) for each in value] if isinstance(value, list) else value
