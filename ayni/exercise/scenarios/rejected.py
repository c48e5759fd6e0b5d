"""The post cannot attend: the citizen hears why and where to go instead."""

from ayni.exercise.stage import Stage, require
from ayni.vocabulary.request import Reason, State

ALTERNATIVE = "Hospital San Miguel"


def play(stage: Stage) -> None:
    """A rejection with its reason and an alternative, which end the request."""
    stage.step("the citizen tells what is wrong and confirms")
    citizen = stage.citizen()
    request_id = stage.ask_for_care(citizen)

    stage.step("the nurse opens the request")
    nurse = stage.staff("enfermeria")
    stage.in_inbox(nurse, request_id)
    nurse.open(request_id)

    stage.step("the nurse rejects with a reason and an alternative")
    nurse.reject(request_id, reason=Reason.NO_CAPACITY, alternative=ALTERNATIVE)
    require(nurse.state(request_id) is State.REJECTED, "the record does not show the rejection")

    stage.step("the citizen is told why and where to go instead")
    stage.citizen_sees(citizen, State.REJECTED)
    told = citizen.told()
    require(Reason.NO_CAPACITY.display in told, "the page does not say the reason")
    require(ALTERNATIVE in told, "the page does not say the alternative")
