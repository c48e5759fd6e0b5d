"""Full validation between resources, and of definitions: the smallest one that breaks a rule."""

from typing import Any

import pytest

from ayni.vocabulary.fhir.validation import validate

Resource = dict[str, Any]

LOINC = "http://loinc.org"


def patient(**elements: Any) -> Resource:
    return {"resourceType": "Patient", **elements}


def observation(**elements: Any) -> Resource:
    return {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, **elements}


def bundle(kind: str, *entries: Resource, **elements: Any) -> Resource:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries), **elements}


def entry(url: str, resource: Resource) -> Resource:
    return {"fullUrl": url, "resource": resource}


def composition(**elements: Any) -> Resource:
    return {
        "resourceType": "Composition",
        "id": "c",
        "status": "final",
        "type": {"text": "x"},
        "date": "2026-11-23",
        "author": [{"display": "x"}],
        "title": "x",
        **elements,
    }


def document(*entries: Resource, **of_composition: Any) -> Resource:
    first = entry("http://a.pe/Composition/c", composition(**of_composition))
    identifier = {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:x"}
    return bundle("document", first, *entries, identifier=identifier, timestamp="2026-11-23T09:00:00Z")


def errors(resource: Any) -> list[tuple[str, str]]:
    return [(each.issue, each.place) for each in validate(resource) if each.severity == "error"]


P1 = entry("http://a.pe/Patient/1", patient(id="1"))

WRONG: dict[str, tuple[Resource, str, str]] = {
    "relative fullUrl": (
        bundle("collection", entry("Patient/1", patient(id="1"))),
        "value",
        "Bundle.entry[0].fullUrl",
    ),
    "fullUrl of another id": (
        bundle("collection", entry("http://a.pe/Patient/2", patient(id="1"))),
        "value",
        "Bundle.entry[0].fullUrl",
    ),
    "two links of a kind": (
        bundle("searchset", link=[{"relation": "self", "url": "a"}, {"relation": "self", "url": "b"}])
        | {"entry": [P1]},
        "structure",
        "Bundle.link",
    ),
    "search result without an id": (
        bundle("searchset", {"resource": patient()}),
        "required",
        "Bundle.entry[0].resource.id",
    ),
    "reference that a document does not answer": (
        document(subject={"reference": "Patient/2"}),
        "not-found",
        "Bundle.entry[0].resource.subject",
    ),
    "reference that a document answers twice": (
        document(
            P1,
            P1 | {"resource": patient(id="1", meta={"versionId": "2"})},
            subject={"reference": "Patient/1"},
        ),
        "not-found",
        "Bundle.entry[0].resource.subject",
    ),
    "relative reference between parameters": (
        {
            "resourceType": "Parameters",
            "parameter": [
                {"name": "a", "resource": patient(id="1")},
                {"name": "b", "resource": observation(id="2", subject={"reference": "Patient/9"})},
            ],
        },
        "not-found",
        "Parameters.parameter[1].resource.subject",
    ),
    "supplement without saying so": (
        {"resourceType": "CodeSystem", "status": "draft", "content": "fragment", "supplements": LOINC},
        "value",
        "CodeSystem.content",
    ),
    "property twice": (
        {
            "resourceType": "CodeSystem",
            "status": "draft",
            "content": "fragment",
            "property": [{"code": "a", "type": "code"}, {"code": "a", "type": "code"}],
        },
        "value",
        "CodeSystem.property",
    ),
    "code of a value set that its system lacks": (
        {
            "resourceType": "ValueSet",
            "status": "draft",
            "compose": {
                "include": [
                    {"system": "http://hl7.org/fhir/administrative-gender", "concept": [{"code": "x"}]}
                ]
            },
        },
        "code-invalid",
        "ValueSet.compose.include[0].concept[0].code",
    ),
    "composite search parameter of one part": (
        {
            "resourceType": "SearchParameter",
            "url": "http://a.pe/x",
            "name": "X",
            "status": "draft",
            "description": "x",
            "code": "x",
            "base": ["Patient"],
            "type": "composite",
        },
        "required",
        "SearchParameter.component",
    ),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG.keys())
def test_what_breaks_a_rule_is_found(case: tuple[Resource, str, str]) -> None:
    resource, issue, place = case
    assert (issue, place) in errors(resource)


def test_a_document_that_answers_its_references_is_valid() -> None:
    assert errors(document(P1, subject={"reference": "Patient/1"})) == []
