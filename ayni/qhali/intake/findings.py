"""What was said and what the rules make of it, each fact traceable to the citizen's own characters.

FHIR R4 QuestionnaireResponse, Observation, RiskAssessment, Provenance and Device. AIAST marks what software
inferred.
"""

from ayni.qhali.conversation import Turn
from ayni.qhali.extraction import Fact, Status
from ayni.qhali.intake.enterer import ENTERER, reference_to
from ayni.qhali.intake.names import Names
from ayni.qhali.intake.submission import Submission
from ayni.qhali.redflags.rules import VERSION
from ayni.vocabulary.fhir import Resource, codes, systems
from ayni.vocabulary.request import URGENCY

INFERRED = {"security": [{"system": systems.OBSERVATION_VALUE, "code": "AIAST"}]}
OBSERVATION_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
PARTICIPANT_TYPE = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
LOINC_BY_STATUS = {Status.PRESENT: codes.SYMPTOM_PRESENT, Status.ABSENT: codes.SYMPTOM_ABSENT}


def roles(submission: Submission, status: Status | None = None) -> list[str]:
    """The roles of the findings (`finding-1`…), all or those of one status."""
    return [
        f"finding-{number}"
        for number, fact in enumerate(submission.findings, start=1)
        if status in (None, fact.status)
    ]


def questionnaire_response(submission: Submission, names: Names) -> Resource:
    """The answers from which a fact was taken; the rest of the conversation does not travel."""
    return {
        "resourceType": "QuestionnaireResponse",
        "id": names.id("answers"),
        "identifier": {"system": systems.REQUEST_ID, "value": submission.request_id},
        "questionnaire": f"{systems.BASE}/Questionnaire/intake|{VERSION}",
        "status": "completed",
        "subject": names.reference("patient"),
        "authored": submission.at.isoformat(timespec="seconds"),
        "author": names.reference("device"),
        "source": names.reference("patient"),
        "item": [_item(turn) for turn in submission.conversation.turns if _tells_something(turn, submission)],
    }


def _tells_something(turn: Turn, submission: Submission) -> bool:
    said = {fact.turn for fact in submission.conversation.facts}
    return turn.onset is not None or turn.number in said


def _item(turn: Turn) -> Resource:
    return {
        "linkId": f"turn-{turn.number}",
        "text": turn.question.text,
        "answer": [{"valueString": turn.text}],
    }


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
        "performer": [names.reference("patient")],
        "valueCodeableConcept": {"coding": _codings(fact), "text": fact.term},
        "note": [{"text": fact.quote}],
        "derivedFrom": [names.reference("answers")],
    }


def _codings(fact: Fact) -> list[Resource]:
    ours = {"system": systems.SYMPTOM, "code": fact.concept, "display": fact.term}
    return [ours, icd10(fact)] if fact.cie10 else [ours]


def icd10(fact: Fact) -> Resource:
    """The CIE-10 code of a symptom; its display would be the classification's own words, not ours."""
    return {"system": systems.ICD10, "code": fact.cie10}


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
        "basis": [names.reference(role) for role in roles(submission)],
        "prediction": [{"outcome": {"coding": [_level(submission)]}}],
        "mitigation": submission.orientation.advice,
        **_red_flags(submission),
    }


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


def provenance(submission: Submission, names: Names) -> Resource:
    """Which characters of which answer each fact comes from."""
    inferred = [*roles(submission), "orientation"]
    return {
        "resourceType": "Provenance",
        "id": names.id("provenance"),
        "target": [names.reference(role) for role in inferred],
        "recorded": submission.at.isoformat(timespec="seconds"),
        "reason": [{"coding": [{"system": systems.OBSERVATION_VALUE, "code": "AIAST"}]}],
        "agent": _agents(submission, names),
        "entity": [
            _span(fact, role, names)
            for fact, role in zip(submission.findings, roles(submission), strict=True)
        ],
    }


def _agents(submission: Submission, names: Names) -> list[Resource]:
    """The rules that inferred, who told, and the health worker who typed for them."""
    agents = [
        _agent("author", names.reference("device")),
        _agent("informant", names.reference("patient")),
    ]
    return [*agents, _agent(ENTERER, reference_to(submission.enterer))] if submission.enterer else agents


def _agent(code: str, who: Resource) -> Resource:
    kind = {"coding": [{"system": PARTICIPANT_TYPE, "code": code}]}
    return {"type": kind, "who": who}


def _span(fact: Fact, role: str, names: Names) -> Resource:
    parts = [
        {"url": "turn", "valueInteger": fact.turn},
        {"url": "start", "valueInteger": fact.start},
        {"url": "end", "valueInteger": fact.end},
        {"url": "fact", "valueReference": names.reference(role)},
    ]
    return {
        "extension": [{"url": systems.TEXT_SPAN, "extension": parts}],
        "role": "source",
        "what": names.reference("answers"),
    }


def device(names: Names) -> Resource:
    """The software that inferred, named so that nobody takes it for a person."""
    return {
        "resourceType": "Device",
        "id": names.id("device"),
        "identifier": [{"system": systems.DEVICE_ID, "value": "QHALI-RULES"}],
        "status": "active",
        "deviceName": [{"name": "QHALI, extractor y reglas", "type": "model-name"}],
        "type": {
            "coding": [{"system": systems.AI_KIND, "code": "rule-based"}],
            "text": "Reglas deterministas, sin modelo de lenguaje",
        },
        "version": [{"value": VERSION}],
    }
