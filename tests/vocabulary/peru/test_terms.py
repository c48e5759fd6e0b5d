from datetime import date

import pytest

from ayni.vocabulary.fhir.systems import BASE, ICD10
from ayni.vocabulary.peru import DOCUMENT_TYPES, districts, facilities, parse_cie10
from ayni.vocabulary.peru.terms import UBIGEO_INEI, cross, peru_terminology
from ayni.vocabulary.terminology import CodeSystem, ConceptMap, Unmapped, expand, lookup, validate_code

ON = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("document", "minsa", "his", "refcon", "sis", "v2"),
    [
        ("dni", "1", "1", "1", "1", "NI"),
        ("ce", "2", "2", "2", "3", "PRC"),
        ("passport", "3", "3", None, None, "PPN"),
        ("die", "4", "4", None, None, "NI"),
        ("provisional", "", "5", None, "", "PI"),
        ("cnv", "", "6", None, None, "BR"),
    ],
)
def test_every_counterpart_has_a_crosswalk_of_its_own(document, minsa, his, refcon, sis, v2):
    for counterpart, code in (("minsa", minsa), ("his", his), ("refcon", refcon), ("sis", sis), ("v2", v2)):
        crosswalk = f"document-type-to-{counterpart}"
        if code is None:  # no source says it: refused, not guessed
            with pytest.raises(Unmapped):
                cross(crosswalk, document, on=ON)
        else:
            found = cross(crosswalk, document, on=ON)
            assert [each.code for each in found] == ([code] if code else [])


def test_a_crosswalk_is_read_back_and_says_when_it_is_not_one_to_one():
    assert [each.code for each in cross("document-type-to-his", "6", on=ON, reverse=True)] == ["cnv"]
    assert [each.code for each in cross("document-type-to-v2", "NI", on=ON, reverse=True)] == ["dni", "die"]


def test_the_crosswalks_agree_with_the_documents_of_the_messages():
    for document in DOCUMENT_TYPES:
        fhir = [each.code for each in cross("document-type-to-minsa", document.name, on=ON)]
        v2 = [each.code for each in cross("document-type-to-v2", document.name, on=ON)]
        assert fhir == ([document.fhir_code] if document.fhir_code else [])
        assert v2 == [document.v2_type]


def test_the_college_of_nutritionists_is_written_with_a_letter_towards_the_ministry():
    assert [each.code for each in cross("his-college-to-minsa", "10", on=ON)] == ["1O"]
    assert [each.code for each in cross("his-college-to-minsa", "1O", on=ON, reverse=True)] == ["10"]
    assert cross("his-college-to-minsa", "11", on=ON) == []


@pytest.mark.parametrize(
    ("his", "fhir"), [("P", "provisional"), ("D", "confirmed"), ("R", "confirmed"), ("DESCARTADO", "refuted")]
)
def test_a_diagnosis_type_becomes_a_verification_status(his, fhir):
    (found,) = cross("his-diagnosis-type-to-fhir", his, on=ON)
    assert (found.code, found.concept_map) == (fhir, f"{BASE}/ConceptMap/his-diagnosis-type-to-fhir|1")


def test_the_ubigeo_crosswalk_changes_101_of_127_districts_and_reads_back():
    changed = 0
    for district in districts():
        (found,) = cross("ubigeo-inei-to-reniec", district.inei, on=ON)
        (back,) = cross("ubigeo-inei-to-reniec", found.code, on=ON, reverse=True)
        assert (found.code, back.code) == (district.reniec, district.inei)
        changed += found.code != district.inei
    assert changed == 101
    with pytest.raises(Unmapped):
        cross("ubigeo-inei-to-reniec", "150101", on=ON)


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("his-document-type", 6),
        ("his-ethnic-group", 60),
        ("his-payer", 11),
        ("his-college", 13),
        ("his-profession", 59),
        ("document-type", 6),
    ],
)
def test_the_lists_are_whole(name, size):
    assert expand(peru_terminology(), f"{BASE}/ValueSet/{name}", on=ON, count=0)["expansion"]["total"] == size


def test_every_crosswalk_translates_codes_that_its_lists_have():
    terminology = peru_terminology()
    for concept_map in (each for each in terminology.definitions if isinstance(each, ConceptMap)):
        for group in concept_map.groups:
            for system, codes in (
                (group.source, group.rows),
                (group.target, [t.code for row in group.rows.values() for t in row if t.code]),
            ):
                if terminology.has_code_system(system):
                    held = terminology.code_system(system, on=ON)
                    assert [code for code in codes if held.find(code) is None] == []


def test_every_profession_belongs_to_a_college_of_the_list():
    terminology = peru_terminology()
    professions = terminology.code_system(f"{BASE}/CodeSystem/his-profession", on=ON)
    colleges = terminology.code_system(f"{BASE}/CodeSystem/his-college", on=ON)
    named = {each.text for concept in professions.concepts.values() for each in concept.properties}
    assert named <= set(colleges.concepts)
    assert "06" in named


def test_what_is_shipped_of_large_lists_is_a_part_and_says_so():
    terminology = peru_terminology()
    for url, size in ((ICD10, 274), (f"{BASE}/CodeSystem/renipress", len(facilities())), (UBIGEO_INEI, 127)):
        held = terminology.code_system(url, on=ON)
        assert (held.is_complete, len(held.concepts)) == (False, size)
    answer = validate_code(terminology, system=ICD10, code="C61", on=ON)
    assert "en parte" in answer["parameter"][1]["valueString"]


def test_the_shipped_diagnoses_are_written_as_fhir_writes_them():
    held = peru_terminology().code_system(ICD10, on=ON)
    assert [code for code in held.concepts if parse_cie10(code) != code] == []
    assert (
        lookup(peru_terminology(), system=ICD10, code="I10", on=ON)["parameter"][2]["valueString"]
        == "Presión alta"
    )


def test_every_definition_has_a_version():
    assert [each.url for each in peru_terminology().definitions if not each.version] == []
    assert any(isinstance(each, CodeSystem) for each in peru_terminology().definitions)
