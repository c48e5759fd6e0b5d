"""QHALI is down while the post books: the states wait in the engine and arrive in order."""

from ayni.exercise.stage import Stage, require
from ayni.exercise.systems import QHALI
from ayni.vocabulary.request import State


def play(stage: Stage) -> None:
    """QHALI stopped, request opened and booked, QHALI started: the page shows the whole story."""
    stage.step("the citizen tells what is wrong and confirms")
    citizen = stage.citizen()
    request_id = stage.ask_for_care(citizen)
    admission = stage.staff("admision")
    stage.in_inbox(admission, request_id)
    stage.citizen_sees(citizen, State.RECEIVED)

    stage.step("QHALI is stopped, and the post works on")
    stage.processes[QHALI].stop()
    admission.open(request_id)
    admission.book(request_id)

    stage.step("QHALI is started again and the citizen sees the appointment")
    stage.processes[QHALI].start()
    stage.processes[QHALI].wait_ready()
    stage.citizen_sees(citizen, State.BOOKED)
    told = citizen.timeline()[-4:]
    expected = [State.RECEIVED, State.IN_REVIEW, State.ACCEPTED, State.BOOKED]
    require(told == expected, f"timeline ends {[state.value for state in told]}")
