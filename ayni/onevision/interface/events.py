"""What must travel: one canonical event per change of state, written in the transaction of the change.

The event is a FHIR message Bundle; how it is said in HL7 v2 is decided when it is sent, so an error in
saying it never loses it.
"""

from ayni.fhirserver import NotFound
from ayni.onevision.intakes.actors import Actor
from ayni.onevision.intakes.requests import Request, follow
from ayni.onevision.record import Chart
from ayni.vocabulary.fhir import Resource, dumps, identifier_in
from ayni.vocabulary.fhir.bundle import entry
from ayni.vocabulary.fhir.reference import inside_bundle, logical
from ayni.vocabulary.fhir.systems import (
    DNI_ID,
    EVENT_ID,
    EVENT_SEQUENCE,
    RENIPRESS_ID,
    REQUEST_ID,
    STATE_CHANGED,
    TEST_TAG,
)
from ayni.vocabulary.request import EventKey
from ayni.wire import outbox
from ayni.wire.clock import TEST_TRAFFIC

SOURCE = {"name": "oneVisionCax", "endpoint": "https://onevision.example/fhir"}
DESTINATION = {"name": "QHALI", "endpoint": "https://qhali.example/fhir"}


def emit_change(chart: Chart, request: Request, by: Actor) -> None:
    """Puts the event of a change in the outbox; it waits there for the link and for its turn."""
    event = _event(chart, request, _next_key(chart, request), _practitioner(chart, by))
    outbox.append(chart.tx, event_key=_key(event), request_id=request.id, content=dumps(event), now=chart.now)


def emit_received(chart: Chart, request: Request) -> Resource:
    """Keeps R001 in the log and returns it: it travels as the answer itself, so it is delivered with it."""
    event = _event(chart, request, _next_key(chart, request), None)
    outbox.append_delivered(
        chart.tx, event_key=_key(event), request_id=request.id, content=dumps(event), now=chart.now
    )
    return event


def standing(chart: Chart, request: Request, key: EventKey) -> Resource:
    """How the request stands, told as an event is: what became of the citizen's event of this key."""
    return _event(chart, request, key, None)


def _next_key(chart: Chart, request: Request) -> EventKey:
    return EventKey(request.id, "R", chart.next_number(f"event {request.id}"))


def _key(event: Resource) -> str:
    return str(event["identifier"]["value"])


def _practitioner(chart: Chart, by: Actor) -> Resource | None:
    """The Practitioner who acted, as the message names them; None for a citizen, and for who has none."""
    try:
        acted = follow(chart, by.reference)
    except NotFound:
        return None
    return acted if acted["resourceType"] == "Practitioner" else None


def _event(chart: Chart, request: Request, key: EventKey, acted: Resource | None) -> Resource:
    task, appointment = _task(request), _appointment(request)
    people = {person["id"]: person for person in (acted, *_attending(chart, request)) if person}
    header = _header(key, task, appointment) | ({"enterer": inside_bundle(acted)} if acted else {})
    resources = [header, task, appointment, *map(_bare, (request.patient, *people.values()))]
    return {
        "resourceType": "Bundle",
        "id": chart.repository.new_id(),
        **({"meta": {"tag": [TEST_TAG]}} if chart.processing_id == TEST_TRAFFIC else {}),
        "identifier": {"system": EVENT_ID, "value": str(key)},
        "type": "message",
        "timestamp": chart.at.isoformat(timespec="seconds"),
        "entry": [entry(resource) for resource in resources],
    }


def _attending(chart: Chart, request: Request) -> list[Resource]:
    """Who will attend the appointment, where the schedule says so; seldom whoever booked it."""
    actors = [participant["actor"] for participant in request.appointment["participant"]]
    return [follow(chart, actor) for actor in actors if actor["type"] == "Practitioner"]


def _header(key: EventKey, *focus: Resource) -> Resource:
    return {
        "resourceType": "MessageHeader",
        "id": key.header_id,
        "extension": [{"url": EVENT_SEQUENCE, "valuePositiveInt": key.sequence}],
        "eventUri": STATE_CHANGED,
        "destination": [DESTINATION],
        "source": SOURCE,
        "focus": [inside_bundle(resource) for resource in focus],
    }


def _task(request: Request) -> Resource:
    """The spine with references by identifier: the receiver does not know the record's own ids."""
    references = {
        "focus": logical("ServiceRequest", REQUEST_ID, request.id),
        "for": logical("Patient", DNI_ID, identifier_in(request.patient, DNI_ID)),
        "owner": logical("Organization", RENIPRESS_ID, request.facility_code),
    }
    output = {
        "type": {"text": "cita"},
        "valueReference": inside_bundle(request.appointment),
    }
    return _without(_bare(request.task), "requester") | references | {"output": [output]}


def _appointment(request: Request) -> Resource:
    """The appointment without what only the record understands: its slot, its own references."""
    appointment = _without(_bare(request.appointment), "slot")
    participants = [
        each | {"actor": _without(each["actor"], "reference")} for each in appointment["participant"]
    ]
    return appointment | {"participant": participants}


def _bare(resource: Resource) -> Resource:
    """Without the store's own stamps."""
    meta = _without(resource["meta"], "versionId", "lastUpdated")
    return _without(resource, "meta") | ({"meta": meta} if meta else {})


def _without(element: Resource, *names: str) -> Resource:
    return {name: value for name, value in element.items() if name not in names}
