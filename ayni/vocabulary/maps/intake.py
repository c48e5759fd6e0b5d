"""The citizen's request: FHIR intake message to HL7 v2.5.1 `SRM^S01` (request for appointment).

Source: HL7 v2.5.1 chapter 10 (SRM_S01) and 7 (OBX). v2 has no place for text spans, for the questionnaire
or for consents beyond the one to send; the engine keeps the original Bundle.
"""

from collections.abc import Iterator
from itertools import chain

from ayni.vocabulary.fhir import FhirError, Resource, bundle, code_in, codes, identifier_in, systems
from ayni.vocabulary.fhir.reading import coding_in, moment
from ayni.vocabulary.hl7 import Message, format_timestamp, new_message
from ayni.vocabulary.maps.authors import Authors, Software, first_device
from ayni.vocabulary.maps.coded import (
    CLINIC,
    MINUTES,
    NORMAL,
    ROUTINE,
    VISIT_MINUTES,
    Fields,
    ce,
    known_triples,
)
from ayni.vocabulary.maps.consent import consent_fields
from ayni.vocabulary.maps.orientation import orientation_fields, urgency_asked
from ayni.vocabulary.maps.person import add_pid, day_digits, xcn
from ayni.vocabulary.maps.structure import says_where
from ayni.vocabulary.request import EventKey, Service, State, is_request_id

QHALI = ("QHALI", "ZLTECH")
ONEVISION = ("ONEVISIONCAX", "DIRESA-CAJ")
PRESENT = (codes.SYMPTOM_PRESENT, "Symptom", "LN")
ABSENT = (codes.SYMPTOM_ABSENT, "Síntoma ausente", "LN")
LANGUAGE_MODEL = ("language-model", "Modelo de lenguaje", "99AYN")
COUNTRY = "PER"


@says_where
def request_id_of(intake: Resource) -> str:
    """The request id of an intake Bundle; raises FhirError with the place when there is none."""
    system, value = bundle.identifier(intake)
    if system != systems.REQUEST_ID or not is_request_id(value):
        raise FhirError(
            "value", "Bundle.identifier no es un número de pedido.", expression="Bundle.identifier"
        )
    return value


@says_where
def srm_from_intake(intake: Resource) -> Message:
    """The SRM^S01 of an intake Bundle; raises FhirError with the place of what is missing or wrong.

    It asks for all that `resources_from_srm` and `patient_from` ask for: whoever sends hears at once, and in
    FHIR, what the record would refuse later.
    """
    _check_event(intake)
    request_id = request_id_of(intake)
    message = _new_message(intake, EventKey(request_id, "Q", 1))
    _add_request(message, intake, request_id)
    add_pid(message, _patient(intake))
    facility = _facility(intake)
    message.add("PV1", {1: "1", 2: "O", "3.4": facility})
    for number, fields in enumerate(_observations(intake), start=1):
        message.add("OBX", {1: str(number), 2: "CE", **fields})
    _add_reasons(message, intake)
    _add_resources(message, intake, facility)
    return message


def _check_event(intake: Resource) -> None:
    if bundle.header(intake).get("eventUri") != systems.INTAKE_SUBMITTED:
        raise FhirError(
            "not-supported",
            "Este canal recibe solo pedidos (intake-submitted).",
            expression="Bundle.entry[0].resource.eventUri",
            http_status=400,
        )


def _new_message(intake: Resource, key: EventKey) -> Message:
    return new_message(
        type="SRM^S01",
        control_id=str(key),
        at=bundle.timestamp(intake),
        sender=QHALI,
        receiver=ONEVISION,
        processing_id="T" if bundle.is_test(intake) else "P",
    )


def _patient(intake: Resource) -> Resource:
    """The Patient; v2 codes the country of an address (table 0399), and QHALI knows one."""
    patient = bundle.only(intake, "Patient")
    if any(address.get("country", COUNTRY) != COUNTRY for address in patient.get("address", [])):
        raise FhirError("code-invalid", "Se espera el país PER.", expression="Patient.address.country")
    return patient


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
            12: urgency_asked(bundle.only(intake, "RiskAssessment"), service_request).v2_priority,
            **xcn(15, bundle.only(intake, "Patient")),
            **_entered_by(intake),
        },
    )
    notes = service_request.get("note", [])
    for number, note in enumerate(notes, start=1):
        reason = ce(4, ("1R", "Primary Reason", "HL70364"))
        message.add("NTE", {1: str(number), 2: "P", 3: note.get("text", ""), **reason})


def _wished_range(service_request: Resource) -> Fields:
    place = "ServiceRequest.occurrencePeriod"
    period = service_request.get("occurrencePeriod", {})
    edges = {edge: moment(period[edge], f"{place}.{edge}") for edge in ("start", "end") if edge in period}
    if len(edges) == 2 and edges["end"] < edges["start"]:
        raise FhirError("value", "El plazo pedido termina antes de empezar.", expression=f"{place}.end")
    return {f"11.{1 if edge == 'start' else 2}": format_timestamp(at) for edge, at in edges.items()}


def _entered_by(intake: Resource) -> Fields:
    """ARQ-19, which a request must have: QHALI's software, by its own name where it gives one."""
    return _software("19", first_device(intake) or QHALI[0]) | {"19.9": QHALI[0]}


def _facility(intake: Resource) -> str:
    facility = identifier_in(bundle.only(intake, "Organization"), systems.RENIPRESS_ID)
    if not facility:
        raise FhirError("required", "Falta el código RENIPRESS.", expression="Organization.identifier")
    return facility


def _observations(intake: Resource) -> Iterator[Fields]:
    """One OBX each: symptoms present, then absent, orientation, red flags, the consent."""
    risk = bundle.only(intake, "RiskAssessment")
    day = day_digits(risk.get("occurrenceDateTime", ""), "RiskAssessment.occurrenceDateTime")
    method, authors = _method(risk), Authors(intake)
    for symptom, said in chain(_symptoms(intake, PRESENT), _symptoms(intake, ABSENT)):
        yield said | _made_by(authors.of(symptom), method)
    for judgement in orientation_fields(risk):
        yield judgement | _preliminary(day) | _made_by(authors.of(risk), method)
    yield consent_fields(intake)


def _symptoms(intake: Resource, kind: tuple[str, str, str]) -> Iterator[tuple[Resource, Fields]]:
    observations = bundle.resources(intake, "Observation")
    same = (each for each in observations if code_in(each.get("code"), systems.LOINC) == kind[0])
    for number, symptom in enumerate(same, start=1):
        coded = known_triples(symptom.get("valueCodeableConcept", {}), "Observation.valueCodeableConcept")
        yield symptom, ce(3, kind) | {4: str(number)} | ce(5, *coded) | _preliminary(_onset(symptom))


def _made_by(authors: list[Software], rules: tuple[str, str, str]) -> Fields:
    """OBX-17 and OBX-18, which repeat side by side: how it was found, and by which software."""
    fields = {} if authors else ce(17, rules)  # an intake may name no software
    for number, each in enumerate(authors, start=1):
        fields |= ce(f"17[{number}]", LANGUAGE_MODEL if each.is_language_model else rules)
        fields |= _software(f"18[{number}]", each.name)
    return fields


def _software(field: str, device: str) -> Fields:
    return {f"{field}.1": device, f"{field}.2": "QHALI"}


def _preliminary(day: str) -> Fields:
    """What software inferred stays preliminary (table 0085 `P`) until a person acts."""
    return {11: "P", 14: day, **ce(15, ("QHALI", "QHALI", "99AYN"))}


def _method(risk: Resource) -> tuple[str, str, str]:
    """How the rules found what they found."""
    method = risk.get("method", {})
    code = code_in(method, systems.METHOD)
    return (code, method.get("text", ""), "99AYN") if code else ("", "", "")


def _onset(symptom: Resource) -> str:
    start = symptom.get("effectivePeriod", {}).get("start") or symptom.get("effectiveDateTime", "")
    if not start:
        raise FhirError("required", "Falta desde cuándo.", expression="Observation.effective")
    return day_digits(start, "Observation.effective")


def _add_reasons(message: Message, intake: Resource) -> None:
    """The coded reason (chapter R), `W` working: never a diagnosis by software."""
    service_request = bundle.only(intake, "ServiceRequest")
    day = day_digits(service_request.get("authoredOn", ""), "ServiceRequest.authoredOn")
    codings = [coding_in(reason, systems.ICD10) for reason in service_request.get("reasonCode", [])]
    reasons = (coding for coding in codings if coding.get("code"))
    for number, reason in enumerate(reasons, start=1):
        triple = (reason["code"], reason.get("display", ""), "I10")
        message.add("DG1", {1: str(number), **ce(3, triple), 5: day, 6: "W"})


def _add_resources(message: Message, intake: Resource, facility: str) -> None:
    message.add("RGS", {1: "1"})
    message.add("AIS", {1: "1", **ce(3, _service(intake)), 7: str(VISIT_MINUTES), **ce(8, MINUTES)})
    message.add("AIL", {1: "1", "3.4": facility, **ce(4, CLINIC)})


def _service(intake: Resource) -> tuple[str, str, str]:
    coding = coding_in(bundle.only(intake, "ServiceRequest").get("code"), systems.SERVICE)
    if coding.get("code") not in set(Service):
        raise FhirError("code-invalid", "Ese servicio no existe.", expression="ServiceRequest.code")
    return coding["code"], coding.get("display", ""), "99SVC"
