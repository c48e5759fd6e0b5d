"""Which times a request may be given: those it asks for, and later ones only where waiting is safe.

Until when is `ServiceRequest.occurrencePeriod.end` (ARQ-11), or what its urgency asks for when it says none.
Levels I and II are seen at once or sent on: nothing later is offered to them, nor where no level is known.
"""

from dataclasses import dataclass
from datetime import datetime

from ayni.onevision.appointments.schedules import free_slots
from ayni.onevision.errors import SlotTooLate
from ayni.onevision.intakes.requests import Request
from ayni.onevision.record import Chart
from ayni.vocabulary.fhir import Resource
from ayni.vocabulary.request import URGENCY

LEVELS_THAT_MAY_WAIT = frozenset({"III", "IV"})


@dataclass(frozen=True, slots=True)
class Offer:
    """The free slots for one request, soonest first: `within` begin by `until`, `later` after it."""

    until: datetime
    may_wait: bool
    within: list[Resource]
    later: list[Resource]


def offer(chart: Chart, request: Request) -> Offer:
    """What the page offers; the server holds to the same."""
    until, may_wait = wished_until(request), request.orientation in LEVELS_THAT_MAY_WAIT
    slots = free_slots(chart, request.facility_code)
    within = [slot for slot in slots if _start(slot) <= until]
    return Offer(until, may_wait, within, slots[len(within) :] if may_wait else [])


def check_wished(request: Request, slot: Resource) -> None:
    """Raises SlotTooLate for a slot after the time asked for, when this request may not wait."""
    if request.orientation not in LEVELS_THAT_MAY_WAIT and _start(slot) > wished_until(request):
        raise SlotTooLate


def wished_until(request: Request) -> datetime:
    """Until when the request asks to be seen."""
    service_request = request.service_request
    if end := service_request.get("occurrencePeriod", {}).get("end"):
        return datetime.fromisoformat(end)
    asked = next(each for each in URGENCY.values() if each.fhir_priority == service_request["priority"])
    return datetime.fromisoformat(service_request["authoredOn"]) + asked.wished_within


def _start(slot: Resource) -> datetime:
    return datetime.fromisoformat(slot["start"])
