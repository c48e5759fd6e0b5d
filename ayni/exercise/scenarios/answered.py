"""A citizen answers the reminder of their appointment: I will come, another date, I cannot come."""

from datetime import timedelta

from ayni.exercise.actors.citizen import Citizen
from ayni.exercise.actors.staff import StaffMember
from ayni.exercise.evidence import Hop
from ayni.exercise.stage import Stage, require
from ayni.exercise.waiting import wait_for
from ayni.vocabulary.request import Reason, State

TO_THE_REMINDER = timedelta(days=4)
"""The last slot of a rolling week is five to seven days ahead: by then, 72 hours before it have begun."""
LAST = -1


def confirm(stage: Stage) -> None:
    """The record shows that the citizen comes, and the citizen that the record knows it."""
    citizen, admission, request_id, _ = _reminded(stage)

    stage.step("the citizen confirms")
    citizen.answer("confirm")
    _has_arrived(stage, request_id, "accepted")
    wait_for("the record to show it", lambda: admission.participation(request_id) == "accepted")
    require(admission.state(request_id) is State.BOOKED, "a confirmation moved the appointment")

    stage.step("the citizen's page thanks and says that the answer arrived")
    told = citizen.notice()
    require("Gracias, le esperamos." in told, "the page does not thank")
    require("Su respuesta ya salió hacia su establecimiento." in told, "the page does not say that it left")
    require(citizen.state() is State.BOOKED, "the citizen's page shows another state")


def ask_for_another_date(stage: Stage) -> None:
    """The wish stands in a list of the post, which gives another date; the citizen sees the new one."""
    citizen, admission, request_id, _ = _reminded(stage)

    stage.step("the citizen asks for another date")
    citizen.answer("change")
    _has_arrived(stage, request_id, "tentative")
    wait_for("the wish in its list", lambda: request_id in admission.wishes())
    require(admission.state(request_id) is State.BOOKED, "a wish moved the appointment by itself")

    stage.step("admission gives another date")
    admission.reschedule(request_id)
    require(request_id not in admission.wishes(), "the wish is still in its list")
    require(admission.participation(request_id) == "", "the new date is confirmed by nobody yet")
    stage.citizen_sees(citizen, State.RESCHEDULED)


def decline(stage: Stage) -> None:
    """The appointment is cancelled, its time is free for others, and the citizen is told."""
    citizen, admission, request_id, slot = _reminded(stage)
    require(slot not in admission.slots(request_id, "#reschedule-form"), "a time already taken is offered")

    stage.step("the citizen cannot come")
    citizen.answer("cannot")
    _has_arrived(stage, request_id, "declined")
    wait_for("the record to cancel", lambda: admission.state(request_id) is State.CANCELLED)

    stage.step("the citizen's page tells that it was cancelled, and why")
    stage.citizen_sees(citizen, State.CANCELLED)
    require(Reason.CITIZEN_REQUEST.display in citizen.told(), "the page does not say why")
    told = citizen.timeline()[-2:]
    require(told == [State.BOOKED, State.CANCELLED], f"timeline ends {[state.value for state in told]}")

    stage.step("the time is free for the next citizen")
    next_one = stage.ask_for_care(stage.citizen())
    stage.in_inbox(admission, next_one)
    require(slot in admission.slots(next_one, "#accept-form"), "the time was not freed")


def _reminded(stage: Stage) -> tuple[Citizen, StaffMember, str, str]:
    """A citizen whose page asks whether they will come, the clerk who booked, the request, its slot."""
    stage.step("the citizen asks, admission books days ahead")
    citizen = stage.citizen()
    request_id = stage.ask_for_care(citizen)
    admission = stage.staff("admision")
    stage.in_inbox(admission, request_id)
    slot = admission.book(request_id, place=LAST)
    stage.citizen_sees(citizen, State.BOOKED)

    stage.step("days pass and QHALI asks whether they will come")
    stage.move_clock(TO_THE_REMINDER)
    wait_for("the question on the citizen's page", citizen.is_asked)
    return citizen, admission, request_id, slot


def _has_arrived(stage: Stage, request_id: str, said: str) -> None:
    """The answer left QHALI, went through its channel and was taken by the record, once."""
    stage.nothing_on_its_way()
    wait_for(f"the record to take `{said}`", lambda: _taken(stage, request_id))
    require(len(_taken(stage, request_id)) == 1, "the answer was delivered more than once")


def _taken(stage: Stage, request_id: str) -> list[Hop]:
    hops = stage.console.hops(request_id)
    return [hop for hop in hops if hop.hop.startswith("answer_to_ehr →") and hop.ack == "AA"]
