"""What each message of the citizen leads to, in the transaction that keeps it: the SRR that answers it."""

from collections.abc import Callable

from ayni.onevision.appointments.answers import is_late, take_answer
from ayni.onevision.intakes import requests
from ayni.onevision.intakes.reception import take_in
from ayni.onevision.interface import events
from ayni.onevision.record import Chart
from ayni.vocabulary.fhir import identifier_in
from ayni.vocabulary.fhir.systems import DNI_ID
from ayni.vocabulary.hl7 import Hl7Error, Message, acknowledge
from ayni.vocabulary.maps import check_request, srr_from_event
from ayni.vocabulary.maps.answer import ANSWER_TYPES, answer_from, check_answer, srr_to_answer
from ayni.vocabulary.request import EventKey

NewControlId = Callable[[], str]


def check(message: Message) -> None:
    """What must be right before the content is looked at; raises Hl7Error with the place."""
    (check_answer if message.type in ANSWER_TYPES else check_request)(message)


def take(chart: Chart, message: Message, new_control_id: NewControlId) -> Message:
    """Does what a checked message asks for and returns its SRR; raises Hl7Error with the place."""
    if message.type in ANSWER_TYPES:
        return _take_answer(chart, message, new_control_id())
    return _take_request(chart, message)


def _take_request(chart: Chart, message: Message) -> Message:
    """A new request; the SRR that says so is the event R001 itself."""
    request = take_in(chart, message)
    return srr_from_event(events.emit_received(chart, request), answers=message.control_id)


def _take_answer(chart: Chart, message: Message, control_id: str) -> Message:
    """An answer about an appointment; its SRR tells how the request stands, and has a number of its own."""
    answer = answer_from(message)
    if not requests.is_here(chart, answer.request_id):
        raise _unknown("ARQ^1^1^1^1", "Ese pedido no está en este registro.")
    request = requests.find(chart, answer.request_id)
    if identifier_in(request.patient, DNI_ID) != answer.dni:
        raise _unknown("ARQ^1^15^1^1", "Ese pedido no es de esa persona.")
    if is_late(chart, request, answer):
        return as_srr(acknowledge(message, "AA", control_id=control_id, at=chart.at, errors=[_late()]))
    request = take_answer(chart, request, answer)
    standing = events.standing(chart, request, EventKey.parse(message.control_id))
    return srr_to_answer(standing, message, control_id=control_id)


def as_srr(acknowledgement: Message) -> Message:
    """The acknowledgement of a SRM, which is a SRR also where there is no schedule to tell."""
    acknowledgement["MSH-9.1"], acknowledgement["MSH-9.3"] = "SRR", "SRR_S01"
    return acknowledgement


def _late() -> Hl7Error:
    """No reason to alarm the sender: it is taken, and nothing comes of it."""
    text = "La cita ya no es la misma. La respuesta llegó tarde y no cambia nada."
    return Hl7Error("late", code=0, severity="I", text=text)


def _unknown(location: str, text: str) -> Hl7Error:
    return Hl7Error("expected a key that the record knows", code=204, location=location, text=text)
