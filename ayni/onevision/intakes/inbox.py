"""The list a post works from: what waits for an answer first, the most urgent on top."""

from dataclasses import dataclass
from datetime import datetime

from ayni.onevision.intakes import requests
from ayni.onevision.intakes.requests import Request
from ayni.onevision.record import Chart
from ayni.vocabulary.fhir.systems import REQUEST_STATE
from ayni.vocabulary.request import URGENCY, State

ROWS_MAX = 200
"""More than a post can answer in a day; beyond it the page says that there are more."""

WAITING = (
    State.RECEIVED,
    State.IDENTITY_PENDING,
    State.IN_REVIEW,
    State.INFORMATION_REQUESTED,
    State.ACCEPTED,
    State.WAITLISTED,
)
WITH_APPOINTMENT = (State.BOOKED, State.RESCHEDULED, State.NO_SHOW)
ENDED = (State.REJECTED, State.CANCELLED, State.CLOSED)


@dataclass(frozen=True, slots=True)
class Inbox:
    """Three lists; `is_cut` when there was more than fits."""

    waiting: list[Request]
    with_appointment: list[Request]
    ended: list[Request]
    is_cut: bool


def read(chart: Chart) -> Inbox:
    """The requests of the record as of now."""
    waiting = _most_urgent(chart, WAITING)
    with_appointment, ended = _in(chart, WITH_APPOINTMENT), _in(chart, ENDED)
    return Inbox(
        waiting=sorted(waiting, key=_urgency),
        with_appointment=sorted(with_appointment, key=_start),
        ended=ended[::-1],
        is_cut=ROWS_MAX in (len(waiting), len(with_appointment), len(ended)),
    )


def _most_urgent(chart: Chart, states: tuple[State, ...]) -> list[Request]:
    """Urgency decides who is among those that fit: each level is asked for before the next one."""
    found: list[Request] = []
    for urgency in URGENCY.values():
        if room := ROWS_MAX - len(found):
            found += _in(chart, states, limit=room, priority=urgency.fhir_priority)
    return found


def _in(chart: Chart, states: tuple[State, ...], *, limit: int = ROWS_MAX, **criteria: str) -> list[Request]:
    wanted = ",".join(f"{REQUEST_STATE}|{state}" for state in states)
    tasks = chart.repository.search("Task", business_status=wanted, limit=limit, **criteria)
    return [requests.of_task(chart, task) for task in tasks]


def _urgency(request: Request) -> tuple[int, datetime]:
    """Most urgent level first, then whoever was promised an answer soonest; no level counts as the first."""
    order = list(URGENCY)
    rank = order.index(request.orientation) if request.orientation in order else 0
    return rank, request.promised_at


def _start(request: Request) -> datetime:
    return request.start or request.promised_at
