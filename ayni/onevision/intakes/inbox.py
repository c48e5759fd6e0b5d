"""The lists a post works from: what waits for an answer, visits from today on, earlier ones, what has ended.

Each list is ordered by what is urgent in it, over all of its requests; then a page is cut from it. Whatever
does not fit on the first page is on a later one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ayni.onevision.intakes import requests
from ayni.onevision.intakes.requests import Request
from ayni.onevision.record import Chart
from ayni.vocabulary.fhir import Resource
from ayni.vocabulary.fhir.systems import REQUEST_STATE
from ayni.vocabulary.request import URGENCY, State
from ayni.wire.clock import LIMA

PAGE_ROWS = 50
"""More than a post can answer in a day."""

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

EVERY = 1_000_000
"""A search gives the oldest first; only what was found whole can be put in another order."""


@dataclass(frozen=True, slots=True)
class Worklist:
    """One list: its words on the screen, and its Tasks, in order."""

    title: str
    when_empty: str
    tasks: Callable[[Chart], list[Resource]]


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list that has `count` of them; pages count from 1."""

    name: str
    worklist: Worklist
    rows: list[Request]
    number: int
    last: int
    count: int


def first_pages(chart: Chart) -> dict[str, Page]:
    """What the inbox shows: the beginning of every list."""
    return {name: page(chart, name) for name in WORKLISTS}


def page(chart: Chart, name: str, number: int = 1) -> Page:
    """One page of a list as of now; beyond the last one it is the last one."""
    tasks = WORKLISTS[name].tasks(chart)
    last = max(1, -(-len(tasks) // PAGE_ROWS))
    number = min(number, last)
    shown = tasks[(number - 1) * PAGE_ROWS : number * PAGE_ROWS]
    rows = [requests.of_task(chart, task) for task in shown]
    return Page(name, WORKLISTS[name], rows, number, last, len(tasks))


def _waiting(chart: Chart) -> list[Resource]:
    return sorted(_in(chart, WAITING), key=_urgency)


def _coming(chart: Chart) -> list[Resource]:
    """From today on, soonest first; who did not come today is among them."""
    return [task for start, task in _visits(chart) if start >= _midnight(chart)]


def _earlier(chart: Chart) -> list[Resource]:
    """Of earlier days, latest first: nobody came, or nobody said whether they came."""
    return [task for start, task in reversed(_visits(chart)) if start < _midnight(chart)]


def _ended(chart: Chart) -> list[Resource]:
    """Latest first."""
    return sorted(_in(chart, ENDED), key=_changed_at, reverse=True)


WORKLISTS = {
    "por-responder": Worklist("Por responder", "No hay pedidos por responder.", _waiting),
    "citas": Worklist("Con cita", "No hay citas desde hoy.", _coming),
    "citas-anteriores": Worklist("Citas de días anteriores", "No hay citas por cerrar.", _earlier),
    "terminados": Worklist("Terminados", "Todavía no hay pedidos terminados.", _ended),
}


def _in(chart: Chart, states: tuple[State, ...]) -> list[Resource]:
    wanted = ",".join(f"{REQUEST_STATE}|{state}" for state in states)
    return chart.repository.search("Task", business_status=wanted, limit=EVERY)


def _visits(chart: Chart) -> list[tuple[datetime, Resource]]:
    """Every appointment that was agreed, by its time."""
    visits = [(_start(chart, task), task) for task in _in(chart, WITH_APPOINTMENT)]
    return sorted(visits, key=lambda visit: visit[0])


def _start(chart: Chart, task: Resource) -> datetime:
    return datetime.fromisoformat(requests.appointment_of(chart, task)["start"])


def _midnight(chart: Chart) -> datetime:
    """When today began."""
    return chart.at.astimezone(LIMA).replace(hour=0, minute=0, second=0, microsecond=0)


def _urgency(task: Resource) -> tuple[int, datetime]:
    """Most urgent first, then who was promised an answer soonest; an unknown urgency counts as the first."""
    order = [urgency.fhir_priority for urgency in URGENCY.values()]
    rank = order.index(task["priority"]) if task["priority"] in order else 0
    return rank, datetime.fromisoformat(task["restriction"]["period"]["end"])


def _changed_at(task: Resource) -> datetime:
    return datetime.fromisoformat(task["lastModified"])
