"""How a source's bytes are read, named and answered. A connector carries bytes; a format knows what they say.

`hl7` HL7 v2 in ER7, answered in original mode; `hl7-enhanced` the same, answered as MSH-15/16 ask;
`fhir` a message Bundle; `json`, `text`: content without names of its own, known by its hash or by the name
that the connector gives.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Protocol

import msgspec

from ayni.engine.channel import Document
from ayni.engine.connectors.contract import Arrived
from ayni.engine.errors import ContentError, ContentRefused
from ayni.vocabulary.fhir import FhirError, answer_to, bundle, check_shapes, dumps, loads
from ayni.vocabulary.hl7 import (
    Hl7Error,
    Message,
    acknowledge,
    acknowledge_unreadable,
    acknowledgement_owed,
    parse,
)
from ayni.vocabulary.request import EventKey, is_request_id
from ayni.wire.clock import TEST_TRAFFIC
from ayni.wire.received import hash_bytes, hash_v2

SYSTEM = "ayni-engine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The names of one message and its parsed document."""

    control_id: str
    sender: str
    correlation_id: str
    patient: str
    kind: str
    content_hash: bytes
    document: Document


class Format(Protocol):
    """Reads what arrived and says what the sender hears. Pure but for the ids of answers."""

    def read(self, arrived: Arrived, *, processing_id: str) -> Reading:
        """The names and the document; raises a ContentError."""
        ...

    def accept(self, reading: Reading, at: datetime) -> bytes:
        """The answer that says the message is stored."""
        ...

    def filtered(self, reading: Reading, reason: str, at: datetime) -> bytes:
        """The answer to a message that is not for this channel: no reason to alarm its sender."""
        ...

    def refuse(self, raw: bytes, error: ContentError, at: datetime) -> bytes:
        """The answer that names what is wrong and where, also to what could not be read."""
        ...


_LIFE = secrets.token_hex(5)
"""Random for each life of the process, so that a restart repeats no id."""
_answer_number = count(1)


def new_control_id() -> str:
    """A control id for an acknowledgement (MSH-10): at most 20 characters, this life's and a number."""
    return f"{_LIFE}{next(_answer_number):x}"


@dataclass(frozen=True, slots=True)
class Hl7Format:
    """HL7 v2.5.1 sections 2.9.2 (original mode: one answer, AA means stored) and 2.9.3 (enhanced: CA)."""

    is_enhanced: bool = False

    def read(self, arrived: Arrived, *, processing_id: str) -> Reading:
        document = parse(arrived.raw)
        control_id = document.control_id
        if not control_id:
            raise Hl7Error("expected a control id", code=101, location="MSH^1^10", text="Falta MSH-10.")
        if min(control_id) < " ":
            text = "MSH-10 tiene caracteres de control."
            raise Hl7Error("control character in a control id", code=102, location="MSH^1^10", text=text)
        if document.processing_id != processing_id:
            raise _other_traffic(processing_id)
        return Reading(
            control_id=control_id,
            sender=f"{document['MSH-3.1']}|{document['MSH-4.1']}",
            correlation_id=correlation_of(control_id) or document["PV1-50.1"],
            patient=document["PID-3.1"],
            kind=document.type,
            content_hash=hash_v2(arrived.raw),
            document=document,
        )

    def accept(self, reading: Reading, at: datetime) -> bytes:
        message: Message = reading.document
        if not (self.is_enhanced and (message["MSH-15"] or message["MSH-16"])):
            return acknowledge(message, "AA", control_id=new_control_id(), at=at).encode()
        if not acknowledgement_owed(message, "CA"):
            return b""
        return acknowledge(message, "CA", control_id=new_control_id(), at=at).encode()

    def filtered(self, reading: Reading, reason: str, at: datetime) -> bytes:
        finding = Hl7Error("filtered", code=0, severity="I", text=reason)
        return acknowledge(
            reading.document, "AA", control_id=new_control_id(), at=at, errors=[finding]
        ).encode()

    def refuse(self, raw: bytes, error: ContentError, at: datetime) -> bytes:
        found = error if isinstance(error, Hl7Error) else _in_v2(error)
        try:
            message = parse(raw)
        except Hl7Error:
            return acknowledge_unreadable(raw, found, control_id=new_control_id(), at=at).encode()
        return acknowledge(message, found.answer, control_id=new_control_id(), at=at, errors=[found]).encode()


@dataclass(frozen=True, slots=True)
class FhirFormat:
    """A FHIR R4 message Bundle (section 2.4), answered with a Bundle that points back."""

    def read(self, arrived: Arrived, *, processing_id: str) -> Reading:
        document = loads(arrived.raw)
        header = bundle.header(document)
        check_shapes(document)
        _, identifier = bundle.identifier(document)
        if bundle.is_test(document) != (processing_id == TEST_TRAFFIC):
            raise FhirError(
                "forbidden",
                "Mensaje de prueba en producción, o al revés.",
                expression="Bundle.meta.tag",
                http_status=403,
            )
        return Reading(
            control_id=identifier,
            sender=str((header.get("source") or {}).get("name", "")),
            correlation_id=correlation_of(identifier),
            patient=_patient_in(document),
            kind=str(header.get("eventUri", "")).rpartition("/")[2],
            content_hash=hash_bytes(arrived.raw),
            document=document,
        )

    def accept(self, reading: Reading, at: datetime) -> bytes:
        return dumps(answer_to(reading.document, source=SYSTEM, at=at))

    def filtered(self, reading: Reading, reason: str, at: datetime) -> bytes:
        return self.accept(reading, at)

    def refuse(self, raw: bytes, error: ContentError, at: datetime) -> bytes:
        found = error if isinstance(error, FhirError) else FhirError("processing", error.text)
        return dumps(found.outcome())


@dataclass(frozen=True, slots=True)
class PlainFormat:
    """Content without names of its own; `decode` makes the document. The connector knows what to answer."""

    decode: Callable[[bytes], Document]

    def read(self, arrived: Arrived, *, processing_id: str) -> Reading:
        content_hash = hash_bytes(arrived.raw)
        return Reading(
            control_id=arrived.control_id or content_hash.hex()[:20],
            sender=arrived.peer,
            correlation_id="",
            patient="",
            kind="",
            content_hash=content_hash,
            document=self.decode(arrived.raw),
        )

    def accept(self, reading: Reading, at: datetime) -> bytes:
        return b""

    def filtered(self, reading: Reading, reason: str, at: datetime) -> bytes:
        return b""

    def refuse(self, raw: bytes, error: ContentError, at: datetime) -> bytes:
        return b""


def _json(raw: bytes) -> Document:
    try:
        return msgspec.json.decode(raw)
    except msgspec.DecodeError as error:
        raise ContentRefused("not-json", "El contenido no es JSON.", http_status=400) from error


def _text(raw: bytes) -> Document:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        place = f"byte {error.start}"
        raise ContentRefused("not-utf-8", "El texto no es UTF-8.", place=place, http_status=400) from error


FORMATS: dict[str, Format] = {
    "hl7": Hl7Format(),
    "hl7-enhanced": Hl7Format(is_enhanced=True),
    "fhir": FhirFormat(),
    "json": PlainFormat(_json),
    "text": PlainFormat(_text),
}
"""The formats a source may declare."""


def correlation_of(identifier: str) -> str:
    """The request id in an identifier (itself, or the event key's), "" when it names no request."""
    if is_request_id(identifier):
        return identifier
    try:
        return EventKey.parse(identifier).request_id
    except ValueError:
        return ""


def _other_traffic(processing_id: str) -> Hl7Error:
    return Hl7Error(
        f"expected processing id {processing_id}",
        code=202,
        location="MSH^1^11",
        text="Mensaje de prueba en producción, o al revés.",
    )


def _in_v2(error: ContentError) -> Hl7Error:
    """What a channel's function found with another standard's error, said in table 0357."""
    return Hl7Error(str(error), code=207, text=error.text)


def _patient_in(document: Document) -> str:
    """The value of the first identifier of the first Patient, "" when there is none."""
    for resource in bundle.resources(document, "Patient"):
        for identifier in resource.get("identifier") or []:
            if value := identifier.get("value"):
                return str(value)
    return ""
