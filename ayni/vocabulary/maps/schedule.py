"""A change of state as HL7 v2.5.1 (`SRR^S01`, `SIU^S12…S26`), from the record's canonical event.

The event is a FHIR message Bundle: MessageHeader, Task (the spine, with our state), Appointment, Patient, and
Practitioners: who acted (MessageHeader.enterer) and who will attend (a participant of the Appointment).
HL7 v2.5.1 chapter 10: SCH, TQ1, NTE, PID, PV1, RGS, AIS, AIL, AIP. SCH-6 holds our state and its reason;
SCH-25 stays pure table 0278.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, repeat

from ayni.vocabulary.fhir import FhirError, Resource, bundle, identifier_in, systems
from ayni.vocabulary.fhir.reading import coding_in, moment
from ayni.vocabulary.fhir.reference import inside_bundle
from ayni.vocabulary.hl7 import Message, format_timestamp, new_message
from ayni.vocabulary.maps.coded import (
    ALTERNATIVE,
    CLINIC,
    MINUTES,
    NORMAL,
    PATIENT_INSTRUCTIONS,
    REMARK,
    ROUTINE,
    VISIT_MINUTES,
    Fields,
    ce,
    put,
    triples,
)
from ayni.vocabulary.maps.intake import ONEVISION, QHALI
from ayni.vocabulary.maps.person import add_pid, add_record_number, xcn
from ayni.vocabulary.maps.structure import says_where
from ayni.vocabulary.request import SCHEDULING, EventKey, Expression, State

ACTION = {"S12": "A", "S13": "U", "S14": "U", "S15": "D", "S17": "D", "S26": "U"}
"""Segment action codes (table 0206) of the resources of a SIU."""
RECORD_ITSELF = ("ONEVISIONCAX", "oneVisionCax")


@dataclass(frozen=True, slots=True)
class _Event:
    """The parts of one canonical event, found once."""

    key: EventKey
    at: datetime
    state: State
    expression: Expression
    task: Resource
    appointment: Resource
    patient: Resource
    entered_by: Resource | None
    attending: list[Resource]
    processing_id: str

    @property
    def filler_id(self) -> str:
        return identifier_in(self.appointment, systems.RECORD_APPOINTMENT_ID)

    @property
    def start(self) -> str:
        return _v2_time(self.appointment.get("start", ""), "Appointment.start")

    @property
    def end(self) -> str:
        return _v2_time(self.appointment.get("end", ""), "Appointment.end")

    @property
    def minutes(self) -> str:
        return str(self.appointment.get("minutesDuration", VISIT_MINUTES))

    @property
    def filler_status(self) -> Fields:
        return ce(10, (self.expression.filler_status, self.expression.filler_status, "HL70278"))


@says_where
def siu_from_event(event: Resource) -> Message:
    """The SIU of a scheduling state; raises FhirError when the event lacks what a SIU must say."""
    found = _read(event)
    if not found.expression.siu_event:
        raise FhirError(
            "not-supported", f"{found.state} no viaja como SIU.", expression="Task.businessStatus"
        )
    message = _new_message(found, f"SIU^{found.expression.siu_event}")
    _add_schedule(message, found)
    if found.start:
        message.add("TQ1", {1: "1", 7: found.start, 8: found.end})
    _add_notes(message, found)
    add_record_number(add_pid(message, found.patient), found.patient)
    message.add("PV1", {1: "1", 2: "O", "3.4": _facility(found)})
    _add_resources(message, found, ACTION[found.expression.siu_event])
    return message


@says_where
def srr_from_event(event: Resource, *, answers: str) -> Message:
    """The SRR^S01 that says `received`; `answers` is the control id of the SRM (MSA-2)."""
    found = _read(event)
    message = _new_message(found, "SRR^S01")
    message.add("MSA", {1: "AA", 2: answers})
    _add_schedule(message, found)
    add_pid(message, found.patient)
    _add_resources(message, found, "")
    return message


def _read(event: Resource) -> _Event:
    task, appointment = bundle.only(event, "Task"), bundle.only(event, "Appointment")
    _, key = bundle.identifier(event)
    state, expression = _state(task)
    return _Event(
        key=_event_key(key),
        at=bundle.timestamp(event),
        state=state,
        expression=expression,
        task=task,
        appointment=appointment,
        patient=bundle.only(event, "Patient"),
        entered_by=_entered_by(event),
        attending=_attending(event, appointment),
        processing_id="T" if bundle.is_test(event) else "P",
    )


def _entered_by(event: Resource) -> Resource | None:
    """Who acted; None when the record did so by itself."""
    enterer = bundle.header(event).get("enterer")
    people = bundle.resources(event, "Practitioner")
    return next((person for person in people if inside_bundle(person) == enterer), None)


def _attending(event: Resource, appointment: Resource) -> list[Resource]:
    """Who will attend: not whoever clicked, who may work at the desk."""
    actors = [each.get("actor", {}) for each in appointment.get("participant", [])]
    expected = {
        identifier_in(actor, systems.DNI_ID) for actor in actors if actor.get("type") == "Practitioner"
    } - {""}
    people = bundle.resources(event, "Practitioner")
    return [person for person in people if identifier_in(person, systems.DNI_ID) in expected]


def _state(task: Resource) -> tuple[State, Expression]:
    coding = coding_in(task.get("businessStatus"), systems.REQUEST_STATE)
    try:
        state = State(coding.get("code", ""))
        return state, SCHEDULING[state]
    except (ValueError, KeyError) as error:
        raise FhirError(
            "code-invalid", "Estado que no viaja como SRR ni SIU.", expression="Task.businessStatus"
        ) from error


def _event_key(text: str) -> EventKey:
    try:
        return EventKey.parse(text)
    except ValueError as error:
        raise FhirError("value", "Clave de evento inválida.", expression="Bundle.identifier") from error


def _new_message(event: _Event, kind: str) -> Message:
    return new_message(
        type=kind,
        control_id=str(event.key),
        at=event.at,
        sender=ONEVISION,
        receiver=QHALI,
        processing_id=event.processing_id,
    )


def _add_schedule(message: Message, event: _Event) -> None:
    status = event.expression.filler_status
    schedule = message.add(
        "SCH",
        {
            "1.1": event.key.request_id,
            "1.2": "QHALI",
            "2.1": event.filler_id,
            "2.2": "ONEVISIONCAX",
            **ce(6, (event.state, event.state.display, "99STA"), *_reason(event.task)),
            **ce(7, ROUTINE),
            **ce(8, NORMAL),
            9: event.minutes,
            **ce(10, MINUTES),
        },
    )
    if event.start:
        timing: Fields = {"11.3": f"M{event.minutes}", "11.4": event.start, "11.5": event.end}
        put(schedule, timing)
    put(schedule, _contact(16, event) | _contact(20, event) | ce(25, (status, status, "HL70278")))


def _contact(field: int, event: _Event) -> Fields:
    if event.entered_by:
        return xcn(field, event.entered_by)
    code, name = RECORD_ITSELF
    return {f"{field}.1": code, f"{field}.2": name, f"{field}.9": code}


def _reason(task: Resource) -> list[tuple[str, str, str]]:
    return triples(task.get("statusReason", {}))


def _add_notes(message: Message, event: _Event) -> None:
    instruction = event.appointment.get("patientInstruction")
    notes = [(instruction, PATIENT_INSTRUCTIONS)] if instruction else []
    notes += zip((note.get("text", "") for note in event.task.get("note", [])), _kinds(event), strict=False)
    for number, (text, kind) in enumerate(notes, start=1):
        message.add("NTE", {1: str(number), 2: "L", 3: text, **ce(4, kind)})


def _kinds(event: _Event) -> Iterator[tuple[str, str, str]]:
    """What each note is: of a rejection the first says where else to go, every other one is free."""
    return chain([ALTERNATIVE] if event.state is State.REJECTED else [], repeat(REMARK))


def _add_resources(message: Message, event: _Event, action: str) -> None:
    service = triples((event.appointment.get("serviceType") or [{}])[0])
    duration = {7: event.minutes, **ce(8, MINUTES)}
    acting: Fields = {2: action} if action else {}
    message.add("RGS", {1: "1", **acting})
    ais = message.add("AIS", {1: "1", **acting, **ce(3, *service)})
    if event.start:
        ais[4] = event.start
    put(ais, {**duration, **event.filler_status})
    _add_location(message, event, acting)
    for number, person in enumerate(event.attending if event.start else [], start=1):
        put(message.add("AIP", {1: str(number), **acting, **xcn(3, person)}), _when(event))


def _add_location(message: Message, event: _Event, acting: Fields) -> None:
    location = message.add("AIL", {1: "1", **acting})
    if event.start:  # before there is a time nobody knows the room
        put(location, {"3.2": _room(event.appointment)})
    location["3.4"] = _facility(event)
    put(location, ce(4, CLINIC))
    put(location, _when(event))


def _when(event: _Event) -> Fields:
    status = ce(12, (event.expression.filler_status, event.expression.filler_status, "HL70278"))
    if not event.start:
        return status
    return {6: event.start, 9: event.minutes, **ce(10, MINUTES), **status}


def _facility(event: _Event) -> str:
    owner = event.task.get("owner", {}).get("identifier", {})
    if owner.get("system") != systems.RENIPRESS_ID or not owner.get("value"):
        raise FhirError("required", "Falta el establecimiento.", expression="Task.owner.identifier")
    return str(owner["value"])


def _room(appointment: Resource) -> str:
    """The room after the comma of the location's display: `CALQUIS, consultorio 1`."""
    for participant in appointment.get("participant", []):
        actor = participant.get("actor", {})
        if actor.get("type") == "Location":
            return str(actor.get("display", "")).partition(", ")[2].upper()
    return ""


def _v2_time(text: str, expression: str) -> str:
    if not text:
        return ""
    return format_timestamp(moment(text, expression))
