"""How a source's bytes are read, named and answered. A connector carries bytes; a format knows what they say.

`hl7` HL7 v2 in ER7, answered in original mode; `hl7-enhanced` the same, answered as MSH-15 and MSH-16 ask;
`fhir` a message Bundle; `json`, `text`: content without names of its own, known by its hash or by the name
that the connector gives.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from itertools import count
from typing import Protocol

import msgspec
from msgspec import Struct

from ayni.engine.channel import Document, Outgoing
from ayni.engine.connectors.contract import Arrived
from ayni.engine.errors import ContentError, ContentRefused, code_of, place_of
from ayni.vocabulary.fhir import FhirError, answer_to, bundle, dumps, loads, require_structure
from ayni.vocabulary.hl7 import (
    ACCEPT_CODES,
    AnswerCode,
    Hl7Error,
    Message,
    acknowledge,
    acknowledge_unreadable,
    acknowledgement_owed,
    location_of,
    parse,
)
from ayni.vocabulary.request import EventKey, is_request_id
from ayni.wire.clock import TEST_TRAFFIC
from ayni.wire.received import hash_bytes, hash_fhir, hash_v2

SYSTEM = "ayni-engine"
INTERNAL_ERROR, CONTENT_ERROR = 207, 102
"""Table 0357. The first is no fault of the content: senders try again. It has no word for "other content
error"; the second is the one that says that the same bytes are refused again, ERR-5 says what it was."""


class Reading(Struct, frozen=True, kw_only=True):
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

    def finished(self, raw: bytes, finding: ContentError | None, at: datetime) -> Outgoing | None:
        """The later answer that says what became of a message, None when its sender wants none.

        `finding` is what kept it from being processed, or why it is not for its channel.
        """
        ...


_LIFE = secrets.token_hex(5)
"""Random for each life of the process, so that a restart repeats no id."""
_answer_number = count(1)


def new_control_id() -> str:
    """A control id for an acknowledgement (MSH-10): at most 20 characters, this life's and a number."""
    return f"{_LIFE}{next(_answer_number):x}"


@dataclass(frozen=True, slots=True)
class Hl7Format:
    """HL7 v2.5.1, sections 2.9.2 (original mode: one answer, AA means stored) and 2.9.3 (enhanced mode).

    In enhanced mode the first answer says CA, CE or CR as MSH-15 asks. What was refused so is done with; of
    all else MSH-16 may ask to hear, by a message of its own, when it is finished.
    """

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
        kind = document.type
        return Reading(
            control_id=control_id,
            sender=f"{document['MSH-3.1']}|{document['MSH-4.1']}",
            correlation_id=correlation_of(control_id) or _request_in(document, kind),
            patient=document["PID-3.1"],
            kind=kind,
            content_hash=hash_v2(arrived.raw),
            document=document,
        )

    def accept(self, reading: Reading, at: datetime) -> bytes:
        return self._answer(reading.document, "AA", at)

    def filtered(self, reading: Reading, reason: str, at: datetime) -> bytes:
        if self._is_asked(reading.document):
            return self.accept(reading, at)
        return self._answer(reading.document, "AA", at, [not_for_channel(reason)])

    def refuse(self, raw: bytes, error: ContentError, at: datetime) -> bytes:
        found = _in_v2(error)
        try:
            message = parse(raw)
        except Hl7Error:
            return acknowledge_unreadable(
                raw, found, control_id=new_control_id(), at=at, speaks_enhanced=self.is_enhanced
            ).encode()
        return self._answer(message, found.answer, at, [found])

    def finished(self, raw: bytes, finding: ContentError | None, at: datetime) -> Outgoing | None:
        message, found = parse(raw), [_in_v2(finding)] if finding else []
        code = _outcome(found)
        if not self._is_asked(message) or not acknowledgement_owed(message, code):
            return None
        control_id = new_control_id()
        answer = acknowledge(message, code, control_id=control_id, at=at, errors=found)
        answer["MSH-15"], answer["MSH-16"] = "AL", "NE"
        return Outgoing(content=answer.encode(), control_id=control_id, key=control_id)

    def _is_asked(self, message: Message) -> bool:
        """Whether the sender speaks enhanced mode, and we do."""
        return self.is_enhanced and bool(message["MSH-15"] or message["MSH-16"])

    def _answer(
        self, message: Message, code: AnswerCode, at: datetime, errors: Sequence[Hl7Error] = ()
    ) -> bytes:
        said = ACCEPT_CODES[code] if self._is_asked(message) else code
        if said != code and not acknowledgement_owed(message, said):
            return b""
        return acknowledge(message, said, control_id=new_control_id(), at=at, errors=errors).encode()


@dataclass(frozen=True, slots=True)
class FhirFormat:
    """A FHIR R4 message Bundle (section 2.4), answered with a Bundle that points back."""

    def read(self, arrived: Arrived, *, processing_id: str) -> Reading:
        document = loads(arrived.raw)
        header = bundle.header(document)
        require_structure(document)
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
            content_hash=hash_fhir(document),
            document=document,
        )

    def accept(self, reading: Reading, at: datetime) -> bytes:
        return dumps(answer_to(reading.document, source=SYSTEM, at=at))

    def filtered(self, reading: Reading, reason: str, at: datetime) -> bytes:
        return self.accept(reading, at)

    def refuse(self, raw: bytes, error: ContentError, at: datetime) -> bytes:
        found = error if isinstance(error, FhirError) else FhirError("processing", error.text)
        return dumps(found.outcome())

    def finished(self, raw: bytes, finding: ContentError | None, at: datetime) -> Outgoing | None:
        return None


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

    def finished(self, raw: bytes, finding: ContentError | None, at: datetime) -> Outgoing | None:
        return None


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


ENHANCED = "hl7-enhanced"
"""The format whose senders may ask for application acknowledgements."""

FORMATS: dict[str, Format] = {
    "hl7": Hl7Format(),
    ENHANCED: Hl7Format(is_enhanced=True),
    "fhir": FhirFormat(),
    "json": PlainFormat(_json),
    "text": PlainFormat(_text),
}
"""The formats a source may declare."""


def correlation_of(identifier: str) -> str:
    """The request id in an identifier (itself, or the event key's), "" when it names no request."""
    if is_request_id(identifier):
        return identifier
    if "." not in identifier:  # most are of other traffic, which need not cost an exception each
        return ""
    try:
        return EventKey.parse(identifier).request_id
    except ValueError:
        return ""


def _request_in(document: Message, kind: str) -> str:
    """The request that the content names: of an acknowledgement, the one of the message it answers."""
    if kind.partition("^")[0] == "ACK":
        return correlation_of(document["MSA-2"])
    return document["PV1-50.1"]


def _other_traffic(processing_id: str) -> Hl7Error:
    return Hl7Error(
        f"expected processing id {processing_id}",
        code=202,
        location="MSH^1^11",
        text="Mensaje de prueba en producción, o al revés.",
    )


def _outcome(found: Sequence[Hl7Error]) -> AnswerCode:
    """Of a finished message. It was kept, so an internal error is no reason to send it again later (AR)."""
    answer = found[0].answer if found else "AA"
    return "AE" if answer == "AR" and found[0].code == INTERNAL_ERROR else answer


def not_for_channel(reason: str) -> Hl7Error:
    """No reason to alarm anybody: code 0 of table 0357, severity I of table 0516."""
    return Hl7Error("filtered", code=0, severity="I", text=reason)


def _in_v2(error: ContentError) -> Hl7Error:
    """What a channel's function found with another standard's error, in table 0357; its own code is ERR-5."""
    if isinstance(error, Hl7Error):
        return error
    return Hl7Error(
        str(error),
        code=INTERNAL_ERROR if error.http_status >= HTTPStatus.INTERNAL_SERVER_ERROR else CONTENT_ERROR,
        location=location_of(place_of(error)),
        text=error.text,
        application_code=code_of(error),
    )


def _patient_in(document: Document) -> str:
    """The value of the first identifier of the first Patient, "" when there is none."""
    for resource in bundle.resources(document, "Patient"):
        for identifier in resource.get("identifier") or []:
            if value := identifier.get("value"):
                return str(value)
    return ""
