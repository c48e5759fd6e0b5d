"""A vital sign by its LOINC code has the form that R4 asks for (section 10.1.5.2), where v2 tells it."""

import pytest

from ayni.vocabulary.fhir import Resource, bundle
from ayni.vocabulary.fhir.validation import validate
from ayni.vocabulary.hl7 import parse
from ayni.vocabulary.maps import bundle_from, message_from

HEAD = "MSH|^~\\&|A|B|C|D|20261124091500-0500||ORU^R01^ORU_R01|1|T|2.5.1\rPID|1||1^^^X^MR||PRUEBA\r"
OBR = "OBR|1|||57055-6^Signos^LN|||20261124090000-0500||||||||||||||||||F\r"


def observed(obx: str) -> Resource:
    found = bundle_from(parse(f"{HEAD}{OBR}{obx}\r".encode()))
    assert [each for each in validate(found.bundle) if each.severity == "error"] == []
    assert found.left_out == ()
    return bundle.only(found.bundle, "Observation")


@pytest.mark.parametrize(
    ("code", "unit", "ucum"),
    [
        ("8302-2^Talla", "cm", "cm"),
        ("29463-7^Peso", "kg^^UCUM", "kg"),
        ("29463-7^Peso", "Kg", "kg"),
        ("8867-4^Pulso", "latidos/min", "/min"),
        ("8867-4^Pulso", "beats/min^^ISO+", "/min"),
        ("9279-1^Respiraciones", "rpm", "/min"),
        ("2708-6^Saturación", "%", "%"),
        ("8310-5^Temperatura", "°C", "Cel"),
        ("39156-5^IMC", "kg/m2", "kg/m2"),
    ],
)
def test_a_vital_sign_is_valid_whatever_its_unit_is_called(code: str, unit: str, ucum: str) -> None:
    found = observed(f"OBX|1|NM|{code}^LN||36.5|{unit}|||||F|||20261124093000-0500")
    assert found["category"][0]["coding"][0]["code"] == "vital-signs"
    assert (found["valueQuantity"]["code"], found["valueQuantity"]["system"]) == (
        ucum,
        "http://unitsofmeasure.org",
    )
    assert found["effectiveDateTime"] == "2026-11-24T09:30:00-05:00"


def test_a_result_without_a_time_has_that_of_its_order() -> None:
    assert (
        observed("OBX|1|NM|8302-2^Talla^LN||172|cm|||||F")["effectiveDateTime"] == "2026-11-24T09:00:00-05:00"
    )


def test_a_vital_sign_that_was_not_measured_says_so() -> None:
    assert observed("OBX|1|NM|8302-2^Talla^LN||||||||X")["dataAbsentReason"]["coding"][0]["code"] == "unknown"


def test_another_observation_keeps_its_unit_and_gets_no_category() -> None:
    found = observed("OBX|1|NM|718-7^Hemoglobina^LN||13.1|kg|||||F")
    assert "category" not in found
    assert found["valueQuantity"] == {"value": found["valueQuantity"]["value"], "unit": "kg"}


def test_the_unit_of_a_vital_sign_comes_back_with_its_words() -> None:
    raw = f"{HEAD}{OBR}OBX|1|NM|8867-4^Pulso^LN||72|latidos/min|||||F|||20261124093000-0500\r"
    after = message_from(bundle_from(parse(raw.encode())).bundle)
    assert after.segments("OBX")[0].field(6) == "/min^latidos/min^UCUM"
