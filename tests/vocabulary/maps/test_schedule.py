"""The record's event said in HL7 v2, and that said again in FHIR: nothing may change on the way."""

from collections.abc import Callable
from typing import Any

import pytest

from ayni.vocabulary.fhir import (
    FhirError,
    Resource,
    bundle,
    code_in,
    identifier_in,
    require_structure,
    systems,
)
from ayni.vocabulary.hl7 import Hl7Error, parse
from ayni.vocabulary.maps import event_from_schedule, siu_from_event, srr_from_event
from ayni.vocabulary.request import SCHEDULING, Reason, State

Make = Callable[..., Resource]
WITH_SIU = [state for state, said in SCHEDULING.items() if said.siu_event]
TIMED = {
    State.BOOKED,
    State.RESCHEDULED,
    State.NO_SHOW,
    State.CANCELLED,
    State.CLOSED,
    State.ENTERED_IN_ERROR,
}


def test_the_booking_is_the_siu_of_the_worked_example(event: Make, sample: Callable[[str], bytes]) -> None:
    assert siu_from_event(event(State.BOOKED)).encode() == sample("state_to_qhali/samples/01-booked.in.hl7")


def test_received_is_the_answer_of_the_worked_example(event: Make, sample: Callable[[str], bytes]) -> None:
    received = event(State.RECEIVED, 1, at="2026-11-23T09:30:16-05:00", has_time=False)
    answer = srr_from_event(received, answers="QH-7M3K9XBT4D.Q001")
    assert answer.encode() == sample("intake_to_ehr/samples/01-cough-18-days.response.hl7")


def test_received_never_travels_as_a_siu(event: Make) -> None:
    with pytest.raises(FhirError) as refused:
        siu_from_event(event(State.RECEIVED, 1, has_time=False))
    assert refused.value.expression == "Task.businessStatus"


@pytest.mark.parametrize("state", WITH_SIU)
def test_every_scheduling_state_arrives_as_it_was_said(event: Make, state: State) -> None:
    reason = {
        "coding": [
            {"system": systems.STATE_REASON, "code": "other-service", "display": "necesita otro servicio"}
        ]
    }
    said = event(
        state, has_time=state in TIMED, statusReason=reason, note=[{"text": "Puede ir a LLAPA | y ^ más."}]
    )
    heard = event_from_schedule(parse(siu_from_event(said).encode()))
    require_structure(heard)
    task = bundle.only(heard, "Task")
    assert heard["identifier"] == said["identifier"]
    assert heard["timestamp"] == said["timestamp"]
    assert code_in(task["businessStatus"], systems.REQUEST_STATE) == state
    assert task["status"] == SCHEDULING[state].task_status
    assert code_in(task["statusReason"], systems.STATE_REASON) == Reason.OTHER_SERVICE
    assert task["note"] == [{"text": "Puede ir a LLAPA | y ^ más."}]
    if SCHEDULING[state].appointment_status is None:
        assert list(bundle.resources(heard, "Appointment")) == []
        return
    _assert_same_appointment(bundle.only(said, "Appointment"), bundle.only(heard, "Appointment"))


def _assert_same_appointment(said: Resource, heard: Resource) -> None:
    for element in (
        "identifier",
        "status",
        "serviceType",
        "start",
        "end",
        "minutesDuration",
        "patientInstruction",
    ):
        assert heard.get(element) == said.get(element), element
    places = [each["actor"] for each in heard["participant"] if each["actor"]["type"] == "Location"]
    assert places == [
        said["participant"][0]["actor"]
        | {"display": "CALQUIS, consultorio 1" if "start" in said else "CALQUIS"}
    ]


def test_every_place_of_the_booking_that_says_the_same_says_the_same(sample: Callable[[str], bytes]) -> None:
    message = parse(sample("state_to_qhali/samples/01-booked.in.hl7"))
    heard = event_from_schedule(message)
    task, appointment = bundle.only(heard, "Task"), bundle.only(heard, "Appointment")
    header = bundle.header(heard)
    by_kind = {each["actor"]["type"]: each["actor"] for each in appointment["participant"]}
    request, filler = (each["value"] for each in appointment["identifier"])
    assert message["SCH-1"] == task["groupIdentifier"]["value"] == request
    assert message["SCH-2"] == filler
    assert message["SCH-6.1"] == code_in(task["businessStatus"], systems.REQUEST_STATE)
    starts = {message[path] for path in ("SCH-11.4", "TQ1-7", "AIS-4", "AIL-6", "AIP-6")}
    assert starts == {"20261124090000-0500"}
    assert appointment["start"] == "2026-11-24T09:00:00-05:00"
    assert {message["SCH-11.5"], message["TQ1-8"]} == {"20261124091500-0500"}
    assert appointment["end"] == "2026-11-24T09:15:00-05:00"
    assert {message[path] for path in ("SCH-9", "AIS-7", "AIL-9", "AIP-9")} == {
        str(appointment["minutesDuration"])
    }
    assert message["SCH-25"].lower() == appointment["status"]
    assert (
        message["AIL-3.4"]
        == by_kind["Location"]["identifier"]["value"]
        == task["owner"]["identifier"]["value"]
    )
    assert message["AIP-3"] == by_kind["Practitioner"]["identifier"]["value"]
    assert message["PID-3"] == by_kind["Patient"]["identifier"]["value"] == task["for"]["identifier"]["value"]
    assert message["NTE-3"] == appointment["patientInstruction"]
    assert message.control_id == heard["identifier"]["value"]
    assert int(message.control_id[-3:]) == header["extension"][0]["valuePositiveInt"]
    assert message.timestamp == bundle.timestamp(heard)
    assert all(each["fullUrl"] == f"urn:uuid:{each['resource']['id']}" for each in heard["entry"])
    assert [each["reference"] for each in header["focus"]] == [each["fullUrl"] for each in heard["entry"][1:]]


def test_a_longer_visit_is_said_with_its_own_length(event: Make) -> None:
    said = event(State.BOOKED)
    bundle.only(said, "Appointment")["minutesDuration"] = 40
    message = siu_from_event(said)
    assert {message[path] for path in ("SCH-9", "AIS-7", "AIL-9", "AIP-9")} == {"40"}
    assert message["SCH-11.3"] == "M40"
    assert bundle.only(event_from_schedule(message), "Appointment")["minutesDuration"] == 40


def test_a_request_undone_that_never_had_a_time_is_a_cancelled_appointment(event: Make) -> None:
    heard = event_from_schedule(siu_from_event(event(State.ENTERED_IN_ERROR, has_time=False)))
    assert bundle.only(heard, "Appointment")["status"] == "cancelled"
    assert bundle.only(heard, "Task")["status"] == "entered-in-error"


def test_a_facility_outside_the_province_is_named_by_its_room_alone(event: Make) -> None:
    message = siu_from_event(event(State.BOOKED))
    message["AIL-3.4"] = "00009999"
    place = bundle.only(event_from_schedule(message), "Appointment")["participant"][1]["actor"]
    assert (place["identifier"]["value"], place["display"]) == ("00009999", "consultorio 1")


def test_the_record_number_of_the_patient_may_stand_before_the_dni(event: Make) -> None:
    message = siu_from_event(event(State.BOOKED))
    message["PID-3[1].1"], message["PID-3[1].4"], message["PID-3[1].5"] = "OV-P-000731", "ONEVISIONCAX", "PI"
    message["PID-3[2].1"], message["PID-3[2].4"], message["PID-3[2].5"] = "99000017", "RENIEC", "NI"
    task = bundle.only(event_from_schedule(message), "Task")
    assert identifier_in(task["for"], systems.DNI_ID) == "99000017"


@pytest.mark.parametrize(
    ("path", "value", "code", "place"),
    [
        ("MSH-9.1", "ADT", 200, "MSH^1^9^1^1"),
        ("MSH-9.2", "S14x", 201, "MSH^1^9^1^2"),
        ("MSH-9.2", "S15", 103, "MSH^1^9^1^2"),
        ("MSH-12", "2.3", 203, "MSH^1^12"),
        ("MSH-12", "2.5", 203, "MSH^1^12"),
        ("MSH-10", "another key", 102, "MSH^1^10"),
        ("MSH-10", "QH-7M3K9XBT4D.Q004", 102, "MSH^1^10"),
        ("SCH-1.1", "QH-0000000000", 204, "SCH^1^1^1^1"),
        ("SCH-6.1", "teleported", 103, "SCH^1^6^1^1"),
        ("SCH-6.1", "arrived", 103, "SCH^1^6^1^1"),
        ("SCH-6.3", "", 103, "SCH^1^6^1^3"),
        ("SCH-6.3", "99RSN", 103, "SCH^1^6^1^3"),
        ("SCH-6.4", "no-capacity", 103, "SCH^1^6^1^6"),
        ("SCH-6.4", "no-reason", 103, "SCH^1^6^1^4"),
        ("SCH-25", "Pending", 103, "SCH^1^25^1^1"),
        ("SCH-2.1", "", 101, "SCH^1^2^1^1"),
        ("SCH-11.4", "", 101, "SCH^1^11^1^4"),
        ("SCH-11.5", "", 102, "SCH^1^11^1^5"),
        ("SCH-11.5", "20261124085959-0500", 102, "SCH^1^11^1^5"),
        ("SCH-11.5", "20261124090000-0500", 102, "SCH^1^11^1^5"),
        ("SCH-11.4", "tomorrow", 102, "SCH^1^11^1^4"),
        ("SCH-9", "fifteen", 102, "SCH^1^9"),
        ("SCH-9", "0", 102, "SCH^1^9"),
        ("SCH-9", "9" * 5000, 102, "SCH^1^9"),
        ("PID-3.1", "", 101, "PID^1^3"),
        ("PID-3.1", "x y", 103, "PID^1^3^1^1"),
        ("AIL-3.4", "", 101, "AIL^1^3^1^4"),
        ("MSH-7", "", 101, "MSH^1^7"),
        ("MSH-7", "20261399", 102, "MSH^1^7"),
    ],
)
def test_what_cannot_be_said_in_fhir_is_refused_with_its_place(
    event: Make, path: str, value: str, code: int, place: str
) -> None:
    message = siu_from_event(event(State.BOOKED))
    message[path] = value
    with pytest.raises(Hl7Error) as refused:
        event_from_schedule(message)
    assert (refused.value.code, refused.value.location) == (code, place)


@pytest.mark.parametrize("segment", ["SCH", "PID", "RGS"])
def test_a_schedule_without_one_of_its_segments_is_refused_with_its_name(event: Make, segment: str) -> None:
    message = siu_from_event(event(State.BOOKED))
    del message[segment]
    with pytest.raises(Hl7Error) as refused:
        event_from_schedule(message)
    assert (refused.value.code, refused.value.location) == (100, f"{segment}^1")


@pytest.mark.parametrize("said", WITH_SIU)
@pytest.mark.parametrize("trigger", ["S12", "S13", "S14", "S15", "S17", "S26"])
def test_an_event_that_does_not_say_the_state_is_refused(event: Make, said: State, trigger: str) -> None:
    message = siu_from_event(event(said, has_time=said in TIMED))
    own, message["MSH-9.2"] = message["MSH-9.2"], trigger
    may_have_changed = said in (State.BOOKED, State.RESCHEDULED) and trigger == "S14"
    if trigger == own or may_have_changed:
        assert bundle.only(event_from_schedule(message), "Task")
        return
    with pytest.raises(Hl7Error) as refused:
        event_from_schedule(message)
    assert (refused.value.code, refused.value.location) == (103, "MSH^1^9^1^2")


def test_the_alternative_and_the_free_note_of_a_rejection_arrive_as_two_notes_in_that_order(
    event: Make,
) -> None:
    notes = [{"text": "CENTRO DE SALUD LLAPA"}, {"text": "Hay vacunas el lunes."}]
    message = siu_from_event(event(State.REJECTED, has_time=False, note=notes))
    said = [(note[1], note[3], note["4.1"]) for note in message.segments("NTE")]
    assert said == [("1", "CENTRO DE SALUD LLAPA", "GI"), ("2", "Hay vacunas el lunes.", "RE")]
    assert bundle.only(event_from_schedule(message), "Task")["note"] == notes
    message["NTE[1]-4.1"], message["NTE[2]-4.1"] = "RE", "GI"
    assert bundle.only(event_from_schedule(message), "Task")["note"] == notes[::-1]


def test_a_free_note_of_another_step_is_no_alternative(event: Make) -> None:
    message = siu_from_event(event(State.CANCELLED, note=[{"text": "Se malogró el equipo."}]))
    assert [note["4.1"] for note in message.segments("NTE")] == ["PI", "RE"]


def test_before_there_is_a_time_no_room_and_no_professional_is_named(event: Make) -> None:
    said = event(State.ACCEPTED, has_time=False)
    bundle.only(said, "Appointment")["participant"] = bundle.only(event(State.BOOKED), "Appointment")[
        "participant"
    ]
    message = siu_from_event(said)
    assert (message["AIL-3.2"], message["AIL-3.4"]) == ("", "00004576")
    assert message.segments("AIP") == []


def test_who_acted_is_not_taken_for_who_will_attend(event: Make) -> None:
    said = event(State.BOOKED)
    bundle.only(said, "Appointment")["participant"].pop()
    message = siu_from_event(said)
    assert (message["SCH-16.1"], message["SCH-20.1"]) == ("99000025", "99000025")
    assert message.segments("AIP") == []


def test_what_the_record_did_by_itself_names_the_record(event: Make) -> None:
    said = event(State.BOOKED)
    del bundle.header(said)["enterer"]
    message = siu_from_event(said)
    assert (message["SCH-20.1"], message["AIP-3.1"]) == ("ONEVISIONCAX", "99000025")


@pytest.mark.parametrize(
    ("kind", "change", "place"),
    [
        ("Task", {"businessStatus": {}}, "Task.businessStatus"),
        ("Task", {"owner": {}}, "Task.owner.identifier"),
        ("Appointment", {"start": "2026-02-30T09:00:00-05:00"}, "Appointment.start"),
        ("Appointment", {"start": "2026-11-24"}, "Appointment.start"),
        ("Patient", {"identifier": []}, "Patient.identifier"),
        ("Patient", {"name": []}, "Patient.name.family"),
    ],
)
def test_an_event_that_lacks_what_a_siu_must_say_is_refused_with_its_place(
    event: Make, kind: str, change: dict[str, Any], place: str
) -> None:
    said = event(State.BOOKED)
    bundle.only(said, kind).update(change)
    with pytest.raises(FhirError) as refused:
        siu_from_event(said)
    assert refused.value.expression == place
