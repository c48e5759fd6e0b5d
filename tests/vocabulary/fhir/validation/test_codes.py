"""Codes and their names: systems of HL7, of others, and what value sets allow."""

from typing import Any

import pytest

from ayni.vocabulary.fhir.definitions import later_codes
from ayni.vocabulary.fhir.validation import Registry, validate

Resource = dict[str, Any]

ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
UCUM = "http://unitsofmeasure.org"


def errors(resource: Resource, registry: Registry | None = None) -> list[tuple[str, str]]:
    found = validate(resource, registry=registry)
    return [(each.issue, each.place) for each in found if each.severity == "error"]


def encounter(code: str, **elements: str) -> Resource:
    said = {"system": ACT_CODE, "code": code, **elements}
    return {"resourceType": "Encounter", "status": "planned", "class": said}


def weight(code: str) -> Resource:
    value = {"value": 3, "system": UCUM, "code": code}
    return {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "valueQuantity": value}


def test_a_code_that_a_system_of_hl7_lacks_is_wrong() -> None:
    assert errors(encounter("AMB")) == []
    assert errors(encounter("ZZZ")) == [("code-invalid", "Encounter.class.code")]


def test_a_code_that_hl7_added_after_r4_is_right() -> None:
    assert "42CFRPart2CD" in later_codes()[ACT_CODE]
    assert errors(encounter("42CFRPart2CD")) == []


@pytest.mark.parametrize(("code", "is_right"), [("kg", True), ("mg/dL", True), ("zzz", False), ("Kg", False)])
def test_a_unit_is_one_of_ucum(code: str, is_right: bool) -> None:
    wrong = [("code-invalid", "Observation.value.ofType(Quantity).code")]
    assert errors(weight(code)) == ([] if is_right else wrong)


@pytest.mark.parametrize(
    ("display", "is_right"),
    [("ambulatory", True), ("AMBULATORY", True), (" ambulatory  ", True), ("emergency", False)],
)
def test_a_code_is_called_as_its_system_calls_it(display: str, is_right: bool) -> None:
    wrong = [("value", "Encounter.class.display")]
    assert errors(encounter("AMB", display=display)) == ([] if is_right else wrong)


def test_a_name_in_another_language_is_not_compared() -> None:
    spanish = encounter("AMB", display="ambulatorio")
    assert errors(spanish | {"language": "es-PE"}) == []
    assert errors(spanish | {"language": "en"}) == [("value", "Encounter.class.display")]


@pytest.mark.parametrize("code", ["es", "es-PE", "ES-pe", "qu", "cni", "zh-Hant-TW", "de-CH-1996", "x-ayni"])
def test_a_language_is_one_of_bcp_47(code: str) -> None:
    assert errors({"resourceType": "Patient", "language": code}) == []


@pytest.mark.parametrize("code", ["xx", "xx-yyyyyyyyyyyy", "es-", "castellano", "es--PE", "e"])
def test_what_is_no_language_is_found_though_the_binding_only_prefers(code: str) -> None:
    assert errors({"resourceType": "Patient", "language": code}) == [("code-invalid", "Patient.language")]


@pytest.mark.parametrize(
    ("uri", "is_right"),
    [
        ("urn:oid:1.2.840", True),
        ("urn:oid:1.a", False),
        ("urn:oid:3.1", False),
        ("urn:oid:1", False),
        ("urn:oid:1.02", False),
    ],
)
def test_an_oid_is_numbers_with_dots_wherever_it_stands(uri: str, is_right: bool) -> None:
    found = errors({"resourceType": "Patient", "identifier": [{"system": uri, "value": "1"}]})
    assert found == ([] if is_right else [("value", "Patient.identifier[0].system")])


def test_a_media_type_has_two_parts() -> None:
    photo = {"resourceType": "Patient", "photo": [{"contentType": "image/png"}]}
    assert errors(photo) == []
    photo["photo"] = [{"contentType": "png"}]
    assert errors(photo) == [("code-invalid", "Patient.photo[0].contentType")]


def test_a_system_that_a_value_set_does_not_name_is_outside_of_it() -> None:
    """Though the codes of the systems that it names are not all known."""
    value_set = {
        "resourceType": "ValueSet",
        "url": "https://ayni.example/fhir/ValueSet/findings",
        "status": "draft",
        "compose": {"include": [{"system": "http://snomed.info/sct"}]},
    }
    profile = {
        "resourceType": "StructureDefinition",
        "url": "https://ayni.example/fhir/StructureDefinition/finding",
        "name": "Finding",
        "status": "draft",
        "kind": "resource",
        "abstract": False,
        "type": "Observation",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Observation",
        "derivation": "constraint",
        "differential": {
            "element": [
                {
                    "id": "Observation.code",
                    "path": "Observation.code",
                    "binding": {"strength": "required", "valueSet": value_set["url"]},
                }
            ]
        },
    }
    registry = Registry([value_set, profile])

    def found(system: str) -> list[tuple[str, str]]:
        coding = {"system": system, "code": "22298006"}
        resource = {"resourceType": "Observation", "status": "final", "code": {"coding": [coding]}}
        return errors(resource | {"meta": {"profile": [profile["url"]]}}, registry)

    assert found("http://snomed.info/sct") == []
    assert found("http://loinc.org") == [("code-invalid", "Observation.code")]
