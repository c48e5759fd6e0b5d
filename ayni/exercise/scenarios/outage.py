"""The record is down while a citizen asks, and the engine is killed meanwhile: nothing is lost or doubled."""

from ayni.exercise.stage import Stage, require
from ayni.exercise.systems import ENGINE, ONEVISION
from ayni.exercise.waiting import wait_for
from ayni.vocabulary.request import State


def play(stage: Stage) -> None:
    """Record stopped, request confirmed, engine killed with SIGKILL and started, record started."""
    stage.step("the record is stopped")
    stage.processes[ONEVISION].stop()

    stage.step("the citizen's request is accepted all the same")
    citizen = stage.citizen()
    request_id = stage.ask_for_care(citizen)
    require(citizen.state() is State.SUBMITTED, "the page says more than is known")

    stage.step("the engine keeps the message and cannot deliver it")
    wait_for("the engine to keep the message", lambda: stage.console.messages(request_id))

    stage.step("the engine is killed (SIGKILL) and started again")
    stage.processes[ENGINE].kill()
    stage.processes[ENGINE].start()
    stage.processes[ENGINE].wait_ready()

    stage.step("the record is started again and receives the request")
    stage.processes[ONEVISION].start()
    stage.processes[ONEVISION].wait_ready()
    admission = stage.staff("admision")
    stage.in_inbox(admission, request_id)
    stage.citizen_sees(citizen, State.RECEIVED)

    stage.step("the request is there once, and the story goes on")
    require(admission.inbox().count(request_id) == 1, "the inbox shows the request more than once")
    admission.open(request_id)
    admission.book(request_id)
    stage.citizen_sees(citizen, State.BOOKED)
