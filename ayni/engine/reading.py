"""Reading what a source received: its names, its kind, and the document that the functions get.

What every channel asks of a message is checked here; what a channel asks is in its own functions.
"""

from dataclasses import dataclass

from ayni.engine.channel import Document, Protocol
from ayni.vocabulary.fhir import FhirError, bundle, check_shapes, loads
from ayni.vocabulary.hl7 import Hl7Error, parse
from ayni.vocabulary.request import EventKey, is_request_id
from ayni.wire.clock import TEST_TRAFFIC
from ayni.wire.received import hash_bytes, hash_v2


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The names of one message and its parsed document."""

    control_id: str
    sender: str
    correlation_id: str
    kind: str
    content_hash: bytes
    document: Document


def read(protocol: Protocol, raw: bytes, *, processing_id: str) -> Reading:
    """Reads a message; raises FhirError or Hl7Error, also for test traffic in production or the reverse."""
    return _read_fhir(raw, processing_id) if protocol == "fhir" else _read_v2(raw, processing_id)


def _read_fhir(raw: bytes, processing_id: str) -> Reading:
    document = loads(raw)
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
        kind=str(header.get("eventUri", "")).rpartition("/")[2],
        content_hash=hash_bytes(raw),
        document=document,
    )


def _read_v2(raw: bytes, processing_id: str) -> Reading:
    document = parse(raw)
    if not document.control_id:
        raise Hl7Error("expected a control id", code=101, location="MSH^1^10", text="Falta MSH-10.")
    if document.processing_id != processing_id:
        raise Hl7Error(
            f"expected processing id {processing_id}",
            code=202,
            location="MSH^1^11",
            text="Mensaje de prueba en producción, o al revés.",
        )
    return Reading(
        control_id=document.control_id,
        sender=f"{document['MSH-3.1']}|{document['MSH-4.1']}",
        correlation_id=correlation_of(document.control_id),
        kind=document.type,
        content_hash=hash_v2(raw),
        document=document,
    )


def correlation_of(identifier: str) -> str:
    """The request id in an identifier (itself, or the event key's), "" when it names no request."""
    if is_request_id(identifier):
        return identifier
    try:
        return EventKey.parse(identifier).request_id
    except ValueError:
        return ""
