"""The citizen's answer about an appointment: FHIR AppointmentResponse, HL7 v2.5.1 `SRM^S02`, `S03`, `S04`.

Source: HL7 v2.5.1 chapter 10 (S02 rescheduling, S03 modification, S04 cancellation; SRM_S01, SRR_S01) and
FHIR R4 AppointmentResponse. The answer itself is the reason of the event, so it stands in ARQ-6 (ours). When
the citizen gave it is MSH-7; which time of a moved appointment it is about follows from that.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ayni.vocabulary.fhir import FhirError, Resource, bundle, identifier_in, systems
from ayni.vocabulary.hl7 import Hl7Error, Message, new_message
from ayni.vocabulary.maps.coded import Fields, ce
from ayni.vocabulary.maps.conformance import check_type, check_whole
from ayni.vocabulary.maps.intake import ONEVISION, QHALI
from ayni.vocabulary.maps.person import is_dni, xcn
from ayni.vocabulary.maps.record import request_id_in
from ayni.vocabulary.maps.schedule import srr_from_event
from ayni.vocabulary.request import EventKey, Reason

APPOINTMENT_ANSWERED = f"{systems.BASE}/event/appointment-answered"
PARTICIPATION_STATUS = "http://hl7.org/fhir/participationstatus"
"""FHIR R4 code system of AppointmentResponse.participantStatus; in v2 the local table `99PAR`."""

RESPONSE = "Bundle.entry.resource.ofType(AppointmentResponse)"


class Participation(StrEnum):
    """What the citizen says: they come, they want another date, they do not come."""

    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"

    @property
    def display(self) -> str:
        """The words on Spanish screens."""
        return DISPLAY[self]

    @property
    def message_type(self) -> str:
        """How it is said in HL7 v2."""
        return TYPE[self]


DISPLAY = {
    Participation.ACCEPTED: "Confirma su cita",
    Participation.TENTATIVE: "Pide otra fecha",
    Participation.DECLINED: "No puede ir",
}
TYPE = {
    Participation.TENTATIVE: "SRM^S02",
    Participation.ACCEPTED: "SRM^S03",
    Participation.DECLINED: "SRM^S04",
}
ANSWER_TYPES = frozenset(TYPE.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentAnswer:
    """One answer as the record reads it; `dni` is who gave it."""

    request_id: str
    participation: Participation
    dni: str
    answered_at: datetime


def answer_key_of(message: Resource) -> EventKey:
    """The event key of an answer's Bundle: the citizen's, after the intake; raises FhirError."""
    system, value = bundle.identifier(message)
    try:
        key = EventKey.parse(value)
    except ValueError as error:
        raise _no_answer_key() from error
    if system != systems.EVENT_ID or key.direction != "Q" or key.sequence == 1:
        raise _no_answer_key()
    return key


def srm_from_answer(message: Resource) -> Message:
    """The SRM of an answer's Bundle; raises FhirError with the place of what is missing or wrong."""
    if bundle.header(message).get("eventUri") != APPOINTMENT_ANSWERED:
        raise FhirError(
            "not-supported",
            "Este canal recibe solo respuestas a una cita (appointment-answered).",
            expression="Bundle.entry[0].resource.eventUri",
            http_status=400,
        )
    key = answer_key_of(message)
    response = bundle.only(message, "AppointmentResponse")
    _check_appointment(response, key)
    participation = _participation(response)
    srm = new_message(
        type=participation.message_type,
        control_id=str(key),
        at=bundle.timestamp(message),
        sender=QHALI,
        receiver=ONEVISION,
        processing_id="T" if bundle.is_test(message) else "P",
    )
    srm.add("ARQ", _request(key, participation, _citizen(response)))
    srm.add("RGS", {1: "1"})
    return srm


def _request(key: EventKey, participation: Participation, citizen: Resource) -> Fields:
    answered = (participation.value, participation.display, "99PAR")
    asked = Reason.CITIZEN_REQUEST
    why = [(asked.value, asked.display, "99RSN")] if participation is Participation.DECLINED else []
    qhali, _ = QHALI
    return {
        "1.1": key.request_id,
        "1.2": qhali,
        **ce(6, answered, *why),
        **xcn(15, citizen),
        "19.1": qhali,
        "19.2": qhali,
        "19.9": qhali,
    }


def _check_appointment(response: Resource, key: EventKey) -> None:
    appointment = response.get("appointment")
    named = identifier_in(appointment, systems.REQUEST_ID) if isinstance(appointment, dict) else ""
    if named != key.request_id:
        raise FhirError(
            "value", "La cita no es del pedido de Bundle.identifier.", expression=f"{RESPONSE}.appointment"
        )


def _participation(response: Resource) -> Participation:
    try:
        return Participation(str(response.get("participantStatus")))
    except ValueError as error:
        raise FhirError(
            "code-invalid",
            "Se espera accepted, tentative o declined.",
            expression=f"{RESPONSE}.participantStatus",
        ) from error


def _citizen(response: Resource) -> Resource:
    """The actor, a reference by DNI; a request is answered by its citizen and by nobody else."""
    found = response.get("actor")
    actor: Resource = found if isinstance(found, dict) else {}
    dni = identifier_in(actor, systems.DNI_ID)
    place = f"{RESPONSE}.actor.identifier"
    if not dni:
        raise FhirError("required", "Falta el DNI de quien responde.", expression=place)
    if not is_dni(dni):
        raise FhirError("value", "El DNI tiene ocho números.", expression=f"{place}.value")
    return {"identifier": actor["identifier"]}


def _no_answer_key() -> FhirError:
    return FhirError(
        "value",
        "Bundle.identifier no es la clave de una respuesta del ciudadano.",
        expression="Bundle.identifier",
    )


def check_answer(message: Message) -> None:
    """What must be right before the content of an answer is looked at; raises Hl7Error with the place."""
    check_type(message, ANSWER_TYPES)
    check_whole(message)


def answer_from(message: Message) -> AppointmentAnswer:
    """The answer of an SRM; raises Hl7Error with the place of what is missing or does not agree."""
    if message["ARQ-6.3"] != "99PAR":
        raise _not_in_table("ARQ^1^6^1^3", "La respuesta de ARQ-6 no es de la tabla 99PAR.")
    try:
        participation = Participation(message["ARQ-6.1"])
    except ValueError as error:
        raise _not_in_table("ARQ^1^6^1^1", "Respuesta desconocida en ARQ-6.") from error
    if message.type != participation.message_type:
        raise _not_in_table("MSH^1^9^1^2", "El evento de MSH-9 no concuerda con ARQ-6.")
    if message.timestamp is None:
        raise Hl7Error("expected a time", code=101, location="MSH^1^7", text="Falta la hora del mensaje.")
    return AppointmentAnswer(
        request_id=request_id_in(message),
        participation=participation,
        dni=message["ARQ-15.1"],
        answered_at=message.timestamp,
    )


def _not_in_table(location: str, text: str) -> Hl7Error:
    return Hl7Error("expected a value that agrees", code=103, location=location, text=text)


def srr_to_answer(standing: Resource, message: Message, *, control_id: str) -> Message:
    """The SRR of the same event: how the request stands now, told as the record's events are."""
    srr = srr_from_event(standing, answers=message.control_id)
    srr["MSH-9.2"], srr["MSH-10"] = message["MSH-9.2"], control_id
    return srr
