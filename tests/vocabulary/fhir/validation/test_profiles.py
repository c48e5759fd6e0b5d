"""A resource against a profile: each thing that a profile may say of an element."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from ayni.vocabulary.fhir.definitions import FHIR_ROOT
from ayni.vocabulary.fhir.validation import Registry, validate

Json = dict[str, Any]
URL = "http://a.pe/profile"
TO_ORGANIZATION = {"code": "Reference", "targetProfile": [URL + "/o"]}


def profile(kind: str, *elements: Json, **more: Any) -> Json:
    return {
        "resourceType": "StructureDefinition",
        "url": URL,
        "type": kind,
        "kind": "resource",
        "baseDefinition": FHIR_ROOT + kind,
        "derivation": "constraint",
        "differential": {"element": list(elements) or [{"path": kind}]},
        **more,
    }


def errors(resource: Json, *elements: Json, supplied: tuple[Json, ...] = ()) -> list[tuple[str, str]]:
    registry = Registry([profile(resource["resourceType"], *elements), *supplied])
    found = validate(resource, profiles=[URL], registry=registry)
    return [(each.issue, each.place) for each in found if each.severity == "error"]


def patient(**elements: Any) -> Json:
    return {"resourceType": "Patient", **elements}


def observation(**elements: Any) -> Json:
    return {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, **elements}


@pytest.mark.parametrize(
    ("says", "right", "wrong", "finding"),
    [
        (
            {"path": "Patient.birthDate", "min": 1},
            patient(birthDate="1992"),
            patient(),
            ("required", "Patient.birthDate"),
        ),
        (
            {"path": "Patient.name", "max": "1"},
            patient(name=[{"text": "a"}]),
            patient(name=[{"text": "a"}, {"text": "b"}]),
            ("structure", "Patient.name"),
        ),
        (
            {"path": "Patient.photo", "max": "0"},
            patient(),
            patient(photo=[{"url": "a:b"}]),
            ("structure", "Patient.photo"),
        ),
        (
            {"path": "Patient.name.family", "min": 1},
            patient(name=[{"family": "A"}]),
            patient(name=[{"family": "A"}, {"text": "b"}]),
            ("required", "Patient.name[1].family"),
        ),
        (
            {"path": "Patient.active", "fixedBoolean": True},
            patient(active=True),
            patient(active=False),
            ("value", "Patient.active"),
        ),
        (
            {"path": "Patient.maritalStatus", "patternCodeableConcept": {"coding": [{"code": "S"}]}},
            patient(maritalStatus={"text": "x", "coding": [{"code": "M"}, {"code": "S", "display": "y"}]}),
            patient(maritalStatus={"coding": [{"code": "M"}]}),
            ("value", "Patient.maritalStatus"),
        ),
        (
            {"path": "Patient.name.family", "maxLength": 3},
            patient(name=[{"family": "ABC"}]),
            patient(name=[{"family": "ABCD"}]),
            ("too-long", "Patient.name[0].family"),
        ),
        (
            {"path": "Patient.multipleBirth[x]", "type": [{"code": "integer"}]},
            patient(multipleBirthInteger=2),
            patient(multipleBirthBoolean=True),
            ("structure", "Patient.multipleBirth.ofType(boolean)"),
        ),
        (
            {"path": "Patient.birthDate", "minValueDate": "1900-01-01"},
            patient(birthDate="1992-03-14"),
            patient(birthDate="1899-12-31"),
            ("value", "Patient.birthDate"),
        ),
        (
            {"path": "Observation.valueQuantity.value", "maxValueDecimal": Decimal("45.0")},
            observation(valueQuantity={"value": Decimal("36.5")}),
            observation(valueQuantity={"value": Decimal("45.1")}),
            ("value", "Observation.value.ofType(Quantity).value"),
        ),
        (
            {
                "path": "Patient.managingOrganization",
                "type": [TO_ORGANIZATION],
            },
            patient(managingOrganization={"reference": "Organization/1"}),
            patient(managingOrganization={"type": "Organization", "reference": "Practitioner/1"}),
            ("structure", "Patient.managingOrganization"),
        ),
        (
            {
                "path": "Patient",
                "constraint": [
                    {"key": "a-1", "severity": "error", "human": "x", "expression": "name.exists()"}
                ],
            },
            patient(name=[{"text": "a"}]),
            patient(),
            ("invariant", "Patient"),
        ),
        (
            {"path": "Patient.gender", "binding": {"strength": "required", "valueSet": URL + "/vs"}},
            patient(gender="female"),
            patient(gender="other"),
            ("code-invalid", "Patient.gender"),
        ),
    ],
)
def test_what_a_profile_says_of_an_element(
    says: Json, right: Json, wrong: Json, finding: tuple[str, str]
) -> None:
    codes = [{"code": "female"}, {"code": "male"}]
    compose = {"include": [{"system": "http://hl7.org/fhir/administrative-gender", "concept": codes}]}
    supplied = (
        {"resourceType": "ValueSet", "url": URL + "/vs", "compose": compose},
        {**profile("Organization"), "url": URL + "/o"},
    )
    assert errors(right, says, supplied=supplied) == []
    assert finding in errors(wrong, says, supplied=supplied)


def slicing(kind: str, path: str, rules: str = "open") -> Json:
    return {"discriminator": [{"type": kind, "path": path}], "rules": rules}


BY_SYSTEM = (
    {"path": "Patient.identifier", "slicing": slicing("value", "system", "closed")},
    {"path": "Patient.identifier", "sliceName": "dni", "min": 1, "max": "1"},
    {
        "id": "Patient.identifier:dni.system",
        "path": "Patient.identifier.system",
        "fixedUri": "http://a.pe/dni",
    },
    {"id": "Patient.identifier:dni.value", "path": "Patient.identifier.value", "min": 1},
)


@pytest.mark.parametrize(
    ("identifiers", "findings"),
    [
        ([{"system": "http://a.pe/dni", "value": "1"}], []),
        ([{"system": "http://a.pe/dni"}], [("required", "Patient.identifier[0].value")]),
        (
            [{"system": "http://a.pe/dni", "value": "1"}, {"system": "http://a.pe/dni", "value": "2"}],
            [("structure", "Patient.identifier")],
        ),
        (
            [{"system": "http://a.pe/dni", "value": "1"}, {"system": "http://a.pe/other", "value": "2"}],
            [("structure", "Patient.identifier[1]")],
        ),
    ],
)
def test_slices_by_value(identifiers: list[Json], findings: list[tuple[str, str]]) -> None:
    assert errors(patient(identifier=identifiers), *BY_SYSTEM) == findings


def test_a_slice_that_must_be_there_is_missed() -> None:
    assert ("required", "Patient.identifier") in errors(patient(), *BY_SYSTEM)


def test_slices_by_pattern_by_existence_and_by_type() -> None:
    by_code = (
        {"path": "Observation.component", "slicing": slicing("pattern", "code")},
        {"path": "Observation.component", "sliceName": "a"},
        {
            "id": "Observation.component:a.code",
            "path": "Observation.component.code",
            "patternCodeableConcept": {"coding": [{"code": "A"}]},
        },
        {"id": "Observation.component:a.valueString", "path": "Observation.component.valueString", "min": 1},
    )
    a, b = ({"code": {"coding": [{"code": code, "system": "http://a.pe/x"}]}} for code in "AB")
    assert errors(observation(component=[b, {**a, "valueString": "x"}]), *by_code) == []
    found = errors(observation(component=[b, a]), *by_code)
    assert {place for _, place in found} == {"Observation.component[1].value"}

    by_existence = (
        {"path": "Patient.name", "slicing": slicing("exists", "family")},
        {"path": "Patient.name", "sliceName": "whole", "max": "1"},
        {"id": "Patient.name:whole.family", "path": "Patient.name.family", "min": 1},
    )
    assert errors(patient(name=[{"family": "A"}, {"text": "b"}]), *by_existence) == []
    assert errors(patient(name=[{"family": "A"}, {"family": "B"}]), *by_existence) == [
        ("structure", "Patient.name")
    ]


def test_a_reference_leads_to_a_resource_of_its_profile_when_that_is_here() -> None:
    named = {**profile("Organization", {"path": "Organization.name", "min": 1}), "url": URL + "/o"}
    says = {
        "path": "Patient.managingOrganization",
        "type": [TO_ORGANIZATION],
    }
    organization = {"resourceType": "Organization", "id": "o", "identifier": [{"value": "1"}]}
    resource = patient(contained=[organization], managingOrganization={"reference": "#o"})
    assert errors(resource, says, supplied=(named,)) == [("structure", "Patient.managingOrganization")]
    organization["name"] = "x"
    assert errors(resource, says, supplied=(named,)) == []


def test_profiles_that_refer_to_each_other_in_a_circle_end() -> None:
    target = {"code": "Reference", "targetProfile": [URL]}
    link = ({"path": "Patient.link", "min": 1}, {"path": "Patient.link.other", "type": [target]})
    first, second = (
        {
            "fullUrl": f"http://a.pe/Patient/{one}",
            "resource": patient(id=one, link=[{"other": {"reference": f"Patient/{other}"}, "type": "refer"}]),
        }
        for one, other in ("12", "21")
    )
    registry = Registry([profile("Patient", *link)])
    for each in (first, second):
        each["resource"]["meta"] = {"profile": [URL]}  # type: ignore[index]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [first, second]}
    assert [each for each in validate(bundle, registry=registry) if each.severity == "error"] == []


def test_a_profile_of_another_type_is_refused() -> None:
    registry = Registry([profile("Observation")])
    found = validate(patient(), profiles=[URL], registry=registry)
    assert [each.issue for each in found if each.severity == "error"] == ["structure"]


def test_a_broken_profile_is_told_and_nothing_fails() -> None:
    found = errors(patient(), {"path": "Patient.nothing"})
    assert found == [("not-found", "Patient.meta.profile")]


def asking(expression: str) -> Json:
    rule = {"key": "a-1", "severity": "error", "human": "as asked", "expression": expression}
    return {"path": "Patient.birthDate", "constraint": [rule]}


@pytest.mark.parametrize(
    "expression",
    [
        "memberOf('http://a.pe/vs')",
        "conformsTo('http://a.pe/x')",
        "elementDefinition().exists()",
        "$this <= today()",
        "checkModifiers()",
        "a b",
    ],
)
def test_an_invariant_that_cannot_be_evaluated_is_told_as_a_warning(expression: str) -> None:
    registry = Registry([profile("Patient", asking(expression))])
    found = validate(patient(birthDate="1992"), profiles=[URL], registry=registry)
    (finding,) = [each for each in found if each.place == "Patient.birthDate"]
    told = (finding.issue, finding.severity, finding.place)
    assert told == ("not-supported", "warning", "Patient.birthDate")
    assert "a-1" in finding.reason
    assert "no se puede evaluar" in finding.text


def test_an_invariant_may_ask_for_the_day_that_the_caller_names() -> None:
    registry = Registry([profile("Patient", asking("$this <= today()"))])

    def found(born: str) -> list[str]:
        now = datetime(2026, 11, 24, 12, tzinfo=UTC)
        told = validate(patient(birthDate=born), profiles=[URL], registry=registry, now=now)
        return [each.issue for each in told if each.place == "Patient.birthDate"]

    assert (found("2026-11-24"), found("2026-11-25")) == ([], ["invariant"])
