"""HL7 v2.5.1 `SRR^S01` and `SIU^S12…S26` to the FHIR message that tells QHALI of a change of state.

SCH-6 decides the state; the event of MSH-9 and SCH-25 must agree. Only what concerns the request travels
on: the Patient stays behind as a reference by DNI, because QHALI already knows its citizen.
"""

import re
import uuid
from datetime import datetime

from ayni.vocabulary.fhir import Resource, bundle, systems
from ayni.vocabulary.fhir.reference import inside_bundle, logical, typed_identifier
from ayni.vocabulary.hl7 import Hl7Error, Message, Segment, parse_timestamp
from ayni.vocabulary.maps.coded import ALTERNATIVE, PATIENT_INSTRUCTIONS, concept
from ayni.vocabulary.maps.conformance import check_type, require_segments
from ayni.vocabulary.maps.person import dni_in
from ayni.vocabulary.peru import facility
from ayni.vocabulary.request import SCHEDULING, EventKey, Expression, Reason, State
from ayni.vocabulary.request.identifiers import EVENT_NAMESPACE

ACCEPTED_TYPES = frozenset({"SRR^S01", *(f"SIU^S{number}" for number in (12, 13, 14, 15, 17, 26))})
ANSWER_EVENT, CHANGED_EVENT = "S01", "S14"
MAY_HAVE_NO_TIME = frozenset({"proposed", "waitlist", "cancelled"})
"""The Appointment statuses that R4 allows without start and end (invariant app-3)."""
_MINUTES = re.compile("[1-9][0-9]{0,3}")


def event_key_of(message: Message) -> EventKey:
    """The event key in MSH-10; raises Hl7Error with its place."""
    try:
        key = EventKey.parse(message.control_id)
    except ValueError as error:
        raise Hl7Error(
            "expected an event key", code=102, location="MSH^1^10", text="MSH-10 no es una clave de evento."
        ) from error
    if key.direction != "R":
        raise Hl7Error(
            "expected an event of the record",
            code=102,
            location="MSH^1^10",
            text="MSH-10 no es una clave de evento del registro.",
        )
    if key.request_id != message["SCH-1.1"]:
        raise Hl7Error(
            "MSH-10 and SCH-1 name different requests",
            code=204,
            location="SCH^1^1^1^1",
            text="SCH-1 no es el pedido de MSH-10.",
        )
    return key


def event_from_schedule(message: Message) -> Resource:
    """The message Bundle of a state change; raises Hl7Error with code and place for what cannot be said."""
    check_type(message, ACCEPTED_TYPES)
    require_segments(message, "SCH", "RGS")
    key = event_key_of(message)
    state, expression = state_of(message)
    at = _at(message)
    task = _task(message, key, state, expression, at)
    resources = [task]
    if expression.appointment_status is not None:
        appointment = _appointment(message, key, expression, at)
        resources.append(appointment)
        if "start" in appointment:
            task["output"] = [{"type": {"text": "cita"}, "valueReference": inside_bundle(appointment)}]
    return {
        "resourceType": "Bundle",
        "id": str(uuid.uuid5(EVENT_NAMESPACE, f"{key}#bundle")),
        **({"meta": {"tag": [systems.TEST_TAG]}} if message.processing_id == "T" else {}),
        "identifier": {"system": systems.EVENT_ID, "value": str(key)},
        "type": "message",
        "timestamp": at,
        "entry": [bundle.entry(each) for each in (_header(key, resources), *resources)],
    }


def state_of(message: Message) -> tuple[State, Expression]:
    """The state in SCH-6.1 (table 99STA) and how it must be said; raises Hl7Error 103 with the place."""
    try:
        state = State(message["SCH-6.1"])
        expression = SCHEDULING[state]
    except (ValueError, KeyError) as error:
        raise _not_in_table("SCH^1^6^1^1", "Estado desconocido en SCH-6.") from error
    if message["SCH-6.3"] != "99STA":
        raise _not_in_table("SCH^1^6^1^3", "El estado de SCH-6 no es de la tabla 99STA.")
    if message["SCH-25.1"] != expression.filler_status:
        raise _not_in_table("SCH^1^25^1^1", "SCH-25 no concuerda con SCH-6.")
    if message["MSH-9.2"] not in _events_of(expression):
        raise _not_in_table("MSH^1^9^1^2", "El evento de MSH-9 no concuerda con SCH-6.")
    return state, expression


def _events_of(expression: Expression) -> set[str]:
    """The events that may say a state: its own, and S14 when only the room or the professional changed."""
    own = expression.siu_event or ANSWER_EVENT
    return {own, CHANGED_EVENT} if expression.filler_status == "Booked" else {own}


def _not_in_table(location: str, text: str) -> Hl7Error:
    return Hl7Error("expected a value that agrees", code=103, location=location, text=text)


def _header(key: EventKey, focus: list[Resource]) -> Resource:
    return {
        "resourceType": "MessageHeader",
        "id": key.header_id,
        "extension": [{"url": systems.EVENT_SEQUENCE, "valuePositiveInt": key.sequence}],
        "eventUri": systems.STATE_CHANGED,
        "destination": [{"name": "QHALI", "endpoint": "https://qhali.example/fhir"}],
        "source": {"name": "oneVisionCax", "endpoint": "https://engine.example/channels/state_to_qhali"},
        "focus": [inside_bundle(each) for each in focus],
    }


def _task(message: Message, key: EventKey, state: State, expression: Expression, at: str) -> Resource:
    task: Resource = {
        "resourceType": "Task",
        "id": str(uuid.uuid5(EVENT_NAMESPACE, f"{key.request_id}#task")),
        "identifier": [{"system": systems.TASK_ID, "value": key.request_id}],
        "groupIdentifier": {"system": systems.REQUEST_ID, "value": key.request_id},
        "status": expression.task_status,
        "businessStatus": concept((state, state.display, "99STA")),
    }
    if reason := _reason(message):
        task["statusReason"] = reason
    task |= {
        "intent": "proposal",
        "code": {"coding": [{"system": systems.TASK_CODE, "code": "fulfill"}]},
        "focus": logical("ServiceRequest", systems.REQUEST_ID, key.request_id),
        "for": logical("Patient", systems.DNI_ID, dni_in(message)),
        "lastModified": at,
        "owner": logical("Organization", systems.RENIPRESS_ID, _required(message, "AIL-3.4")),
    }
    if notes := _notes(message):
        task["note"] = notes
    return task


def _notes(message: Message) -> list[Resource]:
    """What staff wrote for the citizen; of a rejection the first is the alternative, the second is free."""
    notes = [note for note in message.segments("NTE") if note[3] and note["4.1"] != PATIENT_INSTRUCTIONS[0]]
    return [{"text": note[3]} for note in sorted(notes, key=lambda note: note["4.1"] != ALTERNATIVE[0])]


def _required(message: Message, path: str) -> str:
    """The component at a path such as `AIL-3.4`; raises Hl7Error 101 with its place when it is empty."""
    if value := message[path]:
        return value
    segment, _, place = path.partition("-")
    field, _, component = place.partition(".")
    location = f"{segment}^1^{field}^1^{component}"
    raise Hl7Error(f"expected {path}", code=101, location=location, text=f"Falta {path}.")


def _reason(message: Message) -> Resource:
    code = message["SCH-6.4"]
    if not code:
        return {}
    if code not in set(Reason):
        raise _not_in_table("SCH^1^6^1^4", "Motivo desconocido en SCH-6.")
    if message["SCH-6.6"] != "99RSN":
        raise _not_in_table("SCH^1^6^1^6", "El motivo de SCH-6 no es de la tabla 99RSN.")
    return concept((code, Reason(code).display, "99RSN"))


def _appointment(message: Message, key: EventKey, expression: Expression, at: str) -> Resource:
    appointment: Resource = {
        "resourceType": "Appointment",
        "id": str(uuid.uuid5(EVENT_NAMESPACE, f"{key.request_id}#appointment")),
        **({"meta": {"tag": [systems.TEST_TAG]}} if message.processing_id == "T" else {}),
        "identifier": [
            typed_identifier("PLAC", systems.REQUEST_ID, key.request_id),
            typed_identifier("FILL", systems.RECORD_APPOINTMENT_ID, _required(message, "SCH-2.1")),
        ],
        "status": _status(expression, has_time=bool(message["SCH-11.4"])),
    }
    if expression.appointment_status == "cancelled" and (reason := _reason(message)):
        appointment["cancelationReason"] = reason
    if service := concept((message["AIS-3.1"], message["AIS-3.2"], message["AIS-3.3"])):
        appointment["serviceType"] = [service]
    appointment["appointmentType"] = {"coding": [{"system": systems.TABLE_0276, "code": "ROUTINE"}]}
    appointment |= _time(message)
    appointment["created"] = at
    if instruction := next(
        (n[3] for n in message.segments("NTE") if n["4.1"] == PATIENT_INSTRUCTIONS[0]), ""
    ):
        appointment["patientInstruction"] = instruction
    appointment["basedOn"] = [logical("ServiceRequest", systems.REQUEST_ID, key.request_id)]
    appointment["participant"] = _participants(message, accepted="start" in appointment)
    return appointment


def _status(expression: Expression, *, has_time: bool) -> str:
    status = str(expression.appointment_status)
    if has_time or status in MAY_HAVE_NO_TIME:
        return status
    if status == "entered-in-error":
        return "cancelled"  # R4 has no appointment in error that never had a time
    raise Hl7Error(
        f"expected a time with {status}", code=101, location="SCH^1^11^1^4", text="Falta la hora en SCH-11."
    )


def _time(message: Message) -> Resource:
    if not message["SCH-11.4"]:
        return {}
    start = parse_timestamp(message["SCH-11.4"], location="SCH^1^11^1^4")
    end = parse_timestamp(message["SCH-11.5"], location="SCH^1^11^1^5")
    if end <= start:
        raise Hl7Error(
            "expected an end after the start",
            code=102,
            location="SCH^1^11^1^5",
            text="La cita termina antes de empezar.",
        )
    return {"start": _iso(start), "end": _iso(end), "minutesDuration": _minutes(message["SCH-9"])}


def _minutes(text: str) -> int:
    if _MINUTES.fullmatch(text) is None:
        raise Hl7Error(
            "expected 1 to 9999 minutes", code=102, location="SCH^1^9", text="Duración inválida en SCH-9."
        )
    return int(text)


def _participants(message: Message, *, accepted: bool) -> list[Resource]:
    answer = "accepted" if accepted else "needs-action"
    patient = logical("Patient", systems.DNI_ID, dni_in(message))
    people = (person for person in message.segments("AIP") if person["3.1"])
    return [
        {"actor": patient, "status": "needs-action"},
        {"actor": _location(message), "status": answer},
        *({"actor": _practitioner(person), "status": answer} for person in people),
    ]


def _location(message: Message) -> Resource:
    """Where to go, in words a citizen knows: `CALQUIS, consultorio 1`."""
    known = facility(message["AIL-3.4"])
    words = ", ".join(filter(None, (known.name if known else "", message["AIL-3.2"].lower())))
    place = logical("Location", systems.RENIPRESS_ID, message["AIL-3.4"])
    return place | ({"display": words} if words else {})


def _practitioner(person: Segment) -> Resource:
    display = " ".join(filter(None, (person["3.3"], person["3.2"])))
    who = logical("Practitioner", systems.DNI_ID, person["3.1"])
    return who | ({"display": display} if display else {})


def _at(message: Message) -> str:
    if not message["MSH-7"]:
        raise Hl7Error("expected a time", code=101, location="MSH^1^7", text="Falta la hora del mensaje.")
    return _iso(parse_timestamp(message["MSH-7"], location="MSH^1^7"))


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
