"""What a sender adds to HL7's tables, and what it calls HL7's codes, is told without saying it is HL7's."""

import pytest

from ayni.vocabulary.fhir import Resource, bundle
from ayni.vocabulary.hl7 import Message, parse
from ayni.vocabulary.maps import bundle_from, message_from
from ayni.vocabulary.maps.hl7_codes import as_published, as_sent


def sent(admit_source: str, service: str) -> Message:
    head = "MSH|^~\\&|A|B|C|D|20261124091500-0500||ADT^A01|1|T|2.5.1\rPID|1||1^^^X^MR||PRUEBA\r"
    return parse(f"{head}PV1|1|I||||||||{service}||||{admit_source}\r".encode())


def encounter(message: Message) -> Resource:
    return bundle.only(bundle_from(message).bundle, "Encounter")


def test_a_code_that_a_table_of_hl7_lacks_is_of_the_sender() -> None:
    found = encounter(sent("FERIA^Feria de salud^HL70023", "MED"))["hospitalization"]["admitSource"]
    assert found["coding"][0]["system"] == "https://ayni.example/fhir/v2-coding-system/HL70023"
    assert found["coding"][0]["display"] == "Feria de salud"


def test_a_code_of_hl7_has_its_display_and_the_words_of_the_sender() -> None:
    found = encounter(sent("1", "MED^Medicina general^HL70069"))["serviceType"]
    assert found["text"] == "Medicina general"
    assert (found["coding"][0]["code"], found["coding"][0]["display"]) == ("MED", "Medical Service")


@pytest.mark.parametrize(
    "admit_source", ["FERIA", "FERIA^Feria de salud^HL70023", "1", "1^Consultorio^HL70023"]
)
@pytest.mark.parametrize("service", ["MED", "MED^Medicina general^HL70069", "ZZZ^Otra^HL70069"])
def test_both_come_back_as_they_were(admit_source: str, service: str) -> None:
    before = sent(admit_source, service)
    after = message_from(bundle_from(before).bundle)
    for place in ("PV1-14.1", "PV1-10.1", "PV1-10.2", "PV1-14.2"):
        assert not before[place] or after[place] == before[place], place


def test_a_quantity_is_no_coding() -> None:
    quantity = {"value": 1, "system": "http://terminology.hl7.org/CodeSystem/v2-0002", "code": "ZZ"}
    as_published(quantity)
    assert as_sent(quantity) == quantity == {**quantity}


def test_a_text_that_was_sent_beside_other_words_stays() -> None:
    coding = {"system": "http://terminology.hl7.org/CodeSystem/v2-0069", "code": "MED", "display": "Medicina"}
    concept = {"coding": [dict(coding)], "text": "Medicina de adultos"}
    as_published(concept)
    assert concept["text"] == "Medicina de adultos"
    assert as_sent(concept) == {"coding": [coding], "text": "Medicina de adultos"}
