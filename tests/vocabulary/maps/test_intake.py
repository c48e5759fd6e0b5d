"""A citizen's intake said in HL7 v2, and what the record makes of that."""

from collections.abc import Callable
from typing import Any

import pytest

from ayni.vocabulary.fhir import FhirError, Resource, bundle, code_in, identifier_in, loads, systems
from ayni.vocabulary.hl7 import Hl7Error, parse
from ayni.vocabulary.maps import patient_from, request_id_of, resources_from_srm, srm_from_intake
from ayni.vocabulary.maps.person import dni_in
from ayni.vocabulary.request import URGENCY

LOINC_OTHER = {"coding": [{"system": systems.LOINC, "code": "64292-6"}]}
TREAT = {"purpose": [{"system": systems.ACT_REASON, "code": "TREAT"}]}
LEVEL_III = {"system": systems.ORIENTATION_LEVEL, "code": "III"}
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
        ("Patient", {"birthDate": "1992"}, "value", "Patient.birthDate"),
        ("Patient", {"name": []}, "required", "Patient.name.family"),
        ("Patient", {"name": [{"family": "", "given": ["MARÍA"]}]}, "required", "Patient.name.family"),
        ("Organization", {"identifier": []}, "required", "Organization.identifier"),
        ("ServiceRequest", {"priority": "whenever"}, "business-rule", "ServiceRequest.priority"),
        (
            "ServiceRequest",
            {"occurrencePeriod": {"end": "2026-11-24"}},
            "value",
            "ServiceRequest.occurrencePeriod.end",
        ),
        (
            "ServiceRequest",
            {
                "occurrencePeriod": {
                    "start": "2026-11-24T09:30:15-05:00",
                    "end": "2026-11-23T09:30:15-05:00",
                }
            },
            "value",
            "ServiceRequest.occurrencePeriod.end",
        ),
        ("ServiceRequest", {"code": {}}, "code-invalid", "ServiceRequest.code"),
        (
            "ServiceRequest",
            {"code": {"coding": [{"system": systems.SERVICE, "code": "cirugia"}]}},
            "code-invalid",
            "ServiceRequest.code",
        ),
        (
            "RiskAssessment",
            {"prediction": [{"outcome": {"coding": [LEVEL_III, LEVEL_III]}}]},
            "required",
            "RiskAssessment.prediction.outcome",
        ),
        (
            "RiskAssessment",
            {"prediction": [{"outcome": {"coding": [{"code": "III"}]}}]},
            "required",
            "RiskAssessment.prediction.outcome",
        ),
        (
            "RiskAssessment",
            {"reasonCode": [{"coding": [{"system": "x", "code": "RF95"}]}]},
            "code-invalid",
            "RiskAssessment.reasonCode",
        ),
        ("RiskAssessment", {"prediction": []}, "required", "RiskAssessment.prediction.outcome"),
        ("Consent", {"status": "inactive"}, "business-rule", "Consent.status"),
        ("Consent", {"category": [LOINC_OTHER]}, "business-rule", "Consent.category"),
        ("Consent", {"provision": {}}, "business-rule", "Consent.provision.type"),
        ("Consent", {"provision": {**TREAT, "type": "deny"}}, "business-rule", "Consent.provision.type"),
        ("Consent", {"provision": {"type": "permit"}}, "business-rule", "Consent.provision.purpose"),
        (
            "Consent",
            {"provision": {"type": "permit", "purpose": [{"code": "TREAT"}]}},
            "business-rule",
            "Consent.provision.purpose",
        ),
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


@pytest.mark.parametrize(
    ("change", "issue", "place"),
    [
        ({"effectivePeriod": {"start": "2026"}}, "value", "Observation.effective"),
        ({"effectivePeriod": {"start": "2026-11"}}, "value", "Observation.effective"),
        ({"effectivePeriod": {}}, "required", "Observation.effective"),
        ({"valueCodeableConcept": {"text": "tos"}}, "code-invalid", "Observation.valueCodeableConcept"),
        (
            {"valueCodeableConcept": {"coding": [{"system": "x", "code": "productive-cough"}]}},
            "code-invalid",
            "Observation.valueCodeableConcept",
        ),
    ],
)
def test_a_symptom_the_record_could_not_keep_is_refused_with_its_place(
    intake: Resource, change: dict[str, Any], issue: str, place: str
) -> None:
    next(bundle.resources(intake, "Observation")).update(change)
    with pytest.raises(FhirError) as refused:
        srm_from_intake(intake)
    assert (refused.value.issue, refused.value.expression) == (issue, place)


def test_the_consent_to_send_is_found_among_consents_to_other_things(intake: Resource) -> None:
    consent = bundle.only(intake, "Consent")
    to_research = consent | {"id": "research", "provision": {"type": "permit", "purpose": []}}
    withdrawn = consent | {"id": "withdrawn", "status": "inactive"}
    intake["entry"][1:1] = [{"resource": to_research}, {"resource": withdrawn}]
    (obx,) = [each for each in srm_from_intake(intake).segments("OBX") if each["3.1"] == "59284-0"]
    assert obx[14] == "20261123092940-0500"


def test_the_record_keeps_what_was_permitted(intake: Resource) -> None:
    (kept,) = _kept(intake)["Consent"]
    assert kept["provision"] == {"type": "permit", **TREAT}


def test_what_no_device_entered_was_entered_by_qhali(intake: Resource) -> None:
    message = srm_from_intake(intake)
    assert (message["ARQ-19.1"], message["ARQ-19.9"]) == ("QHALI-RULES", "QHALI")
    intake["entry"] = [each for each in intake["entry"] if each["resource"]["resourceType"] != "Device"]
    message = srm_from_intake(intake)
    assert (message["ARQ-19.1"], message["ARQ-19.9"]) == ("QHALI", "QHALI")


def test_an_intake_says_no_number_of_the_record(intake: Resource) -> None:
    planted = {"system": systems.RECORD_PATIENT_ID, "value": "OV-P-000731"}
    bundle.only(intake, "Patient")["identifier"].append(planted)
    message = srm_from_intake(intake)
    assert len(message.segments("PID")[0].repetitions(3)) == 1
    message["PID-3[2].1"], message["PID-3[2].4"], message["PID-3[2].5"] = "OV-P-000731", "ONEVISIONCAX", "PI"
    assert [each["system"] for each in patient_from(message)["identifier"]] == [systems.DNI_ID]


def test_symptoms_with_the_same_or_no_set_id_are_each_kept_under_an_id_of_their_own(
    sample: Callable[[str], bytes],
) -> None:
    for set_id in ("1", "", "tos"):
        message = parse(sample(SRM))
        for obx in message.segments("OBX"):
            obx[1] = set_id
        kept = resources_from_srm(message, patient="Patient/1")
        assert len({(each["resourceType"], each["id"]) for each in kept}) == len(kept) == 8


def test_an_error_never_repeats_what_stands_in_the_set_id(sample: Callable[[str], bytes]) -> None:
    message = parse(sample(SRM))
    message["OBX[2]-1"], message["OBX[2]-14"] = "MARÍA", "hace días"
    with pytest.raises(Hl7Error) as refused:
        resources_from_srm(message, patient="Patient/1")
    assert refused.value.location == "OBX^2^14"


@pytest.mark.parametrize("kind", ["Patient", "Organization", "ServiceRequest", "RiskAssessment", "Consent"])
def test_an_intake_without_one_of_its_parts_is_refused(intake: Resource, kind: str) -> None:
    intake["entry"] = [each for each in intake["entry"] if each["resource"]["resourceType"] != kind]
    with pytest.raises(FhirError):
        srm_from_intake(intake)


@pytest.mark.parametrize(
    ("path", "value", "code", "place"),
    [
        ("MSH-7", "", 101, "MSH^1^7"),
        ("ARQ-1.1", "", 101, "ARQ^1^1^1^1"),
        ("ARQ-11.1", "soon", 102, "ARQ^1^11^1^1"),
        ("ARQ-11.2", "20261122", 102, "ARQ^1^11^1^2"),
        ("ARQ-12", "URGENT", 103, "ARQ^1^12"),
        ("AIL-3.4", "", 101, "AIL^1^3^1^4"),
        ("OBX[1]-14", "long ago", 102, "OBX^1^14"),
        ("AIS-3.1", "cirugia", 103, "AIS^1^3"),
        ("AIS-3.3", "ZZZ", 103, "AIS^1^3"),
        ("OBX[5]-3.1", "other", 101, "OBX"),
        ("OBX[6]-3.1", "orientation", 100, "OBX^6"),
        ("OBX[5]-5.1", "C", 103, "OBX^5^5"),
        ("OBX[5]-5.1", "I", 103, "ARQ^1^12"),
        ("OBX[5]-5.3", "", 103, "OBX^5^5"),
        ("OBX[5]-5.3", "99RFL", 103, "OBX^5^5"),
        ("OBX[5]-5.4", "I", 103, "OBX^5^5"),
        ("OBX[5]-5[2].1", "I", 102, "OBX^5^5"),
        ("OBX[6]-5.3", "ZZZ", 103, "OBX^6^5"),
        ("OBX[7]-5.1", "OPTOUT", 103, "OBX^7^5"),
        ("OBX[7]-5.3", "", 103, "OBX^7^5"),
        ("OBX[1]-5[2].1", "fever", 102, "OBX^1^5"),
        ("DG1-3.3", "ZZZ", 103, "DG1^1^3"),
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
    [
        ("PID-3.1", "", "PID^1^3"),
        ("PID-3.1", "40123456", "PID^1^3^1^1"),
        ("PID-5.1", "", "PID^1^5^1^1"),
        ("PID-7", "19920230", "PID^1^7"),
        ("PID-7", "1992", "PID^1^7"),
    ],
)
def test_a_person_the_record_cannot_match_is_refused_with_its_place(
    sample: Callable[[str], bytes], path: str, value: str, place: str
) -> None:
    message = parse(sample(SRM))
    message[path] = value
    with pytest.raises(Hl7Error) as refused:
        patient_from(message)
    assert refused.value.location == place


@pytest.mark.parametrize("before", ["~" * 20, "~" * 1000, "~" * 100_000])
def test_thousands_of_identifiers_are_refused_with_their_place(
    sample: Callable[[str], bytes], before: str
) -> None:
    raw = sample(SRM).replace(b"|99000017^^^RENIEC^NI", f"|{before}99000017^^^RENIEC^NI".encode())
    for read in (patient_from, dni_in):
        with pytest.raises(Hl7Error) as refused:
            read(parse(raw))
        assert (refused.value.code, refused.value.location) == (102, "PID^1^3")


def test_a_message_about_two_people_is_refused_with_its_place(sample: Callable[[str], bytes]) -> None:
    two_dnis, two_pids = parse(sample(SRM)), parse(sample(SRM))
    for component, value in ((1, "99000025"), (4, "RENIEC"), (5, "NI")):
        two_dnis[f"PID-3[2].{component}"] = value
    two_pids.add("PID", {"3.1": "99000025", "3.4": "RENIEC", "3.5": "NI"})
    for message, place in ((two_dnis, "PID^1^3"), (two_pids, "PID^2")):
        with pytest.raises(Hl7Error) as refused:
            patient_from(message)
        assert refused.value.location == place


def _kept(intake: Resource) -> dict[str, list[Resource]]:
    kept: dict[str, list[Resource]] = {}
    for resource in resources_from_srm(parse(srm_from_intake(intake).encode()), patient="Patient/1"):
        kept.setdefault(resource["resourceType"], []).append(resource)
    return kept


def _authors(intake: Resource) -> dict[str, list[str]]:
    """OBX-18 of each OBX by its value (OBX-5.1)."""
    rows = srm_from_intake(intake).segments("OBX")
    return {row["5.1"]: [row["18[1].1"], row["18[2].1"]] for row in rows}


def _methods(intake: Resource) -> dict[str, list[str]]:
    """OBX-17 of each OBX by its value (OBX-5.1)."""
    rows = srm_from_intake(intake).segments("OBX")
    return {row["5.1"]: [row["17[1].1"], row["17[2].1"]] for row in rows}


def test_each_finding_says_how_it_was_found(sample: Callable[[str], bytes]) -> None:
    intake = loads(sample("intake_to_ehr/samples/17-heard-by-a-model-too.in.json"))
    methods = _methods(intake)
    assert methods["dizziness"] == ["language-model", ""]
    others = {"diarrhea", "not-feeding", "seizure", "I", "RF83"}
    assert {tuple(methods[each]) for each in others} == {("qhali-rules", "")}
    assert methods["OPTIN"] == ["", ""]
    _, by_model = bundle.resources(intake, "Provenance")
    risk = bundle.only(intake, "RiskAssessment")["id"]
    by_model["target"].append({"reference": f"urn:uuid:{risk}"})
    assert _methods(intake)["I"] == ["qhali-rules", "language-model"]


def test_an_intake_without_software_still_says_its_method(sample: Callable[[str], bytes]) -> None:
    intake = loads(sample("intake_to_ehr/samples/17-heard-by-a-model-too.in.json"))
    intake["entry"] = [each for each in intake["entry"] if each["resource"]["resourceType"] != "Device"]
    assert _methods(intake)["I"] == ["qhali-rules", ""]
    assert _authors(intake)["I"] == ["", ""]


def test_each_finding_names_the_software_that_heard_it(sample: Callable[[str], bytes]) -> None:
    intake = loads(sample("intake_to_ehr/samples/17-heard-by-a-model-too.in.json"))
    authors = _authors(intake)
    assert authors["dizziness"] == ["qwen3:8b", ""]
    others = {"diarrhea", "not-feeding", "seizure", "I", "RF83"}
    assert {tuple(authors[each]) for each in others} == {("QHALI-RULES", "")}
    assert authors["OPTIN"] == ["", ""]


def test_a_level_that_a_model_raised_is_of_both(sample: Callable[[str], bytes]) -> None:
    intake = loads(sample("intake_to_ehr/samples/17-heard-by-a-model-too.in.json"))
    _, by_model = bundle.resources(intake, "Provenance")
    risk = bundle.only(intake, "RiskAssessment")["id"]
    by_model["target"].append({"reference": f"urn:uuid:{risk}"})
    assert _authors(intake)["I"] == ["QHALI-RULES", "qwen3:8b"]


def test_who_typed_is_the_author_of_nothing(sample: Callable[[str], bytes]) -> None:
    intake = loads(sample("intake_to_ehr/samples/17-heard-by-a-model-too.in.json"))
    for each in bundle.resources(intake, "Provenance"):
        each["agent"] = each["agent"][1:]
    assert {name for names in _authors(intake).values() for name in names} == {"QHALI-RULES", ""}
