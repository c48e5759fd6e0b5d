"""QHALI's orientation: in FHIR a RiskAssessment, in HL7 v2 one OBX for its level and one for each red flag.

A request has exactly one level, and its priority is that level's: whoever reads the priority alone must not
take an emergency for a visit that can wait.
"""

from collections.abc import Iterator

from ayni.vocabulary.fhir import FhirError, Resource, systems
from ayni.vocabulary.hl7 import Hl7Error, Message, Segment
from ayni.vocabulary.maps.coded import Fields, ce, concept, concept_in, known_triples, observed
from ayni.vocabulary.request import LEVEL_BY_V2_PRIORITY, URGENCY, Urgency

ORIENTATION = ("orientation", "Orientación de QHALI", "99AYN")
RED_FLAG = ("red-flag", "Señal de alarma", "99AYN")
LEVELS = "99ORI"

AI_LABEL = {"security": [{"system": systems.OBSERVATION_VALUE, "code": "AIAST"}]}
"""What software inferred."""


def urgency_asked(risk: Resource, service_request: Resource) -> Urgency:
    """The urgency of an intake; raises FhirError unless level and priority are one and the same."""
    urgency = URGENCY[level_coding(risk)["code"]]
    if service_request.get("priority", "routine") != urgency.fhir_priority:
        raise FhirError(
            "business-rule", "La prioridad no es la de la orientación.", expression="ServiceRequest.priority"
        )
    return urgency


def level_coding(risk: Resource) -> Resource:
    """The coding of the one level; raises FhirError for none, two, or one that sends no request."""
    outcomes = [prediction.get("outcome", {}) for prediction in risk.get("prediction", [])]
    codings = [coding for outcome in outcomes for coding in outcome.get("coding", [])]
    levels = [coding for coding in codings if coding.get("system") == systems.ORIENTATION_LEVEL]
    if len(outcomes) != 1 or len(levels) != 1 or levels[0].get("code") not in URGENCY:
        raise FhirError(
            "required",
            "Se espera un nivel de orientación, y solo uno.",
            expression="RiskAssessment.prediction.outcome",
        )
    return dict(levels[0])


def orientation_fields(risk: Resource) -> Iterator[Fields]:
    """OBX-3, -4 and -5 of the level, then of each red flag."""
    level = level_coding(risk)
    yield ce(3, ORIENTATION) | ce(5, (level["code"], level.get("display", ""), LEVELS))
    flags = risk.get("reasonCode", [])
    for number, flag in enumerate(flags, start=1):
        # OBX-4 tells equal codes apart; a single one needs no number
        sub_id: Fields = {4: str(number)} if len(flags) > 1 else {}
        coded = ce(5, *known_triples(flag, "RiskAssessment.reasonCode"))
        yield ce(3, RED_FLAG) | sub_id | coded


def urgency_in(message: Message) -> Urgency:
    """The urgency of ARQ-12, which must be that of the orientation; raises Hl7Error with the place."""
    level = LEVEL_BY_V2_PRIORITY.get(message["ARQ-12"])
    if level is None or level != level_segment(message)["5.1"]:
        raise Hl7Error(
            "expected the priority of the orientation level",
            code=103,
            location="ARQ^1^12",
            text="La prioridad no es la de la orientación.",
        )
    return URGENCY[level]


def level_segment(message: Message) -> Segment:
    """The one OBX that says the level, coded once and in table 99ORI; raises Hl7Error with the place."""
    found = observed(message, ORIENTATION[0])
    if len(found) != 1:
        code, place = (100, found[1][1]) if found else (101, "OBX")
        raise _no_level("expected one orientation", code=code, location=place)
    obx, place = found[0]
    concept_in(obx, 5, place)
    if obx["5.3"] != LEVELS or obx["5.1"] not in URGENCY or obx["5.4"]:
        raise _no_level(f"expected one level of table {LEVELS}", code=103, location=f"{place}^5")
    return obx


def _no_level(reason: str, *, code: int, location: str) -> Hl7Error:
    return Hl7Error(
        reason, code=code, location=location, text="Se espera un nivel de orientación, y solo uno."
    )


def risk_assessment(message: Message) -> Resource:
    """The RiskAssessment of a request, without id and subject; raises Hl7Error with the place."""
    level = level_segment(message)
    flags = [concept_in(obx, 5, place) for obx, place in observed(message, RED_FLAG[0])]
    code, text, _ = ORIENTATION
    return {
        "resourceType": "RiskAssessment",
        "meta": AI_LABEL,
        "status": "preliminary",
        **_method(level),
        "code": {"coding": [{"system": systems.OBSERVABLE, "code": code}], "text": text},
        **({"reasonCode": flags} if flags else {}),
        "prediction": [{"outcome": concept((level["5.1"], level["5.2"], level["5.3"]))}],
    }


def _method(level: Segment) -> Resource:
    code, text = level["17.1"], level["17.2"]
    return {"method": {"coding": [{"system": systems.METHOD, "code": code}], "text": text}} if code else {}
