"""Booking: a slot is taken in the transaction that moves the request, so it is never given twice."""

from datetime import datetime

from ayni.fhirserver import NotFound
from ayni.onevision.accounts.staff import Staff
from ayni.onevision.appointments.schedules import SLOT_LENGTH, actors, schedule_id
from ayni.onevision.appointments.wished import check_wished
from ayni.onevision.errors import SlotTaken, TooEarly
from ayni.onevision.intakes.actors import Actor
from ayni.onevision.intakes.requests import Request, follow
from ayni.onevision.intakes.transitions import Change, move
from ayni.onevision.record import Chart
from ayni.vocabulary.fhir import Resource, identifier_in
from ayni.vocabulary.fhir.reference import logical
from ayni.vocabulary.fhir.systems import DNI_ID, RENIPRESS_ID
from ayni.vocabulary.request import Reason, State

INSTRUCTION = "Traiga su DNI. Llegue 15 minutos antes."


def accept_and_book(chart: Chart, request: Request, slot_id: str, staff: Staff) -> Request:
    """Accept and book in one go: two steps of the table, two events, one commit."""
    if request.state in (State.RECEIVED, State.IN_REVIEW):
        request = move(chart, request, Change(after=State.ACCEPTED, by=staff))
    return _give_time(chart, request, slot_id, Change(after=State.BOOKED, by=staff, instruction=INSTRUCTION))


def reschedule(chart: Chart, request: Request, slot_id: str, staff: Staff) -> Request:
    """The same appointment at another time; the slot it leaves is free again."""
    change = Change(after=State.RESCHEDULED, by=staff, instruction=INSTRUCTION)
    return _give_time(chart, request, slot_id, change)


def cancel(chart: Chart, request: Request, reason: Reason, by: Actor, *, note: str = "") -> Request:
    """The appointment ends before it began; its slot is free again."""
    moved = move(chart, request, Change(after=State.CANCELLED, by=by, reason=reason, note=note))
    _release(chart, request)
    return moved


def mark_no_show(chart: Chart, request: Request, staff: Staff) -> Request:
    """The person did not come; raises TooEarly while the appointment's time has not come either."""
    if request.start is not None and chart.at < request.start:
        raise TooEarly
    return move(chart, request, Change(after=State.NO_SHOW, by=staff))


def _give_time(chart: Chart, request: Request, slot_id: str, change: Change) -> Request:
    slot = _take(chart, slot_id, request.facility_code)
    check_wished(request, slot)
    moved = move(chart, request, change, time=_time_of(slot) | _expected(chart, request, slot))
    _release(chart, request)
    return moved


def _expected(chart: Chart, request: Request, slot: Resource) -> Resource:
    """Who and what the appointment needs: the patient, the room, and who attends in it if known.

    What the citizen answered was about another time: nobody has confirmed this one.
    """
    there = [{"actor": _named(actor, request), "status": "accepted"} for actor in actors(chart, slot)]
    return {"participant": [request.citizen | {"status": "needs-action"}, *there]}


def _named(actor: Resource, request: Request) -> Resource:
    """A room by the facility's code, as it will travel; a person by DNI, and where the record keeps them."""
    if actor["resourceType"] == "Location":
        room = {"display": f"{request.facility['name']}, {actor['name'].lower()}"}
        return logical("Location", RENIPRESS_ID, identifier_in(actor, RENIPRESS_ID)) | room
    kept = {"reference": f"Practitioner/{actor['id']}"}
    return kept | logical("Practitioner", DNI_ID, identifier_in(actor, DNI_ID))


def _take(chart: Chart, slot_id: str, facility_code: str) -> Resource:
    """Marks a free slot of this facility as busy; raises SlotTaken when it is not free, or has begun."""
    try:
        slot = chart.repository.read("Slot", slot_id)
    except NotFound as error:
        raise SlotTaken from error
    is_here = slot["schedule"]["reference"] == f"Schedule/{schedule_id(facility_code)}"
    if slot["status"] != "free" or not is_here or datetime.fromisoformat(slot["start"]) <= chart.at:
        raise SlotTaken
    return chart.repository.update({**slot, "status": "busy"}, if_match=slot["meta"]["versionId"])


def _release(chart: Chart, request: Request) -> None:
    """Frees the slots the request held; one whose time has passed stays as it was."""
    for reference in request.appointment.get("slot", []):
        slot = follow(chart, reference)
        if datetime.fromisoformat(slot["start"]) > chart.at:
            chart.repository.update({**slot, "status": "free"})


def _time_of(slot: Resource) -> Resource:
    return {
        "start": slot["start"],
        "end": slot["end"],
        "minutesDuration": SLOT_LENGTH.seconds // 60,
        "slot": [{"reference": f"Slot/{slot['id']}"}],
    }
