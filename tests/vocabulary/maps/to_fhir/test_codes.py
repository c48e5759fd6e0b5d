"""Codes, their systems, and who numbers: known ones by their URI, others kept for the way back."""

import pytest

from ayni.vocabulary.fhir import Resource, bundle
from ayni.vocabulary.hl7 import parse
from ayni.vocabulary.maps import bundle_from
from ayni.vocabulary.maps.to_fhir.systems import authority, coding_system, identifier_system

BASE = "https://ayni.example/fhir"


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        ("HL70005", "http://terminology.hl7.org/CodeSystem/v2-0005"),
        ("LN", "http://loinc.org"),
        ("ln", "http://loinc.org"),
        ("I10", "http://hl7.org/fhir/sid/icd-10"),
        ("99STA", f"{BASE}/CodeSystem/request-state"),
        ("2.16.840.1.113883.6.1", "urn:oid:2.16.840.1.113883.6.1"),
        ("http://example.org/x", "http://example.org/x"),
        ("L", f"{BASE}/v2-coding-system/L"),
        ("local 1/2", f"{BASE}/v2-coding-system/local%201%2F2"),
    ],
)
def test_a_coding_system_has_a_uri(name: str, uri: str) -> None:
    assert coding_system(name) == uri


@pytest.mark.parametrize(
    ("parts", "uri"),
    [
        (("LAB", "", ""), f"{BASE}/v2-authority/LAB"),
        (("LAB", "1.2.3", "ISO"), "urn:oid:1.2.3"),
        (("", "01.2", "ISO"), f"{BASE}/v2-authority/01.2"),  # no OID begins so
        (("", "http://example.org/x y", "URI"), f"{BASE}/v2-authority/http%3A%2F%2Fexample.org%2Fx%20y"),
        (
            ("", "8A2C1B60-0000-4000-8000-000000000001", "UUID"),
            "urn:uuid:8a2c1b60-0000-4000-8000-000000000001",
        ),
        (("", "", ""), ""),
    ],
)
def test_who_numbers_has_a_uri(parts: tuple[str, str, str], uri: str) -> None:
    assert authority(*parts) == uri


@pytest.mark.parametrize(
    ("namespace", "type_", "country", "uri"),
    [
        ("RENIEC", "NI", "PER", f"{BASE}/id/dni"),
        ("RENIEC", "NI", "", f"{BASE}/id/dni"),
        ("MIGRACIONES", "PRC", "PER", f"{BASE}/id/ce"),
        ("", "PPN", "PER", f"{BASE}/id/passport"),
        ("MINSA", "BR", "PER", f"{BASE}/id/cnv"),
        ("ONEVISIONCAX", "PI", "", f"{BASE}/id/onevision-patient"),
        ("CLINICA", "MR", "", f"{BASE}/v2-authority/CLINICA"),
    ],
)
def test_documents_of_peru_have_the_systems_of_the_vocabulary(
    namespace: str, type_: str, country: str, uri: str
) -> None:
    assert identifier_system(namespace, "", "", type_, country, "Patient") == uri


def patient(*fields: str) -> Resource:
    raw = "MSH|^~\\&|A|B|C|D|20261124||ADT^A28|1|T|2.5.1\rPID|1||1||" + "|".join(fields)
    return bundle.only(bundle_from(parse(raw.encode())).bundle, "Patient")


def test_a_code_element_keeps_the_v2_code_that_has_no_counterpart_or_shares_it() -> None:
    assert [patient("PRUEBA", "", "", code).get("_gender") for code in "FMOU"] == [None] * 4
    ambiguous, unknown = patient("PRUEBA", "", "", "A"), patient("PRUEBA", "", "", "X")
    assert ambiguous["gender"] == "other"
    assert "gender" not in unknown
    for each, code in ((ambiguous, "A"), (unknown, "X")):
        (kept,) = each["_gender"]["extension"]
        assert kept["valueCodeableConcept"]["coding"] == [
            {"system": "http://terminology.hl7.org/CodeSystem/v2-0001", "code": code}
        ]


def marital(text: str) -> Resource:
    found: Resource = patient("PRUEBA", *[""] * 10, text)["maritalStatus"]
    return found


def test_a_concept_has_the_translation_and_what_was_sent() -> None:
    separated = marital("A^Separado")
    assert [(each["system"].rpartition("/")[2], each["code"]) for each in separated["coding"]] == [
        ("v3-MaritalStatus", "L"),
        ("v2-0002", "A"),
    ]
    assert (separated["coding"][1]["display"], separated["text"]) == ("Separated", "Separado")


def test_a_code_of_another_system_is_not_translated_and_a_text_alone_is_a_text() -> None:
    assert [each["code"] for each in marital("A^Separado^99LOC")["coding"]] == ["A"]
    assert marital("^Conviviente") == {"text": "Conviviente"}
    assert marital("ZZ^^")["coding"] == [
        {"system": "https://ayni.example/fhir/v2-coding-system/HL70002", "code": "ZZ"}
    ]
