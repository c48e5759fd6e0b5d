"""A partner that lost an answer sends again, on every listener: the first answer again, and one effect."""

from collections.abc import Callable

from ayni.exercise.actors.console import Message
from ayni.exercise.actors.links import send_fhir, send_hl7
from ayni.exercise.stage import Stage, require
from ayni.vocabulary.hl7 import parse
from ayni.vocabulary.request import State

INTAKE_DOOR = "/channels/intake_to_ehr/fhir/$process-message"
QHALI_DOOR = "/fhir/$process-message"


def play(stage: Stage) -> None:
    """The intake, its SRM, a SIU and its FHIR twin, each sent again exactly as it went the first time."""
    stage.step("the citizen asks, the request is received")
    citizen = stage.citizen()
    request_id = stage.ask_for_care(citizen)
    admission = stage.staff("admision")
    stage.in_inbox(admission, request_id)
    stage.citizen_sees(citizen, State.RECEIVED)

    stage.step("the engine is sent the same intake again")
    intake = _message(stage, request_id, "intake-submitted")
    _same_answer_again(lambda: _to_engine(stage, intake["raw"].encode()))

    stage.step("the record is sent the same SRM again")
    srm = _delivery(intake)
    again = send_hl7(stage.address("AYNI_ONEVISION_MLLP_PORT"), srm["content"].encode())
    require(again.decode() == srm["attempts"][-1]["answer"], "the record gave another answer")
    require(admission.inbox().count(request_id) == 1, "the inbox shows the request more than once")

    stage.step("the engine is sent the same SIU again")
    admission.open(request_id)
    stage.citizen_sees(citizen, State.IN_REVIEW)
    siu = _message(stage, request_id, "SIU^S14")
    _same_answer_again(lambda: _acknowledged(stage, siu["raw"].encode()))

    stage.step("QHALI is sent the same change of state again")
    change = _delivery(siu)["content"].encode()
    _same_answer_again(lambda: _to_qhali(stage, change))

    stage.step("nothing happened twice")
    require(len(stage.console.messages(request_id)) == 3, "the engine kept a message more than once")
    told = citizen.timeline()
    require(len(told) == len(set(told)), f"the timeline repeats: {[state.value for state in told]}")


def _message(stage: Stage, request_id: str, kind: str) -> Message:
    for message in stage.console.messages(request_id):
        if message["kind"] == kind:
            return stage.console.message(message["id"])
    raise AssertionError(f"the engine has no {kind} of {request_id}")


def _delivery(message: Message) -> Message:
    delivery: Message = message["deliveries"][0]
    return delivery


def _same_answer_again(send: Callable[[], bytes]) -> None:
    require(send() == send(), "the same message got two different answers")


def _to_engine(stage: Stage, bundle: bytes) -> bytes:
    secret = stage.token("AYNI_QHALI_TO_ENGINE_TOKEN_FILE")
    return _taken(send_fhir(stage.address("AYNI_ENGINE_FHIR_PORT"), INTAKE_DOOR, bundle, token=secret))


def _to_qhali(stage: Stage, bundle: bytes) -> bytes:
    secret = stage.token("AYNI_ENGINE_TO_QHALI_TOKEN_FILE")
    return _taken(send_fhir(stage.address("AYNI_QHALI_PORT"), QHALI_DOOR, bundle, token=secret))


def _taken(answer: tuple[int, bytes]) -> bytes:
    status, body = answer
    require(status == 200, f"HTTP {status} instead of 200")
    return body


def _acknowledged(stage: Stage, message: bytes) -> bytes:
    answer = send_hl7(stage.address("AYNI_ENGINE_MLLP_PORT"), message)
    require(parse(answer)["MSA-1"] == "AA", "the engine did not accept its own earlier message")
    return answer
