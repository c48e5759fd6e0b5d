"""Fields that came back otherwise or not at all, each there and back."""

from decimal import Decimal

import pytest

from ayni.vocabulary.fhir import bundle
from ayni.vocabulary.hl7 import Message, parse
from ayni.vocabulary.maps import bundle_from, message_from

DOCTOR = "99000033^PRUEBA^ANDRÉS^^^DR.^^^RENIEC^L^^^NI"
OBR = f"OBR|1|PL-1^APP|FI-2^LAB|58410-2^Hemograma^LN||||||||||||{DOCTOR}"

HEAD = "MSH|^~\\&|A|B|C|D|20261124091500-0500||ORU^R01|1|T|2.5.1\rPID|1||1^^^X^MR||PRUEBA\r"


def there_and_back(event: str, *segments: str) -> Message:
    head = f"MSH|^~\\&|A|B|C|D|20261124091500-0500||{event}|1|T|2.5.1\rPID|1||1^^^X^MR||PRUEBA\r"
    found = bundle_from(parse((head + "\r".join(segments) + "\r").encode()))
    assert (found.left_out, found.findings) == ((), ())
    return message_from(found.bundle)


@pytest.mark.parametrize("event", ["ORU^R01", "REF^I12", "RRI^I12", "ORM^O01", "OML^O21"])
def test_an_order_without_orc_keeps_its_numbers_and_who_ordered(event: str) -> None:
    after = there_and_back(event, OBR, "OBX|1|NM|718-7^Hemoglobina^LN||13.1||||||F")
    for place in ("OBR-2", "OBR-2.2", "OBR-3", "OBR-3.2", "OBR-16.1", "OBR-16.2", "OBR-16.9"):
        assert after[place] == parse(f"MSH|^~\\&\r{OBR}\r".encode())[place], place


@pytest.mark.parametrize("event", ["ORU^R01", "REF^I12", "RRI^I12"])
def test_a_result_without_orc_comes_back_without_one(event: str) -> None:
    after = there_and_back(event, OBR, "OBX|1|NM|718-7^Hemoglobina^LN||13.1||||||F")
    assert after.segments("ORC") == []


def test_an_order_says_its_numbers_in_orc_and_in_obr() -> None:
    head = "MSH|^~\\&|A|B|C|D|20261124091500-0500||ORM^O01|1|T|2.5.1\rPID|1||1^^^X^MR||PRUEBA\r"
    raw = f"{head}ORC|NW|PL-1^APP|FI-2^LAB|||||||||{DOCTOR}\r{OBR}\r"
    after = message_from(bundle_from(parse(raw.encode())).bundle)
    assert [after[f"{place}.1"] for place in ("ORC-2", "OBR-2", "ORC-3", "OBR-3", "ORC-12", "OBR-16")] == [
        *("PL-1", "PL-1", "FI-2", "FI-2", "99000033", "99000033")
    ]


@pytest.mark.parametrize("unit", ["mg/dL", "mg/dL^^UCUM", "mg/dL^miligramos^UCUM", "^miligramos^99U"])
def test_a_unit_comes_back_in_its_place(unit: str) -> None:
    after = there_and_back("ORU^R01", "OBR|1|||A^B^L", f"OBX|1|NM|718-7^Hemoglobina^LN||13.1|{unit}|||||F")
    sent = parse(f"MSH|^~\\&\rOBX|1|NM|||13.1|{unit}\r".encode())
    for place in ("OBX-6.1", "OBX-6.3"):
        assert after[place] == sent[place]
    assert after["OBX-6.2"] == (sent["OBX-6.2"] or (sent["OBX-6.1"] if sent["OBX-6.3"] else ""))


@pytest.mark.parametrize(
    "phone", ["^PRN^CP^^51^^976000017", "^PRN^PH^^51^^76343434", "^WPN^CP^^51^^976000017"]
)
def test_a_telephone_comes_back_with_its_use(phone: str) -> None:
    """A cell phone is `mobile` in FHIR, whatever it is used for in v2."""
    head = f"MSH|^~\\&|A|B|C|D|20261124091500-0500||ADT^A28|1|T|2.5.1\rPID|1||1^^^X||PRUEBA||||||||{phone}\r"
    before = parse(head.encode())
    after = message_from(bundle_from(before).bundle)
    assert [after[f"PID-13.{n}"] for n in (2, 3, 5, 7)] == [before[f"PID-13.{n}"] for n in (2, 3, 5, 7)]


@pytest.mark.parametrize("facility", ["HOSP", "HOSP&1.2.3&ISO", "HOSP&hosp.example&DNS"])
def test_a_place_names_its_facility_once(facility: str) -> None:
    after = there_and_back("ADT^A01", f"PV1|1|I|CONS^12^^{facility}")
    assert after.segments("PV1")[0].field(3) == f"CONS^12^^{facility}"


@pytest.mark.parametrize("number", ["CONS^12^^HOSP", "CONS^12^M11^HOSP^MR", "CONS^^^HOSP&1.2.3&ISO^MR"])
def test_a_number_of_a_person_comes_back_whole(number: str) -> None:
    after = there_and_back("ADT^A01", "PV1|1|I", f"IN1|1|A|{number}")
    assert after.segments("IN1")[0].field(3) == number


@pytest.mark.parametrize(
    ("kind", "value", "content_type"),
    [
        ("ED", "LAB^application^pdf^Base64^JVBERi0xLjQK", "application/pdf"),
        ("ED", "^IM^JPEG^Base64^JVBERi0xLjQK", "image/jpeg"),
        ("ED", "LAB^NS^Octet-stream^Base64^JVBERi0xLjQK", None),
        ("RP", "https://a.example/1^PACS^IM^JPEG", "image/jpeg"),
        ("RP", "https://a.example/1^^image^png", "image/png"),
    ],
)
def test_an_attachment_comes_back_with_its_type_and_its_source(
    kind: str, value: str, content_type: str | None
) -> None:
    obx = f"OBX|1|{kind}|PDF^Informe^99LAB||{value}||||||F"
    after = there_and_back("ORU^R01", "OBR|1|||A^B^L", obx)
    assert after.segments("OBX")[0].field(5) == value
    observation = bundle.only(bundle_from(after).bundle, "Observation")
    assert observation["extension"][0]["valueAttachment"].get("contentType") == content_type


@pytest.mark.parametrize("facility", ["HOSP", "HOSP^1.2.3^ISO", "HOSP^hosp.example^DNS"])
def test_who_sends_has_its_universal_id_as_a_uri_and_back(facility: str) -> None:
    raw = f"MSH|^~\\&|A|{facility}|C|D|20261124091500-0500||ADT^A28|1|T|2.5.1\rPID|1||1^^^X||PRUEBA\r"
    message = bundle_from(parse(raw.encode())).bundle
    numbers = [
        number["value"]
        for each in bundle.resources(message, "Organization")
        for number in each["identifier"]
        if number.get("system") == "urn:ietf:rfc:3986"
    ]
    assert numbers == ["urn:oid:1.2.3"] * ("ISO" in facility)
    assert message_from(message).header.field(4) == facility


@pytest.mark.parametrize("number", ["0.0000001", "-0.00000010", "0.00000000", "1" + "0" * 30, "-1.50"])
def test_a_number_of_many_digits_comes_back(number: str) -> None:
    """Python writes the small ones with an exponent, which an NM has not."""
    obx = f"OBX|1|NM|718-7^Hemoglobina^LN||{number}||||||F"
    assert there_and_back("ORU^R01", "OBR|1|||A^B^L", obx)["OBX-5"] == number


@pytest.mark.parametrize(
    ("number", "written"), [("1E+5", "100000"), ("1e22", "1" + "0" * 22), ("0E-8", "0.00000000")]
)
def test_a_number_with_an_exponent_is_written_without_one(number: str, written: str) -> None:
    observed = bundle_from(
        parse(f"{HEAD}OBR|1|||A^B^L\rOBX|1|NM|718-7^Hemoglobina^LN||7||||||F\r".encode())
    ).bundle
    bundle.only(observed, "Observation")["valueQuantity"]["value"] = Decimal(number)
    assert message_from(observed)["OBX-5"] == written


@pytest.mark.parametrize("status", ["", "N", "Y", "Z", "F"])
def test_the_status_of_a_report_is_the_one_that_was_said(status: str) -> None:
    """FHIR asks for one, and `unknown` is what it says where v2 said nothing."""
    obr = f"OBR|1|||A^B^L|||||||||||||||||||||{status}"
    assert there_and_back("ORU^R01", obr)["OBR-25"] == status


@pytest.mark.parametrize("event", ["EVN||20261124", "EVN|"])
def test_an_event_that_says_nothing_that_fhir_takes_comes_back(event: str) -> None:
    head = "MSH|^~\\&|A|B|C|D|20261124091500-0500||ADT^A01|1|T|2.5.1\r"
    sent = parse(f"{head}{event}\rPID|1||1^^^X^MR||PRUEBA\rPV1|1|I\r".encode())
    names = [each.name for each in message_from(bundle_from(sent).bundle).segments()]
    assert names == ["MSH", "EVN", "PID", "PV1"]


def test_a_message_without_an_event_segment_does_not_get_one() -> None:
    head = "MSH|^~\\&|A|B|C|D|20261124091500-0500||ZZZ^Z01|1|T|2.5.1\r"
    assert (
        message_from(bundle_from(parse(f"{head}PID|1||1^^^X^MR||PRUEBA\r".encode())).bundle).segments("EVN")
        == []
    )


@pytest.mark.parametrize("value", [">^1^:^128", "^1^:^128", "<^1^/^2"])
def test_a_ratio_comes_back_with_its_comparator(value: str) -> None:
    after = there_and_back("ORU^R01", "OBR|1|||A^B^L", f"OBX|1|SN|718-7^Hemoglobina^LN||{value}||||||F")
    assert after.segments("OBX")[0].field(5).split("^")[0] == value.split("^")[0]
