"""The structure check: each rule refuses what breaks it, with its place, and takes what keeps it."""

from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest

from ayni.vocabulary.fhir import FINDINGS_MAX, FhirError, check, dumps, loads, require_structure

Resource = dict[str, Any]

ORGANIZATION = {"resourceType": "Organization", "id": "o"}
SAID = [{"url": "u", "valueString": "x"}]


def message(*resources: Any, **elements: Any) -> Resource:
    entries = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "message", "entry": entries, **elements}


def patient(**elements: Any) -> Resource:
    return {"resourceType": "Patient", **elements}


def observation(**elements: Any) -> Resource:
    return {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, **elements}


@pytest.mark.parametrize(
    ("resource", "text"),
    [
        (
            patient(name=[{"given": ["A"], "_given": [None]}]),
            "Se esperaba un valor; se encontró solo null.",
        ),
        (
            observation(valueQuantity={"value": Decimal("NaN")}),
            "Se esperaba un número, con exponente de hasta 1000; se encontró NaN o un infinito.",
        ),
        (
            observation(valueQuantity={"value": float("-inf")}),
            "Se esperaba un número, con exponente de hasta 1000; se encontró NaN o un infinito.",
        ),
    ],
)
def test_what_was_expected_is_not_what_was_found(resource: Resource, text: str) -> None:
    assert [finding.text for finding in check(resource)] == [text]


def found(resource: Any) -> list[tuple[str, str]]:
    return [(finding.issue, finding.place) for finding in check(resource)]


@pytest.mark.parametrize(
    ("resource", "issue", "place"),
    [
        (patient(nickname="x"), "structure", "Patient.nickname"),
        (patient(fhir_comments=["x"]), "structure", "Patient.fhir_comments"),
        (patient(valueString="x"), "structure", "Patient.valueString"),
        (patient(name={"family": "A"}), "structure", "Patient.name"),
        (patient(name=[]), "structure", "Patient.name"),
        (patient(name=[{}]), "structure", "Patient.name[0]"),
        (patient(name=[{"id": "only"}]), "structure", "Patient.name[0]"),
        (patient(name=[None]), "structure", "Patient.name[0]"),
        (patient(name=[{"family": ["A"]}]), "structure", "Patient.name[0].family"),
        (patient(name=[{"given": [None]}]), "value", "Patient.name[0].given[0]"),
        (patient(name=[{"given": ["A"], "_given": [None]}]), "structure", "Patient.name[0].given"),
        (patient(gender=["male"]), "structure", "Patient.gender"),
        (patient(gender=7), "value", "Patient.gender"),
        (patient(gender="hembra"), "code-invalid", "Patient.gender"),
        (patient(active="yes"), "value", "Patient.active"),
        (patient(active=1), "value", "Patient.active"),
        (patient(birthDate="yesterday"), "value", "Patient.birthDate"),
        (patient(birthDate="2023-02-29"), "value", "Patient.birthDate"),
        (patient(birthDate=None), "value", "Patient.birthDate"),
        (patient(birthDate={"extension": []}), "value", "Patient.birthDate"),
        (patient(_birthDate="x"), "structure", "Patient.birthDate"),
        (
            patient(_birthDate={"extension": [{"valueCode": "x"}]}),
            "required",
            "Patient.birthDate.extension[0].url",
        ),
        (patient(id="a" * 65), "value", "Patient.id"),
        (patient(multipleBirthInteger=Decimal("1.0")), "value", "Patient.multipleBirth.ofType(integer)"),
        (patient(multipleBirthInteger=True), "value", "Patient.multipleBirth.ofType(integer)"),
        (patient(multipleBirthInteger=1 << 31), "value", "Patient.multipleBirth.ofType(integer)"),
        (patient(multipleBirthInteger=1, multipleBirthBoolean=True), "structure", "Patient.multipleBirth"),
        (patient(deceasedString="x"), "structure", "Patient.deceasedString"),
        (patient(photo=[{"data": "%%%"}]), "value", "Patient.photo[0].data"),
        (patient(photo=[{"data": "QUJ"}]), "value", "Patient.photo[0].data"),
        (patient(photo=[{"size": -1}]), "value", "Patient.photo[0].size"),
        (patient(contact=[{"name": {"use": "x"}}]), "code-invalid", "Patient.contact[0].name.use"),
        (patient(link=[{"other": {"display": "x"}}]), "required", "Patient.link[0].type"),
        (patient(identifier=[{"value": 99000017}]), "value", "Patient.identifier[0].value"),
        (patient(identifier=[{"value": " "}]), "value", "Patient.identifier[0].value"),
        (patient(identifier=[{"value": "a\x00b"}]), "value", "Patient.identifier[0].value"),
        (patient(identifier=[{"system": "two words"}]), "value", "Patient.identifier[0].system"),
        (patient(language=" es"), "value", "Patient.language"),
        (
            patient(generalPractitioner=[{"reference": "Patient/1"}]),
            "value",
            "Patient.generalPractitioner[0]",
        ),
        (
            patient(managingOrganization={"reference": "http://a.pe/fhir/Patient/1/_history/2"}),
            "value",
            "Patient.managingOrganization",
        ),
        (patient(managingOrganization={"type": "Patient"}), "value", "Patient.managingOrganization"),
        (
            patient(managingOrganization={"reference": "#o"}),
            "not-found",
            "Patient.managingOrganization.reference",
        ),
        (patient(contained=[{"resourceType": "Nothing"}]), "structure", "Patient.contained[0].resourceType"),
        (patient(extension=[{"url": "u"}]), "invariant", "Patient.extension[0]"),
        (
            patient(extension=[{"url": "u", "valueCode": "a", "extension": SAID}]),
            "invariant",
            "Patient.extension[0]",
        ),
        (observation(valueQuantity={"value": "1"}), "value", "Observation.value.ofType(Quantity).value"),
        (
            observation(valueQuantity={"value": Decimal("NaN")}),
            "value",
            "Observation.value.ofType(Quantity).value",
        ),
        (
            observation(valueQuantity={"value": Decimal("1e1001")}),
            "value",
            "Observation.value.ofType(Quantity).value",
        ),
        (
            observation(valueQuantity={"value": Decimal("1e-99999999")}),
            "value",
            "Observation.value.ofType(Quantity).value",
        ),
        (observation(effectiveInstant="2026-11-23"), "value", "Observation.effective.ofType(instant)"),
        (
            observation(effectiveDateTime="2026-11-24T09:00:00"),
            "value",
            "Observation.effective.ofType(dateTime)",
        ),
        (
            observation(referenceRange=[{"low": {"value": 1, "comparator": "<"}}]),
            "structure",
            "Observation.referenceRange[0].low.comparator",
        ),
        ({"resourceType": "Observation", "code": {"text": "x"}}, "required", "Observation.status"),
        (
            {"resourceType": "Condition", "subject": {"display": "x"}, "clinicalStatus": {"text": "x"}},
            "code-invalid",
            "Condition.clinicalStatus",
        ),
        (message({"resourceType": 5}), "structure", "Bundle.entry[0].resource.resourceType"),
        (message({}), "structure", "Bundle.entry[0].resource.resourceType"),
        (message("text"), "structure", "Bundle.entry[0].resource"),
        (message(patient(name={})), "structure", "Bundle.entry[0].resource.name"),
        ({"resourceType": "DomainResource"}, "structure", "DomainResource.resourceType"),
        ({"resourceType": "HumanName", "family": "x"}, "structure", "HumanName.resourceType"),
        ({}, "structure", "Resource.resourceType"),
        ([], "structure", "Resource"),
        ("Patient", "structure", "Resource"),
    ],
)
def test_what_is_not_r4_is_found_with_its_place(resource: Any, issue: str, place: str) -> None:
    assert found(resource) == [(issue, place)]


@pytest.mark.parametrize(
    "resource",
    [
        patient(),
        patient(name=[{"given": ["A", None], "_given": [None, {"id": "x", "extension": SAID}]}]),
        patient(name=[{"family": "A", "_family": {"extension": SAID}}]),
        patient(_birthDate={"extension": SAID}),
        patient(contained=[ORGANIZATION], managingOrganization={"reference": "#o"}),
        patient(multipleBirthInteger=2, _multipleBirthInteger={"extension": SAID}),
        patient(generalPractitioner=[{"reference": "urn:uuid:00000000-0000-0000-0000-000000000000"}]),
        patient(managingOrganization={"reference": "http://a.pe/fhir/Organization/1"}),
        {"resourceType": "Observation", "_status": {"extension": SAID}, "code": {"text": "x"}},
        observation(valueQuantity={"value": Decimal("1.10")}),
        observation(valueQuantity={"value": 1}),
        observation(referenceRange=[{"low": {"value": Decimal("-1E+3")}}]),
        {
            "resourceType": "Condition",
            "subject": {"display": "x"},
            "clinicalStatus": {
                "coding": [
                    {"system": "http://example.org/ours", "code": "x"},
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/condition-clinical",
                        "code": "active",
                    },
                ]
            },
        },
        {"resourceType": "Parameters", "parameter": [{"name": "a", "resource": patient()}]},
    ],
)
def test_what_is_r4_is_taken(resource: Resource) -> None:
    assert check(resource) == ()


@pytest.mark.parametrize(
    "moment", ["2026", "2026-11", "2026-11-23", "2026-11-23T09:30:15Z", "2026-11-23T09:30:15.123-05:00"]
)
def test_every_precision_of_a_date_time_is_accepted(moment: str) -> None:
    assert check(observation(effectiveDateTime=moment)) == ()


def test_a_code_may_be_an_enumeration_s() -> None:
    class Status(StrEnum):
        FINAL = "final"

    assert check({**observation(), "status": Status.FINAL}) == ()


def test_numbers_and_siblings_of_primitives_pass_unchanged() -> None:
    raw = dumps(patient(_birthDate={"extension": [{"url": "u", "valueDecimal": Decimal("1.10")}]}))
    resource = loads(raw)
    assert (check(resource), dumps(resource)) == ((), raw)


def test_a_contained_resource_is_answered_by_the_resource_around_it() -> None:
    inner = patient(id="p", managingOrganization={"reference": "#o"})
    outer = observation(contained=[inner, ORGANIZATION])
    assert check(outer) == ()
    assert found(observation(contained=[inner])) == [
        ("not-found", "Observation.contained[0].managingOrganization.reference")
    ]
    assert found(message(inner, ORGANIZATION)) == [
        ("not-found", "Bundle.entry[0].resource.managingOrganization.reference")
    ]


def test_every_finding_is_told_until_there_are_too_many() -> None:
    assert len(check(patient(name=[{"use": "x"}] * 7, active=1))) == 8
    findings = check(patient(name=[{"use": "x"}] * 1000))
    assert (len(findings), findings[-1].issue, findings[-1].severity) == (
        FINDINGS_MAX,
        "too-costly",
        "information",
    )


def test_a_finding_never_quotes_what_was_found() -> None:
    secret = "MARÍA 99000017"
    resource = patient(birthDate=secret, gender=secret, **{secret: 1}, name=[{"use": secret}])
    told = " ".join(f"{each.reason} {each.text} {each.place}" for each in check(resource))
    assert ("MARÍA" in told, "99000017" in told) == (False, False)


def test_a_finding_says_what_was_expected_in_both_languages() -> None:
    (finding,) = check(patient(gender="hembra"))
    assert finding.reason == "expected a code of administrative-gender, found another code"
    assert finding.text == "Se esperaba un código de administrative-gender; se encontró otro código."
    assert finding.outcome_issue() == {
        "severity": "error",
        "code": "code-invalid",
        "details": {"text": finding.text},
        "diagnostics": finding.reason,
        "expression": ["Patient.gender"],
    }


def test_the_first_finding_can_be_raised() -> None:
    with pytest.raises(FhirError) as refused:
        require_structure(message(patient(name={})))
    error = refused.value
    assert (error.issue, error.expression, error.http_status) == (
        "structure",
        "Bundle.entry[0].resource.name",
        400,
    )
    require_structure(message(patient()))
