"""What the citizen has and what they deny: one FHIR R4 Observation each, with their own words.

Codes as in HL7's guide "FHIR Symptoms" 1.0.0-ballot (present LOINC 75325-1, absent 111551-8).
"""

from ayni.qhali.extraction import Fact, Severity, Status
from ayni.qhali.intake.names import Names
from ayni.qhali.intake.submission import Submission
from ayni.qhali.intake.teller import teller
from ayni.qhali.intake.transparency import INFERRED
from ayni.vocabulary.fhir import Resource, codes, systems

OBSERVATION_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
SEVERITY_OF_SYMPTOMS = "64750-3"
SEVERITIES = {
    Severity.MILD: ("LA6752-5", "leve"),
    Severity.MODERATE: ("LA6751-7", "moderado"),
    Severity.SEVERE: ("LA6750-9", "fuerte"),
}
"""LOINC's answers, and the words."""

LOINC_BY_STATUS = {Status.PRESENT: codes.SYMPTOM_PRESENT, Status.ABSENT: codes.SYMPTOM_ABSENT}


def roles(submission: Submission, status: Status | None = None) -> list[str]:
    """The roles of the findings (`finding-1`…), all or those of one status."""
    return [
        f"finding-{number}"
        for number, fact in enumerate(submission.findings, start=1)
        if status in (None, fact.status)
    ]


def observations(submission: Submission, names: Names) -> list[Resource]:
    """One Observation per symptom or situation said to be present or absent."""
    return [
        _observation(fact, role, submission, names)
        for fact, role in zip(submission.findings, roles(submission), strict=True)
    ]


def _observation(fact: Fact, role: str, submission: Submission, names: Names) -> Resource:
    code = LOINC_BY_STATUS[fact.status]
    day = submission.at.date().isoformat()
    when: Resource = (
        {"effectivePeriod": {"start": fact.since.isoformat()}} if fact.since else {"effectiveDateTime": day}
    )
    return {
        "resourceType": "Observation",
        "id": names.id(role),
        "meta": INFERRED,
        "status": "preliminary",
        "category": [{"coding": [{"system": OBSERVATION_CATEGORY, "code": "survey"}]}],
        "code": {"coding": [{"system": systems.LOINC, "code": code}], "text": codes.SYMPTOM_TEXT[code]},
        "subject": names.reference("patient"),
        **when,
        "performer": [teller(submission, names)],
        "valueCodeableConcept": {"coding": _codings(fact), "text": fact.term},
        "note": [{"text": fact.quote}],
        **({"bodySite": {"text": fact.site}} if fact.site else {}),
        "derivedFrom": [names.reference("answers")],
        **_severity(fact),
    }


def _severity(fact: Fact) -> Resource:
    """How strong, where the citizen said so."""
    if fact.severity not in SEVERITIES or fact.status is not Status.PRESENT:
        return {}
    code, text = SEVERITIES[fact.severity]
    value = {"coding": [{"system": systems.LOINC, "code": code}], "text": text}
    kind = {"coding": [{"system": systems.LOINC, "code": SEVERITY_OF_SYMPTOMS}]}
    return {"component": [{"code": kind, "valueCodeableConcept": value}]}


def _codings(fact: Fact) -> list[Resource]:
    ours = {"system": systems.SYMPTOM, "code": fact.concept, "display": fact.term}
    return [ours, icd10(fact)] if fact.cie10 else [ours]


def icd10(fact: Fact) -> Resource:
    """The CIE-10 code of a symptom; its display would be the classification's own words, not ours."""
    return {"system": systems.ICD10, "code": fact.cie10}
