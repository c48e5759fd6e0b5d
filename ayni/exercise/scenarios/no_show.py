"""A no-show is refused before the appointment's time and accepted after it."""

from datetime import timedelta
from http import HTTPStatus

from ayni.exercise.stage import Stage, require
from ayni.vocabulary.request import State

PAST_EVERY_SLOT = timedelta(days=8)
"""Slots are offered for one rolling week."""


def play(stage: Stage) -> None:
    """Booked; too early to say no-show; a week passes; no-show."""
    stage.step("the citizen tells what is wrong and confirms")
    citizen = stage.citizen()
    request_id = stage.ask_for_care(citizen)

    stage.step("admission opens the request and books")
    admission = stage.staff("admision")
    stage.in_inbox(admission, request_id)
    admission.open(request_id)
    admission.book(request_id)
    stage.citizen_sees(citizen, State.BOOKED)

    stage.step("a no-show before its time is refused")
    status = admission.note_no_show(request_id)
    require(status == HTTPStatus.CONFLICT, f"HTTP {status} instead of 409")
    require(admission.state(request_id) is State.BOOKED, "the record changed the state all the same")

    stage.step("the appointment's time passes and the citizen did not come")
    stage.move_clock(PAST_EVERY_SLOT)
    status = admission.note_no_show(request_id)
    require(status == HTTPStatus.OK, f"HTTP {status} instead of 200")
    stage.citizen_sees(citizen, State.NO_SHOW)
