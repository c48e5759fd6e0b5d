"""What the citizen permits, each purpose by itself (FHIR R4 Consent, Ley 29733).

Only the one to send has the purpose of treatment, by which the engine knows it: no other yes lets a request
through. Those for the ways of telling the citizen come after, in the store.
"""

from datetime import datetime

from ayni.qhali.intake.names import Names
from ayni.qhali.intake.submission import Submission
from ayni.qhali.intake.teller import teller
from ayni.vocabulary.fhir import Resource, bundle, codes, systems
from ayni.vocabulary.fhir.reference import logical

PARTICIPATION_TYPE = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
PATIENT_REQUEST = "PATRQT"
"""v3-ActReason: the patient asked for it."""


def consents(submission: Submission, names: Names) -> list[Resource]:
    """To send first, then to be oriented, then to be heard by a language model where the citizen agreed."""
    found = [_to_send(submission, names), _to_orient(submission, names)]
    return [*found, _to_model(submission, names)] if submission.permission else found


def consent_to_send(intake: Resource) -> Resource:
    """The permission to send in an intake Bundle."""
    return next(
        each
        for each in bundle.resources(intake, "Consent")
        if each["provision"]["purpose"][0]["code"] == codes.TREATMENT
    )


def consents_to_share(intake: Resource) -> list[Resource]:
    """Of the permissions in an intake Bundle those that let something go to somebody else."""
    return [each for each in bundle.resources(intake, "Consent") if "actor" in each["provision"]]


def _to_send(submission: Submission, names: Names) -> Resource:
    text = "enviar mi pedido al registro de salud regional"
    consent = _consent("consent", text, submission.consented_at, submission, names)
    return consent | {
        "organization": [names.reference("organization")],
        "provision": _permit(codes.TREATMENT, names.reference("organization")),
    }


def _to_orient(submission: Submission, names: Names) -> Resource:
    text = "guardar lo que escribo para orientarme"
    consent = _consent("consent-orient", text, submission.began_at, submission, names)
    return consent | {"provision": _permit(PATIENT_REQUEST)}


def _to_model(submission: Submission, names: Names) -> Resource:
    """It may have been taken back while the conversation went on."""
    permission = submission.permission
    assert permission is not None, "asked for only where there is one"
    text = f"que también me lea una inteligencia artificial ({permission.model})"
    consent = _consent("consent-model", text, permission.given_at, submission, names)
    model = logical("Device", systems.DEVICE_ID, permission.model)
    period = {"start": _iso(permission.given_at)}
    if permission.withdrawn_at is not None:
        consent["status"], period["end"] = "inactive", _iso(permission.withdrawn_at)
    return consent | {"provision": _permit(PATIENT_REQUEST, model) | {"period": period}}


def _consent(role: str, text: str, given_at: datetime, submission: Submission, names: Names) -> Resource:
    return {
        "resourceType": "Consent",
        "id": names.id(role),
        "status": "active",
        "scope": {"coding": [{"system": systems.CONSENT_SCOPE, "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": systems.LOINC, "code": codes.CONSENT_DOCUMENT}]}],
        "patient": names.reference("patient"),
        "dateTime": _iso(given_at),
        "performer": [teller(submission, names)],
        "policyRule": {
            "coding": [{"system": systems.ACT_CODE, "code": codes.OPT_IN}],
            "text": f"Ley 29733: {text}",
        },
    }


def _permit(purpose: str, receiver: Resource | None = None) -> Resource:
    actor = {
        "role": {"coding": [{"system": PARTICIPATION_TYPE, "code": "IRCP"}]},
        "reference": receiver,
    }
    return {
        "type": codes.PERMIT,
        **({"actor": [actor]} if receiver else {}),
        "purpose": [{"system": systems.ACT_REASON, "code": purpose}],
    }


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
