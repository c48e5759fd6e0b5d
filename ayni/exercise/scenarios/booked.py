"""A citizen tells what is wrong, a nurse books, the citizen's page shows the appointment."""

from ayni.exercise.stage import Stage, require
from ayni.vocabulary.request import State


def play(stage: Stage) -> None:
    """From the first turn to a booked slot, each state seen on the citizen's page."""
    stage.step("the citizen tells what is wrong and confirms")
    citizen = stage.citizen()
    request_id = stage.ask_for_care(citizen)

    stage.step("the request reaches the inbox and the citizen is told")
    nurse = stage.staff("enfermeria")
    stage.in_inbox(nurse, request_id)
    stage.citizen_sees(citizen, State.RECEIVED)

    stage.step("the nurse opens the request")
    nurse.open(request_id)
    stage.citizen_sees(citizen, State.IN_REVIEW)

    stage.step("the nurse accepts and books")
    nurse.book(request_id)
    stage.citizen_sees(citizen, State.BOOKED)

    stage.step("the timeline tells the whole story, once and in order")
    told = citizen.timeline()[-4:]
    expected = [State.RECEIVED, State.IN_REVIEW, State.ACCEPTED, State.BOOKED]
    require(told == expected, f"timeline ends {[state.value for state in told]}")
