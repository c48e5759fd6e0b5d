"""The citizen's request: FHIR intake message to HL7 v2.5.1 `SRM^S01` (request for appointment).

Source: HL7 v2.5.1 chapter 10 (SRM_S01) and 7 (OBX). v2 has no place for text spans, for the questionnaire
or for consents beyond the one to send; the engine keeps the original Bundle.
"""

from collections.abc import Iterator

from ayni.vocabulary.fhir import FhirError, Resource, bundle, code_in, identifier_in, systems
from ayni.vocabulary.fhir.reading import coding_in, moment
from ayni.vocabulary.hl7 import Message, format_timestamp, new_message
from ayni.vocabulary.maps.coded import CLINIC, MINUTES, NORMAL, ROUTINE, VISIT_MINUTES, Fields, ce, triples
from ayni.vocabulary.maps.person import add_pid, date_digits, xcn
from ayni.vocabulary.request import URGENCY, EventKey, State, is_request_id

QHALI = ("QHALI", "ZLTECH")
ONEVISION = ("ONEVISIONCAX", "DIRESA-CAJ")
PRESENT = ("75325-1", "Symptom", "LN")
ABSENT = ("111551-8", "Síntoma ausente", "LN")
ORIENTATION = ("orientation", "Orientación de QHALI", "99AYN")
RED_FLAG = ("red-flag", "Señal de alarma", "99AYN")
CONSENT = ("59284-0", "Consent Document", "LN")
OPT_IN = "OPTIN"


def request_id_of(intake: Resource) -> str:
    """The request id of an intake Bundle; raises FhirError with the place when there is none."""
    system, value = bundle.identifier(intake)
    if system != systems.REQUEST_ID or not is_request_id(value):
        raise FhirError(
            "value", "Bundle.identifier no es un número de pedido.", expression="Bundle.identifier"
        )
    return value


def srm_from_intake(intake: Resource) -> Message:
    """The SRM^S01 of an intake Bundle; raises FhirError with the place of what is missing or wrong."""
    header = bundle.header(intake)
    if header.get("eventUri") != systems.INTAKE_SUBMITTED:
        raise FhirError(
            "not-supported",
            "Este canal recibe solo pedidos (intake-submitted).",
            expression="Bundle.entry[0].resource.eventUri",
            http_status=400,
        )
    request_id = request_id_of(intake)
    message = new_message(
        type="SRM^S01",
        control_id=str(EventKey(request_id, "Q", 1)),
        at=bundle.timestamp(intake),
        sender=QHALI,
        receiver=ONEVISION,
        processing_id="T" if bundle.is_test(intake) else "P",
    )
    _add_request(message, intake, request_id)
    add_pid(message, bundle.only(intake, "Patient"))
    facility = _facility(intake)
    message.add("PV1", {1: "1", 2: "O", "3.4": facility})
    for number, fields in enumerate(_observations(intake), start=1):
        message.add("OBX", {1: str(number), 2: "CE", **fields})
    _add_reasons(message, intake)
    _add_resources(message, intake, facility)
    return message


def _add_request(message: Message, intake: Resource, request_id: str) -> None:
    service_request = bundle.only(intake, "ServiceRequest")
    message.add(
        "ARQ",
        {
            "1.1": request_id,
            "1.2": "QHALI",
            **ce(6, (State.SUBMITTED, State.SUBMITTED.display, "99STA")),
            **ce(7, ROUTINE),
            **ce(8, NORMAL),
            9: str(VISIT_MINUTES),
            **ce(10, MINUTES),
            **_wished_range(service_request),
            12: _priority(intake, service_request),
            **xcn(15, bundle.only(intake, "Patient")),
            **_entered_by(intake),
        },
    )
    notes = service_request.get("note", [])
    for number, note in enumerate(notes, start=1):
        reason = ce(4, ("1R", "Primary Reason", "HL70364"))
        message.add("NTE", {1: str(number), 2: "P", 3: note.get("text", ""), **reason})


def _priority(intake: Resource, service_request: Resource) -> str:
    """ARQ-12, which must be that of the orientation: an emergency sent as routine would be read last."""
    level = code_in(_outcome(bundle.only(intake, "RiskAssessment")), systems.ORIENTATION_LEVEL)
    if service_request.get("priority", "routine") != URGENCY[level].fhir_priority:
        raise FhirError(
            "business-rule", "La prioridad no es la de la orientación.", expression="ServiceRequest.priority"
        )
    return URGENCY[level].v2_priority


def _wished_range(service_request: Resource) -> Fields:
    period = service_request.get("occurrencePeriod", {})
    return {
        f"11.{component}": format_timestamp(moment(period[edge], f"ServiceRequest.occurrencePeriod.{edge}"))
        for component, edge in ((1, "start"), (2, "end"))
        if edge in period
    }


def _entered_by(intake: Resource) -> Fields:
    entered_by = _software(19, _device(intake))
    return entered_by | {"19.9": "QHALI"} if entered_by else {}


def _device(intake: Resource) -> str:
    device: Resource = next(bundle.resources(intake, "Device"), {})
    return identifier_in(device, systems.DEVICE_ID)


def _facility(intake: Resource) -> str:
    facility = identifier_in(bundle.only(intake, "Organization"), systems.RENIPRESS_ID)
    if not facility:
        raise FhirError("required", "Falta el código RENIPRESS.", expression="Organization.identifier")
    return facility


def _observations(intake: Resource) -> Iterator[Fields]:
    """What was inferred, one OBX each: symptoms present, then absent, orientation, red flags, consent."""
    risk = bundle.only(intake, "RiskAssessment")
    made_by = _method(risk) | _software(18, _device(intake))
    for finding in (*_symptoms(intake, PRESENT), *_symptoms(intake, ABSENT), *_orientation(risk)):
        yield finding | made_by
    yield _consent(intake)


def _symptoms(intake: Resource, kind: tuple[str, str, str]) -> Iterator[Fields]:
    observations = bundle.resources(intake, "Observation")
    same = (each for each in observations if code_in(each.get("code"), systems.LOINC) == kind[0])
    for number, symptom in enumerate(same, start=1):
        value = ce(5, *triples(symptom.get("valueCodeableConcept", {})))
        yield ce(3, kind) | {4: str(number)} | value | _preliminary(_onset(symptom))


def _orientation(risk: Resource) -> Iterator[Fields]:
    day = _preliminary(date_digits(risk.get("occurrenceDateTime", ""), "RiskAssessment.occurrenceDateTime"))
    yield ce(3, ORIENTATION) | ce(5, *triples(_outcome(risk))) | day
    flags = risk.get("reasonCode", [])
    for number, flag in enumerate(flags, start=1):
        # OBX-4 tells equal codes apart; a single one needs no number
        sub_id: Fields = {4: str(number)} if len(flags) > 1 else {}
        yield ce(3, RED_FLAG) | sub_id | ce(5, *triples(flag)) | day


def _outcome(risk: Resource) -> Resource:
    """The one orientation of a request; without it nobody could say how soon an answer is due."""
    outcomes = [prediction.get("outcome") for prediction in risk.get("prediction", [])]
    if len(outcomes) != 1 or code_in(outcomes, systems.ORIENTATION_LEVEL) not in URGENCY:
        raise FhirError(
            "required", "Falta la orientación de QHALI.", expression="RiskAssessment.prediction.outcome"
        )
    return dict(outcomes[0])


def _software(field: int, device: str) -> Fields:
    if not device:
        return {}
    return {f"{field}.1": device, f"{field}.2": "QHALI"}


def _preliminary(day: str) -> Fields:
    """What software inferred stays preliminary (table 0085 `P`) until a person acts."""
    return {11: "P", 14: day, **ce(15, ("QHALI", "QHALI", "99AYN"))}


def _method(risk: Resource) -> Fields:
    method = risk.get("method", {})
    code = code_in(method, systems.METHOD)
    return ce(17, (code, method.get("text", ""), "99AYN")) if code else {}


def _onset(symptom: Resource) -> str:
    start = symptom.get("effectivePeriod", {}).get("start") or symptom.get("effectiveDateTime", "")
    return date_digits(start, "Observation.effective")


def _consent(intake: Resource) -> Fields:
    """The consent to send, without which nothing is sent. Consents to other things do not travel."""
    for consent in bundle.resources(intake, "Consent"):
        if consent["status"] == "active" and code_in(consent.get("policyRule"), systems.ACT_CODE) == OPT_IN:
            given_at = format_timestamp(moment(consent.get("dateTime"), "Consent.dateTime"))
            purpose = ce(5, (OPT_IN, "Enviar mi pedido al registro de salud regional", "99CON"))
            return ce(3, CONSENT) | purpose | {11: "F", 14: given_at}
    raise FhirError(
        "business-rule", "Sin consentimiento vigente no se envía.", expression="Consent.policyRule"
    )


def _add_reasons(message: Message, intake: Resource) -> None:
    """The coded reason (chapter R), `W` working: never a diagnosis by software."""
    service_request = bundle.only(intake, "ServiceRequest")
    day = date_digits(service_request.get("authoredOn", ""), "ServiceRequest.authoredOn")
    codings = [coding_in(reason, systems.ICD10) for reason in service_request.get("reasonCode", [])]
    reasons = (coding for coding in codings if coding.get("code"))
    for number, reason in enumerate(reasons, start=1):
        triple = (reason["code"], reason.get("display", ""), "I10")
        message.add("DG1", {1: str(number), **ce(3, triple), 5: day, 6: "W"})


def _add_resources(message: Message, intake: Resource, facility: str) -> None:
    service = triples(bundle.only(intake, "ServiceRequest").get("code", {}))
    message.add("RGS", {1: "1"})
    message.add("AIS", {1: "1", **ce(3, *service), 7: str(VISIT_MINUTES), **ce(8, MINUTES)})
    message.add("AIL", {1: "1", "3.4": facility, **ce(4, CLINIC)})
