"""Value sets, concept maps and profiles that contradict what they are made of."""

from typing import Any

import pytest

from ayni.vocabulary.fhir.validation import Registry, validate

Resource = dict[str, Any]

FHIR = "http://hl7.org/fhir/StructureDefinition/"
OWN = "https://ayni.example/fhir/"
GENDER = "http://hl7.org/fhir/administrative-gender"
TOOLS = "http://hl7.org/fhir/tools/StructureDefinition/"

SYSTEM: Resource = {
    "resourceType": "CodeSystem",
    "url": f"{OWN}CodeSystem/c",
    "status": "draft",
    "content": "complete",
    "property": [
        {"code": "of", "type": "Coding"},
        {"code": "like", "type": "code"},
        {"code": "is", "type": "boolean"},
    ],
    "concept": [{"code": "a"}, {"code": "b"}],
}


def errors(resource: Resource, *supplied: Resource) -> list[tuple[str, str]]:
    found = validate(resource, registry=Registry([SYSTEM, *supplied]))
    return [(each.issue, each.place) for each in found if each.severity == "error"]


def value_set(**part: Any) -> Resource:
    included = {"system": SYSTEM["url"], **part}
    return {
        "resourceType": "ValueSet",
        "url": f"{OWN}ValueSet/v",
        "status": "draft",
        "compose": {"include": [included]},
    }


@pytest.mark.parametrize(
    ("name", "value", "issue"),
    [
        ("of", f"{GENDER}#male", None),
        ("of", f"{GENDER}|4.0.1#male", None),
        ("of", f"{GENDER}#?", "code-invalid"),
        ("of", "male", "value"),
        ("like", "b", None),
        ("like", "c", "code-invalid"),
        ("is", "true", None),
        ("is", "yes", "value"),
    ],
)
def test_a_filter_compares_with_a_value_of_its_type(name: str, value: str, issue: str | None) -> None:
    found = errors(value_set(filter=[{"property": name, "op": "=", "value": value}]))
    place = "ValueSet.compose.include[0].filter[0].value"
    assert found == ([(issue, place)] if issue else [])


@pytest.mark.parametrize(
    ("language", "expression", "is_right"),
    [("text/fhirpath", "%p", True), ("text/fhirpath", "%q", False), ("text/cql", "%p", False)],
)
def test_a_value_that_is_worked_out_uses_declared_parameters(
    language: str, expression: str, is_right: bool
) -> None:
    said = {"language": language, "expression": expression}
    extension = {"url": f"{FHIR}cqf-expression", "valueExpression": said}
    parameterised = value_set(
        filter=[{"property": "is", "op": "=", "_value": {"extension": [extension]}}]
    ) | {
        "extension": [
            {
                "url": f"{TOOLS}valueset-parameter",
                "extension": [{"url": "name", "valueCode": "p"}],
            }
        ]
    }
    places = [place for _, place in errors(parameterised)]
    assert ("ValueSet.compose.include[0].filter[0]" in places) is not is_right


def concept_map(source: str, target: str) -> Resource:
    element = {"code": source, "target": [{"code": target, "equivalence": "equal"}]}
    return {
        "resourceType": "ConceptMap",
        "status": "draft",
        "sourceCanonical": f"{OWN}ValueSet/v",
        "group": [{"source": SYSTEM["url"], "target": GENDER, "element": [element]}],
    }


@pytest.mark.parametrize(
    ("source", "target", "place"),
    [
        ("a", "male", None),
        ("b", "male", "ConceptMap.group[0].element[0].code"),
        ("c", "male", "ConceptMap.group[0].element[0].code"),
        ("a", "?", "ConceptMap.group[0].element[0].target[0].code"),
    ],
)
def test_a_map_maps_codes_of_its_systems_and_value_sets(source: str, target: str, place: str | None) -> None:
    found = errors(concept_map(source, target), value_set(concept=[{"code": "a"}]))
    assert found == ([("code-invalid", place)] if place else [])


def profile(name: str, base: str, *elements: Resource) -> Resource:
    return {
        "resourceType": "StructureDefinition",
        "url": f"{OWN}StructureDefinition/{name}",
        "name": name,
        "status": "draft",
        "kind": "resource",
        "abstract": False,
        "type": "Patient",
        "baseDefinition": base,
        "derivation": "constraint",
        "differential": {"element": [{"id": each["path"], **each} for each in elements]},
    }


BASE = profile(
    "base",
    f"{FHIR}Patient",
    {"path": "Patient.name", "min": 1, "max": "2"},
    {"path": "Patient.gender", "fixedCode": "female"},
)


@pytest.mark.parametrize(
    ("element", "place"),
    [
        ({"path": "Patient.name", "min": 1, "max": "1"}, None),
        ({"path": "Patient.gender", "fixedCode": "female"}, None),
        ({"path": "Patient.name", "min": 0}, "min"),
        ({"path": "Patient.name", "max": "*"}, "max"),
        ({"path": "Patient.name", "max": "3"}, "max"),
        ({"path": "Patient.gender", "fixedCode": "male"}, ""),
    ],
)
def test_a_profile_says_no_less_than_its_base(element: Resource, place: str | None) -> None:
    found = errors(profile("derived", BASE["url"], element), BASE)
    where = "StructureDefinition.differential.element[0]"
    assert found == ([] if place is None else [("structure", f"{where}.{place}".rstrip("."))])


@pytest.mark.parametrize("most", ["x", "-1", "", "1.5", "9" * 5000])
def test_a_number_that_is_none_makes_a_profile_unusable(most: str) -> None:
    broken = profile("broken", f"{FHIR}Patient", {"path": "Patient.name", "max": most})
    registry = Registry([broken])
    found = validate({"resourceType": "Patient"}, profiles=[broken["url"]], registry=registry)
    assert [each.issue for each in found if each.severity == "error"] == ["not-found"]


def test_a_system_that_supplements_another_is_none_of_its_own() -> None:
    supplement = SYSTEM | {"url": f"{OWN}CodeSystem/s", "supplements": GENDER}
    coded = {"resourceType": "Basic", "code": {"coding": [{"system": supplement["url"], "code": "a"}]}}
    assert errors(coded, supplement) == [("value", "Basic.code.coding[0].system")]


@pytest.mark.parametrize(
    ("name", "severity"), [("artifact-author", "warning"), ("narrativeLink-no", "error")]
)
def test_an_extension_of_hl7_is_one_that_hl7_has_defined(name: str, severity: str) -> None:
    extension = {"url": FHIR + name, "valueString": "x"}
    found = validate({"resourceType": "Patient", "extension": [extension]})
    assert [each.severity for each in found if each.place == "Patient.extension[0]"] == [severity]
