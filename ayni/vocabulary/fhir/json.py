"""FHIR JSON in and out without losing a digit.

FHIR R4, section 2.6.2: the precision of a decimal has meaning (`1.10` is not `1.1`), so numbers with a
point are read as Decimal and written back with the same digits.
"""

from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from ayni.vocabulary.fhir.errors import FhirError

Resource = dict[str, Any]

RESOURCE_BYTES_MAX = 1 << 20
"""A megabyte: room for a long conversation, far below memory; larger content is refused before it is read."""

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


def loads(raw: bytes | str) -> Resource:
    """Reads one resource; raises FhirError (`structure`, 400) unless it is an object with a resourceType."""
    if len(raw) > RESOURCE_BYTES_MAX:
        raise FhirError("too-long", f"El contenido supera {RESOURCE_BYTES_MAX} bytes.", http_status=413)
    try:
        resource = _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, InvalidOperation) as error:
        raise FhirError("structure", f"JSON mal formado: {error}", http_status=400) from error
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        raise FhirError("structure", "Falta resourceType: se esperaba un recurso FHIR.", http_status=400)
    return resource


def dumps(resource: Resource) -> bytes:
    """Writes one resource as compact UTF-8 JSON, keys in the order they stand."""
    return _encoder.encode(resource)
