"""An appointment is moved, which frees its slot, then cancelled."""

from ayni.exercise.stage import Stage, require
from ayni.vocabulary.request import Reason, State


def play(stage: Stage) -> None:
    """Booked, rescheduled to another slot, cancelled."""
    stage.step("the citizen tells what is wrong and confirms")
    citizen = stage.citizen()
    request_id = stage.ask_for_care(citizen)

    stage.step("admission opens the request and books")
    admission = stage.staff("admision")
    stage.in_inbox(admission, request_id)
    admission.open(request_id)
    first_slot = admission.book(request_id)
    stage.citizen_sees(citizen, State.BOOKED)

    stage.step("admission moves the appointment")
    second_slot = admission.reschedule(request_id)
    require(second_slot != first_slot, "the slot already taken was offered again")
    require(first_slot in admission.slots(request_id, "#reschedule-form"), "the first slot was not freed")
    stage.citizen_sees(citizen, State.RESCHEDULED)

    stage.step("admission cancels the appointment")
    admission.cancel(request_id, reason=Reason.PROFESSIONAL_ABSENT)
    stage.citizen_sees(citizen, State.CANCELLED)
