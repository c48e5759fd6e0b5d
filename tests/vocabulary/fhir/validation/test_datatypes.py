"""What holds of references, identifiers and canonical URLs wherever they stand."""

from typing import Any

import pytest

from ayni.vocabulary.fhir.validation import validate

Resource = dict[str, Any]


def told(resource: Resource, severity: str = "error") -> list[tuple[str, str]]:
    return [(each.issue, each.place) for each in validate(resource) if each.severity == severity]


@pytest.mark.parametrize(
    ("reference", "is_right"),
    [
        ("Organization/1", True),
        ("Organization/1/_history/2", True),
        ("http://a.pe/fhir/Organization/1", True),
        ("urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0", True),
        ("Organization?identifier=http://a.pe|1", True),
        ("Organization", False),
        ("Organization/a_b", False),
        ("Ministry/1", False),
        ("the ministry", False),
    ],
)
def test_a_reference_is_a_url_or_a_type_and_an_id(reference: str, is_right: bool) -> None:
    found = told({"resourceType": "Patient", "managingOrganization": {"reference": reference}})
    assert found == ([] if is_right else [("value", "Patient.managingOrganization.reference")])


@pytest.mark.parametrize(
    ("value", "is_right"),
    [("urn:oid:1.2.3", True), ("http://a.pe/1", True), ("1.2.3", False), ("abc", False)],
)
def test_an_identifier_that_is_a_uri_has_a_scheme(value: str, is_right: bool) -> None:
    identifier = {"system": "urn:ietf:rfc:3986", "value": value}
    found = told({"resourceType": "Patient", "identifier": [identifier]})
    assert (("value", "Patient.identifier[0].value") in found) is not is_right


@pytest.mark.parametrize(("url", "is_right"), [("http://a.pe/L", True), ("#l", True), ("Library/l", False)])
def test_a_canonical_url_is_absolute(url: str, is_right: bool) -> None:
    library = {"resourceType": "Library", "id": "l", "status": "draft", "type": {"text": "x"}}
    measure = {"resourceType": "Measure", "status": "draft", "library": [url]}
    found = told(measure | ({"contained": [library]} if url == "#l" else {}))
    assert found == ([] if is_right else [("value", "Measure.library[0]")])


def test_contained_resources_have_ids_of_their_own() -> None:
    twice = [{"resourceType": "Organization", "id": "o", "name": name} for name in ("a", "b")]
    patient = {"resourceType": "Patient", "contained": twice, "managingOrganization": {"reference": "#o"}}
    assert told(patient) == [("value", "Patient.contained")]


def test_a_reference_leads_to_a_type_that_its_element_allows() -> None:
    inside = {"resourceType": "Practitioner", "id": "o"}
    patient = {"resourceType": "Patient", "contained": [inside], "managingOrganization": {"reference": "#o"}}
    assert told(patient) == [("structure", "Patient.managingOrganization")]
    urls = [f"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e{number}" for number in (0, 1)]
    patient = {"resourceType": "Patient", "managingOrganization": {"reference": urls[1]}}
    entries = [{"fullUrl": url, "resource": each} for url, each in zip(urls, (patient, inside), strict=True)]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    assert told(bundle) == [("structure", "Bundle.entry[0].resource.managingOrganization")]
