"""HL7 v2.5.1 `SRM^S01` to the FHIR resources that the record keeps of a request.

The Patient is matched by the record first, so references to it are the caller's; ids of the others follow
from the request id and their place in the message, so the same message always becomes the same resources.
"""

import uuid
from datetime import datetime

from ayni.vocabulary.fhir import Resource, codes, systems
from ayni.vocabulary.hl7 import Hl7Error, Message, parse_date, parse_timestamp
from ayni.vocabulary.maps.coded import concept, concept_in, observed
from ayni.vocabulary.maps.conformance import check_type, check_whole
from ayni.vocabulary.maps.consent import consent_from
from ayni.vocabulary.maps.orientation import AI_LABEL, risk_assessment, urgency_in
from ayni.vocabulary.request import Service, Urgency, is_request_id
from ayni.vocabulary.request.identifiers import EVENT_NAMESPACE


def check_request(message: Message) -> None:
    """What must be right before the content of a request is looked at; raises Hl7Error with the place."""
    check_type(message, frozenset({"SRM^S01"}))
    check_whole(message)


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
    request_id, urgency = request_id_in(message), urgency_in(message)
    subject = {"reference": patient}
    findings = [each | {"subject": subject} for each in (*_symptoms(message), risk_assessment(message))]
    consents = [each | {"patient": subject} for each in _consents(message)]
    *symptoms, risk = _named(findings, request_id)
    service_request = _service_request(message, request_id, urgency, subject)
    service_request["supportingInfo"] = [{"reference": f"RiskAssessment/{risk['id']}"}]
    if symptoms:
        service_request["reasonReference"] = [{"reference": f"Observation/{each['id']}"} for each in symptoms]
    task = _task(message, request_id, urgency, service_request)
    return [service_request, *symptoms, risk, *_named(consents, request_id), task]


def _named(resources: list[Resource], request_id: str) -> list[Resource]:
    """Each with an id made of the request and its place among its kind."""
    return [
        {"resourceType": each["resourceType"], "id": _id(request_id, f"{each['resourceType']}-{number}")}
        | each
        for number, each in enumerate(resources, start=1)
    ]


def _id(request_id: str, role: str) -> str:
    return str(uuid.uuid5(EVENT_NAMESPACE, f"{request_id}#record-{role}"))


def _symptoms(message: Message) -> list[Resource]:
    return [
        {
            "resourceType": "Observation",
            "meta": AI_LABEL,
            "status": "preliminary",
            "code": _symptom_code(obx["3.1"]),
            "effectiveDateTime": parse_date(obx[14], location=f"{place}^14").isoformat(),
            "valueCodeableConcept": concept_in(obx, 5, place) | {"text": obx["5.2"]},
        }
        for obx, place in observed(message, *codes.SYMPTOM_TEXT)
    ]


def _symptom_code(code: str) -> Resource:
    return {"coding": [{"system": systems.LOINC, "code": code}], "text": codes.SYMPTOM_TEXT[code]}


def _consents(message: Message) -> list[Resource]:
    found = [consent_from(obx, place) for obx, place in observed(message, codes.CONSENT_DOCUMENT)]
    if not found:
        raise Hl7Error("expected a consent", code=101, location="OBX", text="Falta el consentimiento.")
    return found


def _service_request(message: Message, request_id: str, urgency: Urgency, subject: Resource) -> Resource:
    request: Resource = {
        "resourceType": "ServiceRequest",
        "id": _id(request_id, "service-request"),
        "identifier": [{"system": systems.REQUEST_ID, "value": request_id}],
        "status": "active",
        "intent": "proposal",
        "priority": urgency.fhir_priority,
        "code": _service(message),
        "subject": subject,
        "authoredOn": _iso(_sent_at(message)),
        "performer": [_organization(facility_in(message))],
    }
    reasons = enumerate(message.segments("DG1"), start=1)
    if coded := [concept_in(dg1, 3, f"DG1^{number}") for number, dg1 in reasons]:
        request["reasonCode"] = coded
    if message["ARQ-11"]:
        request["occurrencePeriod"] = _wished(message)
    if notes := [{"text": note[3]} for note in message.segments("NTE")]:
        request["note"] = notes
    return request


def _service(message: Message) -> Resource:
    """The service of AIS-3; raises Hl7Error 103 for one that no facility offers."""
    code, table = message["AIS-3.1"], message["AIS-3.3"]
    if code not in set(Service) or table != "99SVC":
        raise Hl7Error(
            "expected a service of table 99SVC",
            code=103,
            location="AIS^1^3",
            text="Ese servicio no existe en este registro.",
        )
    return concept((code, message["AIS-3.2"], table))


def _wished(message: Message) -> Resource:
    start, end = (
        parse_timestamp(text, location=f"ARQ^1^11^1^{component}") if text else None
        for component, text in ((1, message["ARQ-11.1"]), (2, message["ARQ-11.2"]))
    )
    if start and end and end < start:
        raise Hl7Error(
            "expected an end after the start",
            code=102,
            location="ARQ^1^11^1^2",
            text="El plazo pedido termina antes de empezar.",
        )
    return {edge: _iso(at) for edge, at in (("start", start), ("end", end)) if at}


def _task(message: Message, request_id: str, urgency: Urgency, request: Resource) -> Resource:
    """The spine as it was sent; when an answer is due is the record's promise, so the record adds it."""
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
        "for": request["subject"],
        "authoredOn": request["authoredOn"],
        "owner": _organization(facility_in(message)),
    }


def _sent_at(message: Message) -> datetime:
    if message.timestamp is None:
        raise Hl7Error("expected a time", code=101, location="MSH^1^7", text="Falta la hora del mensaje.")
    return message.timestamp


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _organization(facility: str) -> Resource:
    return {"type": "Organization", "identifier": {"system": systems.RENIPRESS_ID, "value": facility}}
