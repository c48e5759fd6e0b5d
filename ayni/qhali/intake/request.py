"""The request itself: ServiceRequest (what is proposed) and Task (the spine that carries its state)."""

from datetime import datetime, timedelta

from ayni.qhali.extraction import Status
from ayni.qhali.intake.findings import icd10, roles
from ayni.qhali.intake.names import Names
from ayni.qhali.intake.narrative import narrative, told_openly
from ayni.qhali.intake.submission import Submission
from ayni.vocabulary.fhir import Resource, systems
from ayni.vocabulary.request import URGENCY, Service, State, Urgency


def service_request(submission: Submission, names: Names) -> Resource:
    """The visit asked for: `proposal` until a person acts; the reason is a symptom, never a diagnosis."""
    urgency = _urgency(submission)
    supporting = ["orientation", "answers", *roles(submission, Status.ABSENT)]
    return {
        "resourceType": "ServiceRequest",
        "id": names.id("service-request"),
        "identifier": [{"system": systems.REQUEST_ID, "value": submission.request_id}],
        "status": "active",
        "intent": "proposal",
        "priority": urgency.fhir_priority,
        "code": {"coding": [_service(Service.OUTPATIENT)]},
        "subject": names.reference("patient"),
        "occurrencePeriod": {"start": _iso(submission.at), "end": _iso(submission.at, urgency.wished_within)},
        "authoredOn": _iso(submission.at),
        "requester": names.reference("patient"),
        "performer": [names.reference("organization")],
        "reasonCode": [_reason(submission)],
        **_present(submission, names),
        "supportingInfo": [names.reference(role) for role in supporting],
        "note": [{"text": narrative(submission.conversation)}],
    }


def _service(service: Service) -> Resource:
    return {"system": systems.SERVICE, "code": service.value, "display": service.display}


def _present(submission: Submission, names: Names) -> Resource:
    present = [names.reference(role) for role in roles(submission, Status.PRESENT)]
    return {"reasonReference": present} if present else {}


def _reason(submission: Submission) -> Resource:
    """The citizen's words; coded only for a symptom, because a situation is no reason of that chapter."""
    complaint = submission.complaint
    if complaint is None:
        return {"text": ". ".join(told_openly(submission.conversation))}
    is_coded = complaint.is_symptom and complaint.cie10
    coded: Resource = {"coding": [icd10(complaint)]} if is_coded else {}
    return coded | {"text": complaint.quote}


def task(submission: Submission, names: Names) -> Resource:
    """One per request. `restriction.period.end` is when an answer is due, by the orientation level."""
    urgency = _urgency(submission)
    state = {
        "system": systems.REQUEST_STATE,
        "code": State.SUBMITTED.value,
        "display": State.SUBMITTED.display,
    }
    return {
        "resourceType": "Task",
        "id": names.id("task"),
        "identifier": [{"system": systems.TASK_ID, "value": submission.request_id}],
        "groupIdentifier": {"system": systems.REQUEST_ID, "value": submission.request_id},
        "status": "requested",
        "businessStatus": {"coding": [state]},
        "intent": "proposal",
        "priority": urgency.fhir_priority,
        "code": {"coding": [{"system": systems.TASK_CODE, "code": "fulfill"}]},
        "focus": names.reference("service-request"),
        "for": names.reference("patient"),
        "authoredOn": _iso(submission.at),
        "lastModified": _iso(submission.at),
        "requester": names.reference("patient"),
        "owner": names.reference("organization"),
        "restriction": {"period": {"end": _iso(submission.at, urgency.answer_within)}},
    }


def _urgency(submission: Submission) -> Urgency:
    assert submission.orientation.level is not None, "a request is sent only once there is a level"
    return URGENCY[submission.orientation.level]


def _iso(at: datetime, later: timedelta = timedelta()) -> str:
    return (at + later).isoformat(timespec="seconds")
