"""HL7 v2.5.1 `SRM^S01` to the FHIR resources that the record keeps of a request.

The Patient is matched by the record first, so references to it are the caller's; ids of the others follow
from the control id, so the same message always becomes the same resources.
"""

import uuid
from datetime import datetime

from ayni.vocabulary.fhir import Resource, systems
from ayni.vocabulary.hl7 import Hl7Error, Message, Segment, parse_date, parse_timestamp
from ayni.vocabulary.maps.coded import concept
from ayni.vocabulary.request import LEVEL_BY_V2_PRIORITY, URGENCY, Urgency, is_request_id
from ayni.vocabulary.request.identifiers import EVENT_NAMESPACE

SYMPTOM_CODES = {"75325-1": "Síntoma", "111551-8": "Síntoma ausente"}
AI_LABEL = {"security": [{"system": systems.OBSERVATION_VALUE, "code": "AIAST"}]}


def request_id_in(message: Message) -> str:
    """ARQ-1; raises Hl7Error with its place when it is no request id."""
    request_id = message["ARQ-1.1"]
    if not is_request_id(request_id):
        raise Hl7Error(
            "expected a request id", code=101, location="ARQ^1^1^1^1", text="Falta el número de pedido."
        )
    return request_id


def facility_in(message: Message) -> str:
    """The RENIPRESS code in AIL-3.4; raises Hl7Error with its place when absent."""
    facility = message["AIL-3.4"]
    if not facility:
        raise Hl7Error(
            "expected a facility", code=101, location="AIL^1^3^1^4", text="Falta el establecimiento."
        )
    return facility


def resources_from_srm(message: Message, *, patient: str) -> list[Resource]:
    """ServiceRequest, Observations, RiskAssessment, Consent and the spine Task of a request.

    `patient` is the record's reference (`Patient/…`). Raises Hl7Error with the place of what is wrong.
    """
    if message.type != "SRM^S01":
        raise Hl7Error("expected SRM^S01", code=200, location="MSH^1^9", text="Tipo de mensaje no admitido.")
    request_id = request_id_in(message)
    subject = {"reference": patient}
    symptoms = [_symptom(obx, request_id, subject) for obx in _symptom_segments(message)]
    risk = _risk_assessment(message, request_id, subject)
    service_request = _service_request(message, request_id, subject, symptoms, risk)
    consents = [_consent(obx, request_id, subject) for obx in _obx(message, "59284-0")]
    if not consents:
        raise Hl7Error("expected a consent", code=101, location="OBX", text="Falta el consentimiento.")
    return [service_request, *symptoms, risk, *consents, _task(message, request_id, subject, service_request)]


def _obx(message: Message, *codes: str) -> list[Segment]:
    return [obx for obx in message.segments("OBX") if obx["3.1"] in codes]


def _symptom_segments(message: Message) -> list[Segment]:
    return _obx(message, *SYMPTOM_CODES)


def _id(request_id: str, role: str) -> str:
    return str(uuid.uuid5(EVENT_NAMESPACE, f"{request_id}#record-{role}"))


def _symptom(obx: Segment, request_id: str, subject: Resource) -> Resource:
    code, number = obx["3.1"], obx[1]
    value = concept((obx["5.1"], obx["5.2"], obx["5.3"]), (obx["5.4"], obx["5.5"], obx["5.6"]))
    if not value:
        raise Hl7Error(
            "expected a coded symptom",
            code=103,
            location=f"OBX^{number}^5",
            text="Síntoma sin código conocido.",
        )
    return {
        "resourceType": "Observation",
        "id": _id(request_id, f"symptom-{number}"),
        "meta": AI_LABEL,
        "status": "preliminary",
        "code": {"coding": [{"system": systems.LOINC, "code": code}], "text": SYMPTOM_CODES[code]},
        "subject": subject,
        "effectiveDateTime": parse_date(obx[14], location=f"OBX^{number}^14").isoformat(),
        "valueCodeableConcept": value | {"text": obx["5.2"]},
    }


def _risk_assessment(message: Message, request_id: str, subject: Resource) -> Resource:
    levels = _obx(message, "orientation")
    if not levels or levels[0]["5.1"] not in URGENCY:
        raise Hl7Error(
            "expected one orientation level", code=101, location="OBX", text="Falta la orientación de QHALI."
        )
    level = levels[0]
    flags = [concept((obx["5.1"], obx["5.2"], obx["5.3"])) for obx in _obx(message, "red-flag")]
    risk: Resource = {
        "resourceType": "RiskAssessment",
        "id": _id(request_id, "risk"),
        "meta": AI_LABEL,
        "status": "preliminary",
        "method": {"coding": [{"system": systems.METHOD, "code": level["17.1"]}], "text": level["17.2"]},
        "code": {
            "coding": [{"system": systems.OBSERVABLE, "code": "orientation"}],
            "text": "Orientación de QHALI",
        },
        "subject": subject,
    }
    if any(flags):
        risk["reasonCode"] = [flag for flag in flags if flag]
    outcome = concept((level["5.1"], level["5.2"], level["5.3"]))
    return risk | {"prediction": [{"outcome": outcome}]}


def _service_request(
    message: Message, request_id: str, subject: Resource, symptoms: list[Resource], risk: Resource
) -> Resource:
    request: Resource = {
        "resourceType": "ServiceRequest",
        "id": _id(request_id, "service-request"),
        "identifier": [{"system": systems.REQUEST_ID, "value": request_id}],
        "status": "active",
        "intent": "proposal",
        "priority": _urgency(message).fhir_priority,
        "code": concept((message["AIS-3.1"], message["AIS-3.2"], message["AIS-3.3"])),
        "subject": subject,
        "authoredOn": _iso(_sent_at(message)),
        "performer": [_organization(facility_in(message))],
        "reasonReference": [{"reference": f"Observation/{each['id']}"} for each in symptoms],
        "supportingInfo": [{"reference": f"RiskAssessment/{risk['id']}"}],
    }
    reasons = [concept((dg1["3.1"], dg1["3.2"], dg1["3.3"])) for dg1 in message.segments("DG1")]
    if any(reasons):
        request["reasonCode"] = [reason for reason in reasons if reason]
    if message["ARQ-11"]:
        request["occurrencePeriod"] = _wished(message)
    if notes := [{"text": note[3]} for note in message.segments("NTE")]:
        request["note"] = notes
    return request


def _wished(message: Message) -> Resource:
    edges = {"start": message["ARQ-11.1"], "end": message["ARQ-11.2"]}
    return {edge: _iso(parse_timestamp(text, location="ARQ^1^11")) for edge, text in edges.items() if text}


def _urgency(message: Message) -> Urgency:
    """The urgency of ARQ-12, which must say what the orientation says: the desk sorts by it."""
    level = LEVEL_BY_V2_PRIORITY.get(message["ARQ-12"])
    if level is None or level not in [obx["5.1"] for obx in _obx(message, "orientation")]:
        raise Hl7Error(
            "expected the priority of the orientation level",
            code=103,
            location="ARQ^1^12",
            text="La prioridad no es la de la orientación.",
        )
    return URGENCY[level]


def _consent(obx: Segment, request_id: str, subject: Resource) -> Resource:
    given_at = parse_timestamp(obx[14], location=f"OBX^{obx[1]}^14")
    return {
        "resourceType": "Consent",
        "id": _id(request_id, f"consent-{obx[1]}"),
        "status": "active",
        "scope": {"coding": [{"system": systems.CONSENT_SCOPE, "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": systems.LOINC, "code": "59284-0"}]}],
        "patient": subject,
        "dateTime": _iso(given_at),
        "policyRule": {"coding": [{"system": systems.ACT_CODE, "code": obx["5.1"]}], "text": obx["5.2"]},
    }


def _task(message: Message, request_id: str, subject: Resource, request: Resource) -> Resource:
    urgency = _urgency(message)
    sent_at = _sent_at(message)
    return {
        "resourceType": "Task",
        "id": _id(request_id, "task"),
        **({"meta": {"tag": [systems.TEST_TAG]}} if message.processing_id == "T" else {}),
        "identifier": [{"system": systems.TASK_ID, "value": request_id}],
        "groupIdentifier": {"system": systems.REQUEST_ID, "value": request_id},
        "status": "requested",
        "businessStatus": concept((message["ARQ-6.1"], message["ARQ-6.2"], message["ARQ-6.3"])),
        "intent": "proposal",
        "priority": urgency.fhir_priority,
        "code": {"coding": [{"system": systems.TASK_CODE, "code": "fulfill"}]},
        "focus": {"reference": f"ServiceRequest/{request['id']}"},
        "for": subject,
        "authoredOn": _iso(sent_at),
        "owner": _organization(facility_in(message)),
        "restriction": {"period": {"end": _iso(_answer_due(sent_at, urgency))}},
    }


def _answer_due(sent_at: datetime, urgency: Urgency) -> datetime:
    try:
        return sent_at + urgency.answer_within
    except OverflowError as error:
        raise Hl7Error(
            "expected a time of this age", code=102, location="MSH^1^7", text="La hora no es posible."
        ) from error


def _sent_at(message: Message) -> datetime:
    if message.timestamp is None:
        raise Hl7Error("expected a time", code=101, location="MSH^1^7", text="Falta la hora del mensaje.")
    return message.timestamp


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _organization(facility: str) -> Resource:
    return {"type": "Organization", "identifier": {"system": systems.RENIPRESS_ID, "value": facility}}
