"""What a citizen answers about their appointment: it is confirmed, wished at another time, or cancelled.

A citizen asks; what they ask for is done where the table of transitions lets them. A late answer changes
nothing: the appointment has begun, was moved since the citizen answered, or is no more.
"""

from dataclasses import replace

from ayni.onevision.appointments import booking
from ayni.onevision.intakes.actors import Citizen
from ayni.onevision.intakes.requests import Request
from ayni.onevision.intakes.steps import note_step
from ayni.onevision.record import Chart
from ayni.vocabulary.fhir import Resource
from ayni.vocabulary.maps.answer import PARTICIPATION_STATUS, AppointmentAnswer, Participation
from ayni.vocabulary.request import Reason, Role, State, is_allowed

WITH_TIME = (State.BOOKED, State.RESCHEDULED)


def take_answer(chart: Chart, request: Request, answer: AppointmentAnswer) -> Request:
    """The request as an answer that is not late leaves it; the same when it says nothing new."""
    if request.participation == answer.participation:
        return request
    answered = _noted(chart, request, answer.participation)
    if answer.participation is Participation.DECLINED:
        return booking.cancel(chart, answered, Reason.CITIZEN_REQUEST, Citizen(request.patient))
    return answered


def is_late(chart: Chart, request: Request, answer: AppointmentAnswer) -> bool:
    """Whether the appointment that was answered about is no longer the one that comes."""
    if request.state in WITH_TIME:
        has_moved = answer.answered_at < request.changed_at
        has_begun = request.start is not None and request.start <= chart.at
        return has_moved or has_begun
    may_cancel = is_allowed(request.state, State.CANCELLED, Role.CITIZEN)
    return not (answer.participation is Participation.DECLINED and may_cancel)


def _noted(chart: Chart, request: Request, participation: Participation) -> Request:
    """The answer in the appointment, and as a step of the request's history."""
    participants = [
        each | {"status": participation.value} if each == request.citizen else each
        for each in request.appointment["participant"]
    ]
    appointment = chart.repository.update({**request.appointment, "participant": participants})
    citizen = Citizen(request.patient)
    activity = _concept(participation)
    note_step(chart, request.task["id"], activity, who=citizen.reference, role=citizen.role_name)
    return replace(request, appointment=appointment)


def _concept(participation: Participation) -> Resource:
    coding = {
        "system": PARTICIPATION_STATUS,
        "code": participation.value,
        "display": participation.display,
    }
    return {"coding": [coding]}
