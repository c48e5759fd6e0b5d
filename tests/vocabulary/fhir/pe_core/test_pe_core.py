"""MINSA's profiles refuse what they should, and their defects are named one by one."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from ayni.vocabulary.fhir import loads
from ayni.vocabulary.fhir.pe_core import DEFECTS, ROOT, Defect, pe_core, published
from ayni.vocabulary.fhir.validation import Registry, validate

INTAKE = Path(__file__).parents[3] / "qhali/samples/intake.json"
PARTS = [{"url": "parts", "valueString": "061103"}]
Resource = dict[str, Any]


def errors(resource: Resource, profile: str, registry: Registry | None = None) -> list[tuple[str, str]]:
    url = f"{ROOT}/StructureDefinition/{profile}"
    found = validate(resource, profiles=[url], registry=registry or pe_core())
    return [(each.issue, each.place) for each in found if each.severity == "error"]


def identifier(**elements: Any) -> Resource:
    country = {"coding": [{"system": f"{ROOT}/CodeSystem/PaisesCS", "code": "PER"}]}
    pais = {"url": f"{ROOT}/StructureDefinition/pe-pais", "valueCodeableConcept": country}
    coding = {"system": f"{ROOT}/CodeSystem/IdspersonaPeru", "code": "1"}
    return {"type": {"extension": [pais], "coding": [coding]}, "value": "99000017", **elements}


@pytest.fixture
def patient() -> Resource:
    mother = {
        "url": "http://hl7.org/fhir/StructureDefinition/humanname-mothers-family",
        "valueString": "ÑAUPARI",
    }
    return {
        "resourceType": "Patient",
        "identifier": [identifier()],
        "name": [{"family": "PRUEBA", "_family": {"extension": [mother]}, "given": ["MARÍA"]}],
        "gender": "female",
        "birthDate": "1992-03-14",
    }


def facility(**elements: Any) -> Resource:
    return {
        "resourceType": "Organization",
        "identifier": [{"value": "00004576"}],
        "active": True,
        "name": "CALQUIS",
        **elements,
    }


def test_the_smallest_patient_conforms(patient: Resource) -> None:
    assert errors(patient, "PacientePe") == []


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ({"gender": None}, ("required", "Patient.gender")),
        ({"birthDate": None}, ("required", "Patient.birthDate")),
        ({"identifier": None}, ("required", "Patient.identifier")),
        ({"identifier": [{"value": "99000017"}]}, ("required", "Patient.identifier[0].type")),
        ({"name": [{"text": "MARÍA PRUEBA"}]}, ("required", "Patient.name[0].family")),
        (
            {"identifier": [identifier(type={"coding": [{"code": "1"}]})]},
            ("required", "Patient.identifier[0].type.extension"),
        ),
        (
            {"extension": [{"url": f"{ROOT}/StructureDefinition/pe-ubigeo", "extension": PARTS}]},
            ("structure", "Patient.extension[0].extension"),
        ),
    ],
)
def test_what_a_patient_lacks_is_found(patient: Resource, change: Resource, finding: tuple[str, str]) -> None:
    changed = {name: value for name, value in (patient | change).items() if value is not None}
    assert finding in errors(changed, "PacientePe")


def test_a_document_type_of_another_list_is_found(patient: Resource) -> None:
    patient["identifier"][0]["type"]["coding"][0]["code"] = "7"
    place = "Patient.identifier[0].type.coding[0].code"
    assert ("code-invalid", place) in errors(patient, "PacientePe")


def test_a_profile_that_is_claimed_is_held_against_the_resource(patient: Resource) -> None:
    patient["meta"] = {"profile": [f"{ROOT}/StructureDefinition/PacientePe"]}
    del patient["birthDate"]
    found = validate(patient, registry=pe_core())
    assert [each.place for each in found if each.severity == "error"] == ["Patient.birthDate"]


def test_our_own_intake_keeps_to_the_guide_s_profiles() -> None:
    intake = loads(INTAKE.read_bytes())
    found = [each for each in validate(intake, registry=pe_core()) if each.severity == "error"]
    assert [each.place for each in found if "pe-" in each.reason or "Pe" in each.reason] == []


def test_the_summary_is_sliced_by_profile_and_closed(patient: Resource) -> None:
    entries = [{"fullUrl": "http://a.pe/fhir/Patient/1", "resource": {**patient, "id": "1"}}]
    strange = {"resourceType": "Encounter", "id": "2", "status": "planned", "class": {"code": "AMB"}}
    entries.append({"fullUrl": "http://a.pe/fhir/Encounter/2", "resource": strange})
    found = errors({"resourceType": "Bundle", "type": "document", "entry": entries}, "BundlePe")
    assert ("structure", "Bundle.entry[1]") in found
    assert ("structure", "Bundle.entry[0]") not in found
    assert ("required", "Bundle.entry") in found  # an organization and a professional


def test_every_profile_has_a_snapshot_with_all_of_its_base() -> None:
    for url, resource in published().items():
        if resource["resourceType"] == "StructureDefinition":
            structure = pe_core().structure(url)
            base = pe_core().structure(resource["baseDefinition"])
            assert structure is not None
            assert base is not None
            paths = {each["path"] for each in structure["snapshot"]["element"]}
            assert {each["path"] for each in base["snapshot"]["element"]} <= paths


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_a_defect_is_there_until_the_guide_is_corrected(defect: Defect) -> None:
    assert defect.is_there(dict(published()))


def test_mending_leaves_the_published_guide_alone() -> None:
    before = deepcopy(published())
    pe_core()
    assert published() == before


def test_ipressvs_type_any_type_of_a_facility_s_identifier_is_taken() -> None:
    typed = facility(identifier=[{"type": {"coding": [{"code": "XX"}]}, "value": "00004576"}])
    place = "Organization.identifier[0].type.coding[0].code"
    assert errors(typed, "OrganizacionPe") == []
    assert errors(typed, "OrganizacionPe", Registry(published().values())) == [("code-invalid", place)]


def test_a_facility_without_active_is_found() -> None:
    changed = facility()
    del changed["active"]
    assert errors(changed, "OrganizacionPe") == [("required", "Organization.active")]


@pytest.mark.parametrize(("code", "is_taken"), [("1O", True), ("10", True), ("77", False)])
def test_colegio_1o_both_spellings_are_taken(patient: Resource, code: str, is_taken: bool) -> None:
    coding = {"system": f"{ROOT}/CodeSystem/ColegiosProfesionalesSaludCS", "code": code}
    qualification = {"identifier": [{"value": "1234"}], "code": {"coding": [coding]}}
    professional = {
        "resourceType": "Practitioner",
        "identifier": patient["identifier"],
        "name": [{"family": "PRUEBA", "given": ["JUAN"]}],
        "qualification": [qualification],
    }
    assert (errors(professional, "PractitionerPe") == []) is is_taken
