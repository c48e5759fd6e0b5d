"""The lists a post works from: what waits for an answer, who asks for another date, visits from today on,
earlier ones, what has ended.

Each list is ordered by what is urgent in it, over all of its requests; then a page is cut from it. Whatever
does not fit on the first page is on a later one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from ayni.onevision.intakes import requests
from ayni.onevision.intakes.requests import Request
from ayni.onevision.record import Chart
from ayni.vocabulary.fhir import Resource
from ayni.vocabulary.fhir.systems import REQUEST_STATE
from ayni.vocabulary.maps.answer import Participation
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
    tasks: Callable[["Inbox"], list[Resource]]


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list that has `count` of them; pages count from 1."""

    name: str
    worklist: Worklist
    rows: list[Request]
    number: int
    last: int
    count: int


@dataclass(frozen=True, slots=True)
class _Visit:
    """An appointment that was agreed: when, what the citizen answered, the Task of its request."""

    start: datetime
    participation: str
    task: Resource


class Inbox:
    """The lists in one view of the record: what two of them need is looked up once."""

    def __init__(self, chart: Chart) -> None:
        self._chart = chart

    def first_pages(self) -> list[Page]:
        """What the inbox shows: the beginning of every list."""
        return [self.page(name) for name in WORKLISTS]

    def page(self, name: str, number: int = 1) -> Page:
        """One page of a list as of now; beyond the last one it is the last one."""
        tasks = WORKLISTS[name].tasks(self)
        last = max(1, -(-len(tasks) // PAGE_ROWS))
        number = min(number, last)
        shown = tasks[(number - 1) * PAGE_ROWS : number * PAGE_ROWS]
        rows = [requests.of_task(self._chart, task) for task in shown]
        return Page(name, WORKLISTS[name], rows, number, last, len(tasks))

    def waiting(self) -> list[Resource]:
        """Most urgent first."""
        return sorted(self._in(WAITING), key=_urgency)

    def wishes(self) -> list[Resource]:
        """Who asked for another date and has none yet, soonest first: their time is kept for them so long."""
        return [visit.task for visit in self._visits if visit.participation == Participation.TENTATIVE]

    def coming(self) -> list[Resource]:
        """From today on, soonest first; who did not come today is among them."""
        return [visit.task for visit in self._visits if visit.start >= self._midnight]

    def earlier(self) -> list[Resource]:
        """Of earlier days, latest first: nobody came, or nobody said whether they came."""
        return [visit.task for visit in reversed(self._visits) if visit.start < self._midnight]

    def ended(self) -> list[Resource]:
        """Latest first."""
        return sorted(self._in(ENDED), key=_changed_at, reverse=True)

    def _in(self, states: tuple[State, ...]) -> list[Resource]:
        wanted = ",".join(f"{REQUEST_STATE}|{state}" for state in states)
        return self._chart.repository.search("Task", business_status=wanted, limit=EVERY)

    @cached_property
    def _visits(self) -> list[_Visit]:
        """Every appointment that was agreed, by its time."""
        return sorted(map(self._visit, self._in(WITH_APPOINTMENT)), key=lambda visit: visit.start)

    def _visit(self, task: Resource) -> _Visit:
        appointment = requests.appointment_of(self._chart, task)
        said = requests.participant_in(appointment)["status"]
        return _Visit(datetime.fromisoformat(appointment["start"]), said, task)

    @property
    def _midnight(self) -> datetime:
        """When today began."""
        return self._chart.at.astimezone(LIMA).replace(hour=0, minute=0, second=0, microsecond=0)


WORKLISTS = {
    "por-responder": Worklist("Por responder", "No hay pedidos por responder.", Inbox.waiting),
    "otra-fecha": Worklist("Piden otra fecha", "Nadie pide otra fecha.", Inbox.wishes),
    "citas": Worklist("Con cita", "No hay citas desde hoy.", Inbox.coming),
    "citas-anteriores": Worklist("Citas de días anteriores", "No hay citas por cerrar.", Inbox.earlier),
    "terminados": Worklist("Terminados", "Todavía no hay pedidos terminados.", Inbox.ended),
}


def _urgency(task: Resource) -> tuple[int, datetime]:
    """Most urgent first, then who was promised an answer soonest; an unknown urgency counts as the first."""
    order = [urgency.fhir_priority for urgency in URGENCY.values()]
    rank = order.index(task["priority"]) if task["priority"] in order else 0
    return rank, datetime.fromisoformat(task["restriction"]["period"]["end"])


def _changed_at(task: Resource) -> datetime:
    return datetime.fromisoformat(task["lastModified"])
