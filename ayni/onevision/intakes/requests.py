"""One citizen's request as it stands: the spine Task and the resources that belong to it."""

from dataclasses import dataclass
from datetime import datetime

from ayni.onevision.errors import RequestNotFound
from ayni.onevision.facilities.registry import code_of
from ayni.onevision.record import Chart
from ayni.vocabulary.fhir import Resource, code_in, identifier_in
from ayni.vocabulary.fhir.systems import (
    ORIENTATION_LEVEL,
    RECORD_APPOINTMENT_ID,
    REQUEST_ID,
    REQUEST_STATE,
)
from ayni.vocabulary.request import State


@dataclass(frozen=True, slots=True)
class Request:
    """A request and its resources, all read in one view. `orientation` is QHALI's, "" when it sent none."""

    id: str
    task: Resource
    service_request: Resource
    appointment: Resource
    patient: Resource
    facility: Resource
    orientation: str

    @property
    def state(self) -> State:
        """Where it stands."""
        return State(code_in(self.task["businessStatus"], REQUEST_STATE))

    @property
    def version(self) -> str:
        """The version of the Task that was read; a form sends it back."""
        return str(self.task["meta"]["versionId"])

    @property
    def filler_id(self) -> str:
        """The record's own number of the request."""
        return identifier_in(self.appointment, RECORD_APPOINTMENT_ID)

    @property
    def facility_code(self) -> str:
        """RENIPRESS code of the facility that answers for it."""
        return code_of(self.facility)

    @property
    def start(self) -> datetime | None:
        """When the appointment begins, None while there is no time."""
        start = self.appointment.get("start")
        return datetime.fromisoformat(start) if start else None

    @property
    def changed_at(self) -> datetime:
        """When it came to its state, to the second, as messages tell time."""
        return datetime.fromisoformat(self.task["lastModified"]).replace(microsecond=0)

    @property
    def citizen(self) -> Resource:
        """The citizen as Appointment.participant."""
        return participant_in(self.appointment)

    @property
    def participation(self) -> str:
        """What the citizen says of the appointment (Appointment.participant.status): `accepted`, …"""
        return str(self.citizen["status"])

    @property
    def promised_at(self) -> datetime:
        """Until when the citizen was promised an answer."""
        return datetime.fromisoformat(self.task["restriction"]["period"]["end"])


def find(chart: Chart, request_id: str) -> Request:
    """Reads one request; raises RequestNotFound."""
    found = _tasks(chart, request_id)
    if not found:
        raise RequestNotFound
    return of_task(chart, found[0])


def is_here(chart: Chart, request_id: str) -> bool:
    """Whether the record holds this request."""
    return bool(_tasks(chart, request_id))


def _tasks(chart: Chart, request_id: str) -> list[Resource]:
    return chart.repository.search("Task", group_identifier=f"{REQUEST_ID}|{request_id}", limit=1)


def of_task(chart: Chart, task: Resource) -> Request:
    """The request whose spine is this Task."""
    request_id = identifier_in(task, REQUEST_ID, "groupIdentifier")
    service_request = follow(chart, task["focus"])
    return Request(
        id=request_id,
        task=task,
        service_request=service_request,
        appointment=appointment_of(chart, task),
        patient=follow(chart, task["for"]),
        facility=follow(chart, task["owner"]),
        orientation=_orientation(chart, service_request),
    )


def appointment_of(chart: Chart, task: Resource) -> Resource:
    """The Appointment of the request whose spine is this Task."""
    request_id = identifier_in(task, REQUEST_ID, "groupIdentifier")
    return chart.repository.search("Appointment", identifier=f"{REQUEST_ID}|{request_id}", limit=1)[0]


def participant_in(appointment: Resource) -> Resource:
    """The citizen among the participants of an Appointment; every request has one."""
    return next(each for each in appointment["participant"] if each["actor"]["type"] == "Patient")


def follow(chart: Chart, reference: Resource) -> Resource:
    """The resource a literal reference ("Patient/1") points to; raises NotFound."""
    kind, _, resource_id = str(reference.get("reference", "")).partition("/")
    return chart.repository.read(kind, resource_id)


def supporting(chart: Chart, service_request: Resource, kind: str) -> list[Resource]:
    """The resources of a type that the request was sent with, in their order."""
    references = [
        *service_request.get("reasonReference", []),
        *service_request.get("supportingInfo", []),
    ]
    return [
        follow(chart, reference)
        for reference in references
        if str(reference.get("reference", "")).startswith(f"{kind}/")
    ]


def _orientation(chart: Chart, service_request: Resource) -> str:
    for assessment in supporting(chart, service_request, "RiskAssessment"):
        for prediction in assessment.get("prediction", []):
            if level := code_in(prediction.get("outcome"), ORIENTATION_LEVEL):
                return level
    return ""
