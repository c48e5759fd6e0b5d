"""What takes something back never looks like something new."""

import pytest

from ayni.vocabulary.fhir import Resource, bundle
from ayni.vocabulary.hl7 import parse
from ayni.vocabulary.maps import bundle_from

PID = "PID|1||99000017^^^RENIEC^NI||PRUEBA^ANA"
SCH = "SCH|1^A|2^B||||X|||15|min|^^^20261124090000-0500^20261124091500-0500"


def mapped(kind: str, *segments: str) -> Resource:
    header = f"MSH|^~\\&|A|B|C|D|20261124091500-0500||{kind}|1|T|2.5.1"
    return bundle_from(parse("\r".join([header, *segments]).encode())).bundle


@pytest.mark.parametrize(
    ("kind", "segments", "resource", "status"),
    [
        ("ADT^A11", (PID, "PV1|1|I"), "Encounter", "cancelled"),
        ("ADT^A27", (PID, "PV1|1|P"), "Encounter", "cancelled"),
        ("SIU^S12", (SCH, PID), "Appointment", "booked"),
        ("SIU^S15", (SCH, PID), "Appointment", "cancelled"),
        ("SIU^S16", (SCH, PID), "Appointment", "cancelled"),
        ("SIU^S17", (SCH, PID), "Appointment", "entered-in-error"),
        ("SIU^S26", (SCH, PID), "Appointment", "noshow"),
        ("SRM^S01", ("ARQ|1^A", PID), "Appointment", "proposed"),
        ("SRM^S04", ("ARQ|1^A|2^B", PID), "Appointment", "cancelled"),
        ("SRM^S04", ("ARQ|1^A|2^B", PID), "ServiceRequest", "revoked"),
        ("ORM^O01", (PID, "ORC|NW|1", "OBR|1|||A"), "ServiceRequest", "active"),
        ("ORM^O01", (PID, "ORC|CA|1", "OBR|1|||A"), "ServiceRequest", "revoked"),
        ("ORM^O01", (PID, "ORC|HD|1", "OBR|1|||A"), "ServiceRequest", "on-hold"),
        ("ORU^R01", (PID, "OBR|1|||A", "OBX|1|ST|X||a||||||W"), "Observation", "entered-in-error"),
        ("REF^I12", ("RF1|A", PID), "ServiceRequest", "active"),
        ("REF^I14", ("RF1|A", PID), "ServiceRequest", "revoked"),
        ("MDM^T11", (PID, "TXA|1|CN|TX||||||||||1^A|||||AU||AV"), "DocumentReference", "entered-in-error"),
    ],
)
def test_the_event_decides_where_the_content_may_not(
    kind: str, segments: tuple[str, ...], resource: str, status: str
) -> None:
    assert bundle.only(mapped(kind, *segments), resource)["status"] == status


@pytest.mark.parametrize("event", ["A23", "A29"])
def test_a_person_who_is_deleted_is_not_active(event: str) -> None:
    assert bundle.only(mapped(f"ADT^{event}", PID), "Patient")["active"] is False


@pytest.mark.parametrize("event", ["A06", "A35", "A41", "A42", "A47"])
def test_an_account_that_changes_hands_ends_no_person(event: str) -> None:
    """MRG may name the same person here: a Patient that replaces itself would be lost."""
    message = mapped(f"ADT^{event}", PID, "MRG|99000017^^^RENIEC^NI||7^^^X^AN", "PV1|1|I")
    patient = bundle.only(message, "Patient")
    assert "active" not in patient
    assert "link" not in patient


def test_two_orders_do_not_see_each_others_numbers() -> None:
    segments = (PID, "ORC|RE|1", "OBR|1|1||A", "OBX|1|ST|X||a", "OBR|2|2||B", "OBX|1|ST|Y||b")
    reports = list(bundle.resources(mapped("ORU^R01", *segments), "DiagnosticReport"))
    assert [[each["value"] for each in report["identifier"]] for report in reports] == [["1"], ["2"]]
