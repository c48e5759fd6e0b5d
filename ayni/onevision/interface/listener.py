"""The HL7 v2 door: takes `SRM^S01` to `S04`, answers with `SRR`, and says yes only after the commit."""

import asyncio
import uuid

import structlog

from ayni.onevision.appointments.schedules import ensure_week
from ayni.onevision.interface import taking
from ayni.onevision.record import Record
from ayni.vocabulary.hl7 import (
    MESSAGE_BYTES_MAX,
    Hl7Error,
    Message,
    acknowledge,
    acknowledge_unreadable,
    parse,
)
from ayni.vocabulary.maps import facility_in, request_id_in
from ayni.vocabulary.request import EventKey, is_request_id
from ayni.wire.logging import correlated, where
from ayni.wire.received import KeyReused, ReceivedKey, earlier_answer, hash_v2, remember

log = structlog.get_logger()

CONTROL_ID_LENGTH = 20
"""MSH-10 of v2.5.1 holds twenty characters."""


class Listener:
    """What the record does with each message that comes over MLLP."""

    def __init__(self, record: Record) -> None:
        self._record = record

    async def handle(self, raw: bytes) -> bytes:
        """The answer to one message; the loop stays free while the record writes."""
        return await asyncio.to_thread(self.receive, raw)

    def too_long(self, head: bytes) -> bytes:
        """The answer to a message that outgrew the limit, from what had come of it."""
        error = Hl7Error(
            f"more than {MESSAGE_BYTES_MAX} bytes", code=104, text="El mensaje supera un megabyte."
        )
        return self._refuse_unreadable(head, error)

    def not_hl7(self, head: bytes) -> bytes:
        """The answer to what came in a frame and is no HL7 v2 in ER7: XML, JSON and the like."""
        error = Hl7Error("not ER7", code=200, location="MSH", text="Solo se recibe HL7 v2 en ER7.")
        return self._refuse_unreadable(head, error)

    def receive(self, raw: bytes) -> bytes:
        """The answer to one message."""
        try:
            message = parse(raw)
        except Hl7Error as error:
            return self._refuse_unreadable(raw, error)
        with correlated(_correlation_id(message)):
            try:
                return self._accept(message, raw)
            except KeyReused:
                return self._refuse(message, _key_reused())
            except Hl7Error as error:
                return self._refuse(message, error)
            except Exception as error:  # the sender must hear that nothing was kept, whatever broke
                log.error("message not kept", **where(error))
                return self._refuse(message, _not_kept())

    def _accept(self, message: Message, raw: bytes) -> bytes:
        _check(message, self._record.processing_id)
        sender = f"{message['MSH-3']}|{message['MSH-4']}"
        key = ReceivedKey("mllp", sender, message.control_id, hash_v2(raw))
        with self._record.changing() as chart:
            if (answer := earlier_answer(chart.tx, key)) is not None:
                log.info("message repeated", control_id=message.control_id)
                return answer
            taken = taking.take(chart, message, _control_id)
            answer = taken.encode()
            remember(chart.tx, key, answer, now=chart.now)
        log.info("message taken", type=message.type, control_id=message.control_id, remark=taken["ERR-8"])
        if message.type == "SRM^S01":
            ensure_week(self._record, facility_in(message))
        return answer

    def _refuse(self, message: Message, error: Hl7Error) -> bytes:
        log.warning("message refused", code=error.code, place=error.location)
        answer = acknowledge(
            message, error.answer, control_id=_control_id(), at=self._record.now(), errors=[error]
        )
        return (taking.as_srr(answer) if message["MSH-9.1"] == "SRM" else answer).encode()

    def _refuse_unreadable(self, raw: bytes, error: Hl7Error) -> bytes:
        log.warning("message unreadable", code=error.code, place=error.location)
        return acknowledge_unreadable(raw, error, control_id=_control_id(), at=self._record.now()).encode()


def _check(message: Message, processing_id: str) -> None:
    """What must be right before the content is looked at; raises Hl7Error with code and place."""
    if message.processing_id != processing_id:
        raise Hl7Error(
            "the other kind of traffic",
            code=202,
            location="MSH^1^11",
            text="Este registro no toma ese tráfico.",
        )
    taking.check(message)
    _check_key(message)


def _check_key(message: Message) -> None:
    """MSH-10 names the event of this request, in at most twenty characters (v2.5.1, 2.15.9.10)."""
    if not message.control_id:
        raise Hl7Error("expected MSH-10", code=101, location="MSH^1^10", text="Falta MSH-10.")
    try:
        key = EventKey.parse(message.control_id)
    except ValueError:
        raise _other_key() from None  # what it says may be a patient's
    if (key.request_id, key.direction) != (request_id_in(message), "Q"):
        raise _other_key()


def _other_key() -> Hl7Error:
    return Hl7Error(
        "expected the event key of the request in ARQ-1",
        code=102,
        location="MSH^1^10",
        text="MSH-10 no es la clave de este pedido.",
    )


def _correlation_id(message: Message) -> str:
    """The request id for the log; anything else a sender puts there might be a patient's."""
    request_id = message["ARQ-1.1"]
    return request_id if is_request_id(request_id) else ""


def _key_reused() -> Hl7Error:
    return Hl7Error(
        "the control id came before with other content",
        code=205,
        location="MSH^1^10",
        text="Ese MSH-10 ya llegó con otro contenido.",
    )


def _not_kept() -> Hl7Error:
    return Hl7Error("internal error", code=207, text="No se pudo guardar; envíe de nuevo.")


def _control_id() -> str:
    return uuid.uuid4().hex[:CONTROL_ID_LENGTH].upper()
