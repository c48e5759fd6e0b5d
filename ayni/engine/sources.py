"""The doors of the engine: a FHIR route and an MLLP listener for each channel that has such a source."""

import secrets

import structlog
from starlette.routing import Route

from ayni.engine.pipeline import Pipeline
from ayni.engine.reading import Reading
from ayni.vocabulary.fhir import answer_to, dumps
from ayni.vocabulary.hl7 import Hl7Error, acknowledge, acknowledge_unreadable, parse
from ayni.wire.logging import where
from ayni.wire.mllp import MllpServer
from ayni.wire.process_message import process_message_route

log = structlog.get_logger()

SYSTEM = "ayni-engine"


def new_control_id() -> str:
    """A control id for an acknowledgement: 20 characters, unique for all practical purposes (MSH-10)."""
    return secrets.token_hex(10)


def fhir_route(pipeline: Pipeline, channel: str, *, token: str) -> Route:
    """`POST /channels/<channel>/fhir/$process-message`, answered once the message is stored."""

    def answer(reading: Reading) -> bytes:
        return dumps(answer_to(reading.document, source=SYSTEM, at=pipeline.now()))

    async def receive(raw: bytes) -> bytes:
        return await pipeline.receive(channel, raw, source="fhir", answer=answer)

    return process_message_route(f"/channels/{channel}", token=token, receive=receive)


def mllp_server(pipeline: Pipeline, channel: str) -> MllpServer:
    """An MLLP listener that acknowledges in original mode: AA means stored."""

    def answer(reading: Reading) -> bytes:
        said = acknowledge(reading.document, "AA", control_id=new_control_id(), at=pipeline.now())
        return said.encode()

    async def receive(raw: bytes) -> bytes:
        try:
            return await pipeline.receive(channel, raw, source="mllp", answer=answer)
        except Hl7Error as error:
            return refusal(pipeline, raw, error)
        except Exception as error:  # the sender must hear that nothing was kept, whatever broke
            log.error("message not kept", channel=channel, **where(error))
            return refusal(pipeline, raw, _not_kept())

    def too_long(head: bytes) -> bytes:
        return refusal(pipeline, head, _too_long())

    return MllpServer(receive, too_long)


def refusal(pipeline: Pipeline, raw: bytes, error: Hl7Error) -> bytes:
    """The AE or AR that names the place, also for bytes that are no message."""
    at, control_id = pipeline.now(), new_control_id()
    try:
        message = parse(raw)
    except Hl7Error:
        return acknowledge_unreadable(raw, error, control_id=control_id, at=at).encode()
    return acknowledge(message, error.answer, control_id=control_id, at=at, errors=[error]).encode()


def _not_kept() -> Hl7Error:
    return Hl7Error("not stored", code=207, text="No se pudo guardar; envíe de nuevo.")


def _too_long() -> Hl7Error:
    return Hl7Error("message above the limit", code=104, text="El mensaje supera un megabyte.")
