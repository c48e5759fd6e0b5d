"""Every sample of ours becomes a Bundle that is FHIR R4, and says what the message says."""

import base64
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ayni.vocabulary.fhir import Resource, bundle, dumps, loads
from ayni.vocabulary.fhir.validation import validate
from ayni.vocabulary.hl7 import parse
from ayni.vocabulary.maps import Mapped, bundle_from
from ayni.vocabulary.maps.tables import message_tables
from ayni.vocabulary.maps.to_fhir.kinds import table_of

SAMPLES = Path(__file__).parents[1] / "samples"
NAMES = sorted(path.stem for path in SAMPLES.glob("*.hl7"))
EXPECTED = sorted(SAMPLES.glob("*.json"))
"""Written by `python tests/vocabulary/maps/to_fhir/test_samples.py NAME…`, then read."""


def mapped(name: str) -> Mapped:
    return bundle_from(parse((SAMPLES / f"{name}.hl7").read_bytes()))


def only(name: str, kind: str) -> Resource:
    return bundle.only(mapped(name).bundle, kind)


def entry(message: Resource, reference: Any) -> Resource:
    """The resource of the Bundle that a reference leads to."""
    return next(each["resource"] for each in message["entry"] if each["fullUrl"] == reference["reference"])


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_becomes_a_bundle_of_r4(name: str, problems: Callable[[Resource], list[str]]) -> None:
    assert problems(mapped(name).bundle) == []


@pytest.mark.parametrize("name", NAMES)
def test_what_a_sample_becomes_is_valid(name: str) -> None:
    """Invariants, codes and their displays, extensions, vital signs, the ministry's profiles."""
    assert [each for each in validate(mapped(name).bundle) if each.severity == "error"] == []


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: path.stem)
def test_a_sample_becomes_what_stands_beside_it(path: Path) -> None:
    assert mapped(path.stem).bundle == loads(path.read_bytes())


@pytest.mark.parametrize("name", NAMES)
def test_the_same_message_gives_the_same_bytes(name: str) -> None:
    assert dumps(mapped(name).bundle) == dumps(mapped(name).bundle)


@pytest.mark.parametrize("name", NAMES)
def test_a_bundle_is_a_message_with_its_header_first(name: str) -> None:
    assert bundle.header(mapped(name).bundle)["eventCoding"]["display"]


def test_each_message_type_of_the_exercise_has_a_sample() -> None:
    kinds = [
        *(
            f"ADT_A{n}"
            for n in (["01", "02", "03", "04", "05", "06", "07", "08", "11", "12", "13", "28", "31", "40"])
        )
    ]
    kinds += [
        *(f"SIU_S{n}" for n in range(12, 27) if n != 25),  # S25 is a query
        "SRM_S01",
        "SRR_S01",
        "ORU_R01",
        "ORM_O01",
    ]
    kinds += ["OML_O21", "REF_I12", "RRI_I12", "MDM_T02"]
    assert set(kinds) - set(NAMES) == set()


def test_a_person_is_known_by_peruvian_documents_and_two_surnames() -> None:
    patient = only("ADT_A04", "Patient")
    dni, record = patient["identifier"]
    assert (dni["system"], dni["value"]) == ("https://ayni.example/fhir/id/dni", "99000017")
    assert [coding["code"] for coding in dni["type"]["coding"]] == ["1", "NI"]
    assert dni["type"]["extension"][0]["valueCodeableConcept"]["coding"][0]["code"] == "PER"
    assert record["system"] == "https://ayni.example/fhir/id/onevision-patient"
    (name,) = patient["name"]
    assert (name["family"], name["given"], name["use"]) == ("PRUEBA", ["MARÍA", "ELENA"], "official")
    assert name["_family"]["extension"][0]["valueString"] == "ÑAUPARI"
    assert (patient["birthDate"], patient["gender"]) == ("1992-03-14", "female")
    (address,) = patient["address"]
    assert (address["line"], address["city"]) == (["JR. LIMA 120"], "CALQUIS")
    assert address["extension"][0]["valueString"] == "061103"
    (phone,) = patient["telecom"]
    assert (phone["value"], phone["system"], phone["use"]) == ("+51 976000017", "phone", "mobile")


def test_an_arrival_says_who_comes_where_and_when() -> None:
    message = mapped("ADT_A04").bundle
    encounter = bundle.only(message, "Encounter")
    assert (encounter["status"], encounter["class"]["code"]) == ("arrived", "AMB")
    assert encounter["period"] == {"start": "2026-11-24T09:00:00-05:00"}
    assert entry(message, encounter["subject"])["resourceType"] == "Patient"
    (attender,) = encounter["participant"]
    assert attender["type"][0]["coding"][0]["code"] == "ATND"
    assert entry(message, attender["individual"])["identifier"][0]["value"] == "99000033"
    room = entry(message, encounter["location"][0]["location"])
    facility = entry(message, room["partOf"])
    assert (room["name"], facility["identifier"][0]["value"]) == ("TRIAJE", "00004576")
    request = encounter["identifier"][1]
    assert (request["system"], request["value"]) == ("https://ayni.example/fhir/id/request", "QH-7M3K9XBT4D")


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("ADT_A01", "in-progress"),
        ("ADT_A03", "finished"),
        ("ADT_A05", "planned"),
        ("ADT_A08", "triaged"),
        ("ADT_A11", "cancelled"),
        ("ADT_A13", "in-progress"),
    ],
)
def test_the_event_decides_the_status_of_the_encounter(name: str, status: str) -> None:
    assert only(name, "Encounter")["status"] == status


def test_of_a_person_who_is_only_registered_no_visit_is_told() -> None:
    assert only("ADT_A28", "Encounter")["status"] == "unknown"


def test_two_who_change_beds_each_have_their_own() -> None:
    message = mapped("ADT_A17").bundle
    beds = {
        entry(message, each["subject"])["identifier"][0]["value"]: entry(
            message, each["location"][0]["location"]
        )["name"]
        for each in bundle.resources(message, "Encounter")
    }
    assert beds == {"99000017": "CAMA 1", "99000058": "CAMA 2"}


def test_a_merge_keeps_both_identities_and_says_which_stays() -> None:
    message = mapped("ADT_A40").bundle
    stays, goes = bundle.resources(message, "Patient")
    assert goes["active"] is False
    assert goes["identifier"][0]["value"] == "OV-P-000500"
    assert (goes["link"][0]["type"], entry(message, goes["link"][0]["other"])) == ("replaced-by", stays)
    assert (stays["link"][0]["type"], entry(message, stays["link"][0]["other"])) == ("replaces", goes)


def test_two_persons_are_two_patients_and_each_has_its_own_results() -> None:
    message = mapped("ORU_R01_two_patients").bundle
    told = {
        entry(message, report["subject"])["identifier"][0]["value"]: [
            str(entry(message, each)["valueQuantity"]["value"]) for each in report["result"]
        ]
        for report in bundle.resources(message, "DiagnosticReport")
    }
    assert told == {"99000017": ["13.1"], "99000058": ["15.2"]}
    young = list(bundle.resources(message, "Patient"))[1]
    assert young["birthDate"] == "1985-05"  # as exact as it was sent


def test_results_keep_their_digits_units_and_kinds() -> None:
    message = mapped("ORU_R01").bundle
    by_code = {each["code"]["coding"][0]["code"]: each for each in bundle.resources(message, "Observation")}
    haemoglobin = by_code["718-7"]
    assert b'"value":13.10' in dumps(haemoglobin)
    assert haemoglobin["valueQuantity"]["system"] == "http://unitsofmeasure.org"
    assert haemoglobin["note"] == [{"text": "Corregida por altitud."}]
    assert by_code["30341-2"]["valueQuantity"]["comparator"] == "<"
    ratio = by_code["X-TIT"]["valueRatio"]
    assert (int(ratio["numerator"]["value"]), int(ratio["denominator"]["value"])) == (1, 128)
    assert by_code["883-9"]["valueCodeableConcept"]["coding"][0]["display"] == "Grupo O"
    attachment = by_code["PDF"]["extension"][0]["valueAttachment"]
    assert (attachment["contentType"], attachment["data"]) == ("application/pdf", "JVBERi0xLjQK")
    assert by_code["HORA"]["valueTime"] == "09:30:00"
    assert by_code["2345-7"]["valueString"] == "hemolizada"  # NM that is no number stays a text
    report = bundle.only(message, "DiagnosticReport")
    assert (report["status"], len(report["result"]), report["conclusion"]) == (
        "final",
        7,
        "Muestra en buen estado.",
    )


def test_a_booking_and_the_state_of_its_request() -> None:
    message = mapped("SIU_S12").bundle
    appointment, task = bundle.only(message, "Appointment"), bundle.only(message, "Task")
    assert (appointment["status"], appointment["minutesDuration"]) == ("booked", 15)
    assert (appointment["start"], appointment["end"]) == (
        "2026-11-24T09:00:00-05:00",
        "2026-11-24T09:15:00-05:00",
    )
    assert appointment["patientInstruction"] == "Traiga su DNI."
    assert (task["status"], task["businessStatus"]["coding"][0]["code"]) == ("in-progress", "booked")
    assert task["groupIdentifier"]["value"] == appointment["identifier"][0]["value"] == "QH-7M3K9XBT4D"
    assert task["note"] == [{"text": "Otra fecha: llame a su puesto."}]
    kinds = {entry(message, each["actor"])["resourceType"] for each in appointment["participant"]}
    assert kinds == {"Patient", "Location", "Practitioner"}
    assert bundle.only(message, "Encounter")["status"] == "planned"


def test_a_cancelled_appointment_says_why() -> None:
    appointment = only("SIU_S15", "Appointment")
    assert appointment["status"] == "cancelled"
    assert appointment["cancelationReason"]["coding"][0]["code"] == "professional-absent"


def test_a_refusal_names_what_was_wrong() -> None:
    message = mapped("SRR_S01_refused").bundle
    response = bundle.header(message)["response"]
    assert (response["code"], response["identifier"]) == ("fatal-error", "QH-7M3K9XBT4E.Q001")
    (issue,) = bundle.only(message, "OperationOutcome")["issue"]
    assert (issue["severity"], issue["expression"]) == ("error", ["AIL^1^3^1^4"])


def test_a_referral_goes_from_one_post_to_another() -> None:
    message = mapped("REF_I12").bundle
    task = bundle.only(message, "Task")
    referral = entry(message, task["focus"])
    assert (referral["priority"], referral["intent"]) == ("stat", "order")
    assert (task["status"], task["businessStatus"]["coding"][0]["code"]) == ("requested", "referred")
    asks = entry(message, referral["requester"])
    takes = entry(message, referral["performer"][0])
    assert entry(message, asks["location"][0])["identifier"][0]["value"] == "00004576"
    assert entry(message, takes["location"][0])["identifier"][0]["value"] == "00004223"


def test_a_document_has_its_lines_as_one_text_and_its_other_parts_beside_it() -> None:
    document = only("MDM_T02", "DocumentReference")
    assert (document["status"], document["docStatus"]) == ("current", "final")
    text, pdf = (each["attachment"] for each in document["content"])
    assert base64.b64decode(text["data"]).decode() == "Tos de 18 días.\n\nSe pide baciloscopia."
    assert (text["contentType"], pdf["contentType"]) == ("text/plain", "application/pdf")


def test_what_has_no_table_goes_by_the_generic_one_and_says_what_it_leaves() -> None:
    found = mapped("ZZZ_Z01")
    kinds = {each["resourceType"] for each in bundle.resources(found.bundle)}
    assert {"Patient", "Encounter", "Observation"} <= kinds
    assert found.left_out == ("ZPV-1", "ZPV-2", "ZPV-3")
    assert [each.location for each in found.findings] == ["MSH^1^7^1"]  # a day is no instant
    (observation,) = bundle.resources(found.bundle, "Observation")
    assert [each["valueString"] for each in observation["component"]] == ["algo^raro", "más"]


def test_an_emptied_field_is_left_out_and_named() -> None:
    found = mapped("ADT_A31")
    assert "address" not in bundle.only(found.bundle, "Patient")
    assert [(each.location, each.reason) for each in found.findings] == [
        ("PID^1^11^1", "emptied by the sender")
    ]


def test_every_table_has_a_sample() -> None:
    used = {table_of(parse((SAMPLES / f"{name}.hl7").read_bytes())) for name in NAMES}
    assert set(message_tables()) == used


def test_a_blocked_time_is_booked_by_nobody_and_opened_again() -> None:
    blocked, opened = only("SIU_S23", "Appointment"), only("SIU_S24", "Appointment")
    assert (blocked["status"], opened["status"]) == ("booked", "cancelled")
    assert blocked["identifier"] == opened["identifier"]
    assert "Patient" not in {each["resourceType"] for each in bundle.resources(mapped("SIU_S23").bundle)}


def test_what_is_taken_from_an_appointment_declines_and_the_rest_stands() -> None:
    def states(name: str) -> list[tuple[str, str]]:
        message = mapped(name).bundle
        kinds = (
            (entry(message, each["actor"])["resourceType"], each)
            for each in only(name, "Appointment")["participant"]
        )
        return [(kind, each["status"]) for kind, each in kinds if "period" in each]

    assert states("SIU_S19") == [
        ("Device", "accepted"),
        ("Location", "accepted"),
        ("Practitioner", "accepted"),
    ]
    assert states("SIU_S21") == [
        ("Device", "declined"),
        ("Location", "accepted"),
        ("Practitioner", "accepted"),
    ]
    assert states("SIU_S22") == [("Location", "accepted"), ("Practitioner", "declined")]
    assert only("SIU_S16", "Appointment")["status"] == "cancelled"


if __name__ == "__main__":
    for each in sys.argv[1:]:
        written = json.dumps(json.loads(dumps(mapped(each).bundle)), ensure_ascii=False, indent=1)
        (SAMPLES / f"{each}.json").write_text(f"{written}\n", "utf-8")
