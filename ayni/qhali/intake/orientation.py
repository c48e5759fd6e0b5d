"""How soon to be seen, by whom so judged and why (FHIR R4 RiskAssessment)."""

from ayni.qhali.intake.findings import roles
from ayni.qhali.intake.names import Names
from ayni.qhali.intake.submission import Submission
from ayni.qhali.intake.transparency import INFERRED
from ayni.qhali.redflags.rules import VERSION
from ayni.vocabulary.fhir import Resource, systems
from ayni.vocabulary.request import URGENCY


def risk_assessment(submission: Submission, names: Names) -> Resource:
    """QHALI's orientation; never a triage priority, which a health worker sets elsewhere."""
    return {
        "resourceType": "RiskAssessment",
        "id": names.id("orientation"),
        "meta": INFERRED,
        "status": "preliminary",
        "method": {
            "coding": [{"system": systems.METHOD, "code": "qhali-rules", "version": VERSION}],
            "text": f"Reglas QHALI {VERSION}",
        },
        "code": {
            "coding": [{"system": systems.OBSERVABLE, "code": "orientation"}],
            "text": "Orientación de QHALI",
        },
        "subject": names.reference("patient"),
        "occurrenceDateTime": submission.at.isoformat(timespec="seconds"),
        "performer": names.reference("device"),
        **_basis(submission, names),
        "prediction": [{"outcome": {"coding": [_level(submission)]}}],
        "mitigation": submission.orientation.advice,
        **_red_flags(submission),
        **_note(submission),
    }


def _basis(submission: Submission, names: Names) -> Resource:
    """The findings; who is unwell and has no symptom with a name has none."""
    findings = [names.reference(role) for role in roles(submission)]
    return {"basis": findings} if findings else {}


def _level(submission: Submission) -> Resource:
    level = submission.orientation.level
    assert level is not None, "a request is sent only once there is a level"
    return {"system": systems.ORIENTATION_LEVEL, "code": level, "display": URGENCY[level].display}


def _red_flags(submission: Submission) -> Resource:
    flags = [
        {"coding": [{"system": systems.RED_FLAG, "code": rule.id, "display": rule.sign}]}
        for rule in submission.orientation.fired
    ]
    return {"reasonCode": flags} if flags else {}


def _note(submission: Submission) -> Resource:
    """A level that the rules alone would not give says so: a person looks at it first."""
    if not submission.orientation.from_model:
        return {}
    said = f"Nivel por lo que oyó un modelo de lenguaje ({submission.model}); las reglas solas dan uno menor."
    return {"note": [{"text": said}]}
