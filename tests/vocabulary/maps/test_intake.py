"""A citizen's intake said in HL7 v2, and what the record makes of that."""

from collections.abc import Callable
from typing import Any

import pytest

from ayni.vocabulary.fhir import FhirError, Resource, bundle, code_in, identifier_in, systems
from ayni.vocabulary.hl7 import Hl7Error, parse
from ayni.vocabulary.maps import patient_from, request_id_of, resources_from_srm, srm_from_intake
from ayni.vocabulary.request import URGENCY

SRM = "intake_to_ehr/samples/01-cough-18-days.out.hl7"


def test_the_intake_is_the_srm_of_the_worked_example(
    intake: Resource, sample: Callable[[str], bytes]
) -> None:
    assert srm_from_intake(intake).encode() == sample(SRM)


@pytest.mark.parametrize("level", URGENCY.values(), ids=lambda level: level.level)
def test_every_urgency_reaches_the_record_as_it_was(intake: Resource, level: Any) -> None:
    bundle.only(intake, "ServiceRequest")["priority"] = level.fhir_priority
    outcome = {
        "coding": [{"system": systems.ORIENTATION_LEVEL, "code": level.level, "display": level.display}]
    }
    bundle.only(intake, "RiskAssessment")["prediction"] = [{"outcome": outcome}]
    kept = _kept(intake)
    assert kept["ServiceRequest"][0]["priority"] == level.fhir_priority
    assert kept["Task"][0]["priority"] == level.fhir_priority
    assert (
        code_in(kept["RiskAssessment"][0]["prediction"][0]["outcome"], systems.ORIENTATION_LEVEL)
        == level.level
    )


def test_what_the_citizen_said_reaches_the_record(intake: Resource) -> None:
    kept = _kept(intake)
    sent = list(bundle.resources(intake, "Observation"))
    codes = [code_in(each["valueCodeableConcept"], systems.SYMPTOM) for each in sent]
    assert [code_in(each["valueCodeableConcept"], systems.SYMPTOM) for each in kept["Observation"]] == codes
    assert [code_in(each["code"], systems.LOINC) for each in kept["Observation"]] == ["75325-1"] * 2 + [
        "111551-8"
    ] * 2
    assert kept["Observation"][0]["effectiveDateTime"] == "2026-11-05"
    asked, request = bundle.only(intake, "ServiceRequest"), kept["ServiceRequest"][0]
    assert request["occurrencePeriod"] == asked["occurrencePeriod"]
    assert [note["text"] for note in request["note"]] == [note["text"] for note in asked["note"]]
    assert code_in(kept["RiskAssessment"][0]["reasonCode"], systems.RED_FLAG) == "RF95"
    assert kept["Consent"][0]["dateTime"] == "2026-11-23T09:29:40-05:00"
    assert identifier_in(kept["Task"][0], systems.REQUEST_ID, "groupIdentifier") == request_id_of(intake)


def test_the_patient_reaches_the_record_with_both_surnames(intake: Resource) -> None:
    patient, sent = patient_from(srm_from_intake(intake)), bundle.only(intake, "Patient")
    for element in ("identifier", "name", "gender", "birthDate"):
        assert patient[element] == sent[element], element
    assert patient["address"][0]["extension"] == sent["address"][0]["extension"]


def test_the_same_message_always_becomes_the_same_resources(sample: Callable[[str], bytes]) -> None:
    first, again = (resources_from_srm(parse(sample(SRM)), patient="Patient/1") for _ in range(2))
    assert first == again


def test_a_consent_to_something_else_stays_behind(intake: Resource) -> None:
    consent = bundle.only(intake, "Consent")
    other = consent | {
        "id": "other",
        "policyRule": {"coding": [{"system": systems.ACT_CODE, "code": "RSREID"}]},
    }
    intake["entry"].insert(1, {"resource": other})
    consents = [obx for obx in srm_from_intake(intake).segments("OBX") if obx["3.1"] == "59284-0"]
    assert [obx["5.1"] for obx in consents] == ["OPTIN"]


@pytest.mark.parametrize(
    ("kind", "change", "issue", "place"),
    [
        (
            "MessageHeader",
            {"eventUri": systems.STATE_CHANGED},
            "not-supported",
            "Bundle.entry[0].resource.eventUri",
        ),
        (
            "Bundle",
            {"identifier": {"system": systems.REQUEST_ID, "value": "QH-1"}},
            "value",
            "Bundle.identifier",
        ),
        ("Bundle", {"identifier": {"system": "x", "value": "QH-7M3K9XBT4D"}}, "value", "Bundle.identifier"),
        ("Bundle", {"timestamp": "2026-11-23"}, "value", "Bundle.timestamp"),
        ("Patient", {"identifier": []}, "required", "Patient.identifier"),
        ("Patient", {"birthDate": "1992-02-30"}, "value", "Patient.birthDate"),
        ("Organization", {"identifier": []}, "required", "Organization.identifier"),
        ("ServiceRequest", {"priority": "whenever"}, "business-rule", "ServiceRequest.priority"),
        (
            "ServiceRequest",
            {"occurrencePeriod": {"end": "2026-11-24"}},
            "value",
            "ServiceRequest.occurrencePeriod.end",
        ),
        ("RiskAssessment", {"prediction": []}, "required", "RiskAssessment.prediction.outcome"),
        ("Consent", {"status": "inactive"}, "business-rule", "Consent.policyRule"),
        ("Consent", {"policyRule": {}}, "business-rule", "Consent.policyRule"),
        ("Consent", {"dateTime": "2026-11-23"}, "value", "Consent.dateTime"),
    ],
)
def test_an_intake_that_must_not_travel_is_refused_with_its_place(
    intake: Resource, kind: str, change: dict[str, Any], issue: str, place: str
) -> None:
    (intake if kind == "Bundle" else bundle.only(intake, kind)).update(change)
    with pytest.raises(FhirError) as refused:
        srm_from_intake(intake)
    assert (refused.value.issue, refused.value.expression) == (issue, place)


@pytest.mark.parametrize("kind", ["Patient", "Organization", "ServiceRequest", "RiskAssessment", "Consent"])
def test_an_intake_without_one_of_its_parts_is_refused(intake: Resource, kind: str) -> None:
    intake["entry"] = [each for each in intake["entry"] if each["resource"]["resourceType"] != kind]
    with pytest.raises(FhirError):
        srm_from_intake(intake)


@pytest.mark.parametrize(
    ("path", "value", "code", "place"),
    [
        ("MSH-9.1", "ADT", 200, "MSH^1^9"),
        ("MSH-7", "", 101, "MSH^1^7"),
        ("MSH-7", "99991231235959-0500", 102, "MSH^1^7"),
        ("ARQ-1.1", "", 101, "ARQ^1^1^1^1"),
        ("ARQ-11.1", "soon", 102, "ARQ^1^11"),
        ("ARQ-12", "URGENT", 103, "ARQ^1^12"),
        ("AIL-3.4", "", 101, "AIL^1^3^1^4"),
        ("OBX[1]-14", "long ago", 102, "OBX^1^14"),
        ("OBX[5]-5.1", "C", 101, "OBX"),
        ("OBX[7]-3.1", "other", 101, "OBX"),
        ("OBX[7]-14", "", 102, "OBX^7^14"),
    ],
)
def test_a_request_the_record_cannot_keep_is_refused_with_its_place(
    sample: Callable[[str], bytes], path: str, value: str, code: int, place: str
) -> None:
    message = parse(sample(SRM))
    message[path] = value
    with pytest.raises(Hl7Error) as refused:
        resources_from_srm(message, patient="Patient/1")
    assert (refused.value.code, refused.value.location) == (code, place)


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [("PID-3.1", "", "PID^1^3"), ("PID-5.1", "", "PID^1^5^1^1"), ("PID-7", "19920230", "PID^1^7")],
)
def test_a_person_the_record_cannot_match_is_refused_with_its_place(
    sample: Callable[[str], bytes], path: str, value: str, place: str
) -> None:
    message = parse(sample(SRM))
    message[path] = value
    with pytest.raises(Hl7Error) as refused:
        patient_from(message)
    assert refused.value.location == place


def _kept(intake: Resource) -> dict[str, list[Resource]]:
    kept: dict[str, list[Resource]] = {}
    for resource in resources_from_srm(parse(srm_from_intake(intake).encode()), patient="Patient/1"):
        kept.setdefault(resource["resourceType"], []).append(resource)
    return kept
