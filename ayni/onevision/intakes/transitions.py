"""Moving a request from state to state: resources, who did it, and the event that must travel, together."""

from dataclasses import dataclass

from ayni.onevision.accounts.staff import Staff
from ayni.onevision.errors import FormIncomplete, RequestChanged
from ayni.onevision.facilities.alternatives import check_alternative
from ayni.onevision.intakes import requests
from ayni.onevision.intakes.actors import Actor
from ayni.onevision.intakes.requests import Request
from ayni.onevision.intakes.steps import note_step, reason_concept, state_concept
from ayni.onevision.interface import events
from ayni.onevision.record import Chart
from ayni.vocabulary import request as rules
from ayni.vocabulary.fhir import Resource
from ayni.vocabulary.request import SCHEDULING, Reason, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What somebody decided: the new state, and what the citizen should know about it.

    `alternative` says where else a rejected citizen can go, `note` is free.
    """

    after: State
    by: Actor
    reason: Reason | None = None
    instruction: str = ""
    alternative: str = ""
    note: str = ""

    @property
    def notes(self) -> list[Resource]:
        """As they travel: the alternative of a rejection comes first, so a reader can tell them apart."""
        return [{"text": text} for text in (self.alternative, self.note) if text]


def open_request(chart: Chart, request: Request, staff: Staff) -> Request:
    """A request that was only received is now being read by a person; any other stays as it is.

    So does one that a role without this step looks at: looking is no decision.
    """
    is_allowed = rules.is_allowed(request.state, State.IN_REVIEW, staff.role)
    if request.state is not State.RECEIVED or not is_allowed:
        return request
    return move(chart, request, Change(after=State.IN_REVIEW, by=staff))


def move(chart: Chart, request: Request, change: Change, *, time: Resource | None = None) -> Request:
    """Makes one step of the table and emits its event; `time` holds the Appointment elements a slot gives.

    Raises TransitionNotAllowed when the table, the role or the orientation forbids it, FormIncomplete when
    the citizen would not hear why or where else to go.
    """
    rules.check(request.state, change.after, change.by.role, orientation=request.orientation)
    _check_words(change, request.facility_code)
    status = SCHEDULING[change.after].service_request_status
    chart.repository.update(_task(chart, request, change), if_match=request.version)
    chart.repository.update(_appointment(request, change) | (time or {}))
    chart.repository.update({**request.service_request, "status": status})
    _note(chart, request, change)
    moved = requests.find(chart, request.id)
    events.emit_change(chart, moved, change.by)
    return moved


def _check_words(change: Change, facility_code: str) -> None:
    """Nobody is sent away without another way, and `other` says nothing by itself."""
    if change.after is State.REJECTED and not change.alternative:
        raise FormIncomplete("alternative", "Escriba a dónde puede ir el ciudadano.")
    if change.alternative:
        check_alternative(change.alternative, facility_code)
    if change.reason is Reason.OTHER and not change.note:
        raise FormIncomplete("note", "Con otro motivo, escriba cuál es.")


def check_version(request: Request, version: str) -> None:
    """Raises RequestChanged when the page the person decided on shows an older version."""
    if request.version != version:
        raise RequestChanged


def _task(chart: Chart, request: Request, change: Change) -> Resource:
    of_this_step = {
        "statusReason": reason_concept(change.reason) if change.reason else None,
        "note": change.notes,
    }
    return _with(request.task, of_this_step) | {
        "status": SCHEDULING[change.after].task_status,
        "businessStatus": state_concept(change.after),
        "lastModified": chart.at.isoformat(),
    }


def _appointment(request: Request, change: Change) -> Resource:
    status = SCHEDULING[change.after].appointment_status or request.appointment["status"]
    reason = reason_concept(change.reason) if change.reason and status == "cancelled" else None
    of_this_step = {"patientInstruction": change.instruction, "cancelationReason": reason}
    return _with(request.appointment, of_this_step) | {"status": status}


def _with(resource: Resource, of_this_step: Resource) -> Resource:
    """The resource with elements that speak of the last step only: what is empty now is taken away."""
    kept = {name: value for name, value in resource.items() if name not in of_this_step}
    return kept | {name: value for name, value in of_this_step.items() if value}


def _note(chart: Chart, request: Request, change: Change) -> None:
    note_step(
        chart,
        request.task["id"],
        state_concept(change.after),
        who=change.by.reference,
        role=change.by.role_name,
        reason=change.reason,
    )
