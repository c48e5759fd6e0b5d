"""Where segments stand: groups that repeat, segments that are missing, orders nobody foresaw."""

import pytest

from ayni.vocabulary.fhir import Resource, bundle
from ayni.vocabulary.hl7 import Hl7Error, parse
from ayni.vocabulary.maps import bundle_from

PID = "PID|1||99000017^^^RENIEC^NI||PRUEBA^ANA"


def mapped(kind: str, *segments: str) -> Resource:
    header = f"MSH|^~\\&|A|B|C|D|20261124091500-0500||{kind}|1|T|2.5.1"
    return bundle_from(parse("\r".join([header, *segments]).encode())).bundle


def count(message: Resource, kind: str) -> int:
    return len(list(bundle.resources(message, kind)))


def test_a_group_begins_anew_with_any_segment_that_may_begin_it() -> None:
    orders = [
        "ORC|RE|1",
        "OBR|1|1||A^A^LN",
        "OBX|1|ST|X||a",
        "OBR|2|2||B^B^LN",
        "OBX|1|ST|Y||b",
        "OBX|2|ST|Z||c",
    ]
    reports = list(bundle.resources(mapped("ORU^R01", PID, *orders), "DiagnosticReport"))
    assert [len(each["result"]) for each in reports] == [1, 2]


def test_a_note_belongs_to_what_stands_before_it() -> None:
    message = mapped(
        "ORU^R01", PID, "OBR|1|||A", "NTE|1||informe", "OBX|1|ST|X||a", "NTE|1||primera", "NTE|2||segunda"
    )
    (observation,) = bundle.resources(message, "Observation")
    assert [note["text"] for note in observation["note"]] == ["primera", "segunda"]
    assert bundle.only(message, "DiagnosticReport")["conclusion"] == "informe"


def test_segments_in_an_order_nobody_foresaw_are_still_told() -> None:
    message = mapped("ADT^A01", "AL1|1||P^Penicilina^99X", "PV1|1|I", PID)
    allergy = bundle.only(message, "AllergyIntolerance")
    patient = bundle.only(message, "Patient")
    assert allergy["patient"]["reference"] == f"urn:uuid:{patient['id']}"
    assert bundle.only(message, "Encounter")["class"]["code"] == "IMP"


def test_a_result_without_a_patient_is_of_nobody() -> None:
    message = mapped("ORU^R01", "OBR|1|||A", "OBX|1|ST|X||a")
    assert count(message, "Patient") == 0
    assert "subject" not in bundle.only(message, "Observation")


def test_what_r4_wants_and_nobody_said_is_told_as_unknown() -> None:
    message = mapped("ADT^A01", "DG1|1||R05^Tos^I10")
    assert bundle.only(message, "Condition")["subject"]["extension"][0]["valueCode"] == "unknown"


def test_a_second_patient_where_one_is_expected_is_refused() -> None:
    with pytest.raises(Hl7Error) as refused:
        mapped("ADT^A01", PID, "PV1|1|I", PID.replace("ANA", "LUIS"))
    assert (refused.value.code, refused.value.location) == (100, "PID^2")


def test_a_type_in_small_letters_is_read_in_capitals() -> None:
    raw = "MSH|^~\\&|A|B|C|D|20261124091500-0500||siu^s15|1|T|2.5.1\rSCH|1\r" + PID
    message = bundle_from(parse(raw.encode()))
    assert bundle.header(message.bundle)["eventCoding"]["code"] == "S15"
    assert bundle.only(message.bundle, "Appointment")["status"] == "cancelled"
    assert [(finding.location, finding.severity) for finding in message.findings] == [("MSH^1^9", "W")]


def test_a_message_without_a_type_is_refused() -> None:
    with pytest.raises(Hl7Error) as refused:
        mapped("", PID)
    assert (refused.value.code, refused.value.location) == (200, "MSH^1^9^1^1")


def test_a_message_of_a_header_alone_is_a_message() -> None:
    assert count(mapped("ADT^A01"), "MessageHeader") == 1
    assert count(mapped("ADT^A01", "PID|1", "PV1|1"), "Patient") == 0  # nothing is known of anybody


@pytest.mark.parametrize(
    ("kind", "resource"),
    [
        ("ADT^A99", "Encounter"),
        ("XYZ^X01^ADT_A01", "Encounter"),
        ("XYZ^X01", "Encounter"),
        ("XYZ", "Patient"),
    ],
)
def test_an_event_without_a_table_goes_by_its_kind_its_structure_or_what_messages_share(
    kind: str, resource: str
) -> None:
    assert count(mapped(kind, PID, "PV1|1|I"), resource) == 1


def test_one_who_is_named_twice_is_one_resource() -> None:
    message = mapped("ADT^A01", PID, "PV1|1|I|||||9^GARCIA^LUZ|9^GARCIA^LUZ")
    assert count(message, "Practitioner") == 1
    encounter = bundle.only(message, "Encounter")
    assert len({each["individual"]["reference"] for each in encounter["participant"]}) == 1
    assert len(encounter["participant"]) == 2
