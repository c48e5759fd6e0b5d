"""The intake Bundle: FHIR R4 `message` with person, consent, facts, orientation and request.

Built by code from confirmed facts, never by a model. Nothing here is chance: the same conversation, request
id and instant give the same bytes, so a request sent twice is one request.
"""

from ayni.qhali.intake import person, request
from ayni.qhali.intake.answers import questionnaire_response
from ayni.qhali.intake.consents import consents
from ayni.qhali.intake.findings import observations
from ayni.qhali.intake.names import Names
from ayni.qhali.intake.orientation import risk_assessment
from ayni.qhali.intake.provenance import provenances
from ayni.qhali.intake.submission import Submission
from ayni.qhali.intake.teller import related_person
from ayni.qhali.intake.transparency import devices
from ayni.vocabulary.fhir import Resource, bundle, systems
from ayni.vocabulary.request import EventKey


def intake_bundle(submission: Submission) -> Resource:
    """The Bundle of one submission."""
    names = Names(submission.request_id)
    resources = [
        _header(submission, names),
        person.patient(submission, names),
        person.organization(submission, names),
        *related_person(submission, names),
        *consents(submission, names),
        questionnaire_response(submission, names),
        *observations(submission, names),
        risk_assessment(submission, names),
        request.service_request(submission, names),
        request.task(submission, names),
        *provenances(submission, names),
        *devices(submission, names),
    ]
    return {
        "resourceType": "Bundle",
        "id": names.id("bundle"),
        **({"meta": {"tag": [systems.TEST_TAG]}} if submission.is_test else {}),
        "identifier": {"system": systems.REQUEST_ID, "value": submission.request_id},
        "type": "message",
        "timestamp": submission.at.isoformat(timespec="seconds"),
        "entry": [bundle.entry(resource) for resource in resources],
    }


def _header(submission: Submission, names: Names) -> Resource:
    return {
        "resourceType": "MessageHeader",
        "id": EventKey(submission.request_id, "Q", 1).header_id,
        "eventUri": systems.INTAKE_SUBMITTED,
        "destination": [
            {"name": "oneVisionCax", "endpoint": "https://engine.example/channels/intake_to_ehr"}
        ],
        "source": {"name": "QHALI", "endpoint": "https://qhali.example/fhir"},
        "focus": [names.reference("task"), names.reference("service-request")],
    }
