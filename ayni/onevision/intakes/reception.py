"""Taking in a request: everything it brings becomes resources of the record, in one transaction."""

from datetime import datetime

from ayni.fhirserver import NotFound
from ayni.onevision.facilities.registry import organization_id
from ayni.onevision.intakes import requests
from ayni.onevision.intakes.requests import Request
from ayni.onevision.intakes.steps import note_step, state_concept
from ayni.onevision.patients.identity import match_or_create
from ayni.onevision.record import Chart
from ayni.vocabulary.fhir import Resource, identifier_in
from ayni.vocabulary.fhir.reference import logical, typed_identifier
from ayni.vocabulary.fhir.systems import DNI_ID, RECORD_APPOINTMENT_ID, RENIPRESS_ID, REQUEST_ID
from ayni.vocabulary.hl7 import Hl7Error, Message
from ayni.vocabulary.maps import facility_in, patient_from, request_id_in, resources_from_srm
from ayni.vocabulary.request import SCHEDULING, URGENCY, State

AS_SENT = "as-sent"
ITSELF = {"display": "oneVisionCax"}


def take_in(chart: Chart, message: Message) -> Request:
    """Keeps the request of a SRM^S01; raises Hl7Error with the place of what is wrong."""
    request_id = request_id_in(message)
    if requests.is_here(chart, request_id):
        raise _known_already()
    facility = _facility(chart, facility_in(message))
    sent = patient_from(message)
    patient = match_or_create(chart, sent)
    resources = resources_from_srm(message, patient=f"Patient/{patient['id']}")
    for resource in resources:
        chart.repository.create(_completed(chart, resource, facility, sent))
    chart.repository.create(_appointment(chart, request_id, resources[0]["code"], patient, facility))
    request = requests.find(chart, request_id)
    note_step(chart, request.task["id"], state_concept(State.RECEIVED), who=ITSELF, role="registro")
    return request


def sent_patient(service_request: Resource) -> Resource:
    """The person as the sender described them, kept inside the request beside the record's own Patient."""
    return next(each for each in service_request["contained"] if each["id"] == AS_SENT)


def _facility(chart: Chart, code: str) -> Resource:
    try:
        return chart.repository.read("Organization", organization_id(code))
    except NotFound as error:
        raise Hl7Error(
            "expected a facility of this record",
            code=103,
            location="AIL^1^3^1^4",
            text=f"El establecimiento {code[:8]} no existe en este registro.",
        ) from error


def _known_already() -> Hl7Error:
    return Hl7Error(
        "the request is already here under another control id",
        code=205,
        location="ARQ^1^1^1^1",
        text="Ese pedido ya está en este registro, con otro contenido.",
    )


def _completed(chart: Chart, resource: Resource, facility: Resource, sent: Resource) -> Resource:
    """A resource of the message with what only the record can add."""
    match resource["resourceType"]:
        case "Task":
            return resource | _received(chart, resource, facility)
        case "ServiceRequest":
            own = {"contained": [{**sent, "id": AS_SENT}], "requester": {"reference": f"#{AS_SENT}"}}
            return resource | own | {"performer": [_organization(facility)]}
    return resource


def _received(chart: Chart, task: Resource, facility: Resource) -> Resource:
    urgency = next(each for each in URGENCY.values() if each.fhir_priority == task["priority"])
    promised_at = chart.at + urgency.answer_within
    return {
        "status": SCHEDULING[State.RECEIVED].task_status,
        "businessStatus": state_concept(State.RECEIVED),
        "lastModified": chart.at.isoformat(),
        "owner": _organization(facility),
        "restriction": {"period": {"end": promised_at.isoformat(timespec="seconds")}},
    }


def _organization(facility: Resource) -> Resource:
    code = identifier_in(facility, RENIPRESS_ID)
    reference = {"reference": f"Organization/{facility['id']}", "type": "Organization"}
    return reference | {"identifier": {"system": RENIPRESS_ID, "value": code}}


def _appointment(
    chart: Chart, request_id: str, service: Resource, patient: Resource, facility: Resource
) -> Resource:
    """Proposed, without a time and so without a room; its people and places are named by identifier."""
    who = logical("Patient", DNI_ID, identifier_in(patient, DNI_ID))
    where = logical("Location", RENIPRESS_ID, identifier_in(facility, RENIPRESS_ID))
    return {
        "resourceType": "Appointment",
        "identifier": [
            typed_identifier("PLAC", REQUEST_ID, request_id),
            typed_identifier("FILL", RECORD_APPOINTMENT_ID, _filler_id(chart, chart.at)),
        ],
        "status": "proposed",
        "serviceType": [service],
        "created": chart.at.isoformat(timespec="seconds"),
        "basedOn": [logical("ServiceRequest", REQUEST_ID, request_id)],
        "participant": [
            {"actor": who, "status": "needs-action"},
            {"actor": where | {"display": facility["name"]}, "status": "needs-action"},
        ],
    }


def _filler_id(chart: Chart, at: datetime) -> str:
    """`OV-2026-0000912`."""
    return f"OV-{at.year}-{chart.next_number(f'request {at.year}'):07d}"
