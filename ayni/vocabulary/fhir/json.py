"""FHIR JSON in and out without losing a digit.

FHIR R4, section 2.6.2: the precision of a decimal has meaning (`1.10` is not `1.1`), so numbers with a
point or an exponent are read as Decimal and written back as they came.
"""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Self

import msgspec

from ayni.vocabulary.fhir.errors import FhirError

Resource = dict[str, Any]

RESOURCE_BYTES_MAX = 1 << 20
"""A megabyte: room for a long conversation, far below memory; larger content is refused before it is read."""

_WRITTEN = (str, int, float, Decimal, bool, dict, list, type(None))
_NAME_MAX = 64  # no element's name is longer
_PLACES_DEPTH_MAX = 300  # levels looked into for a place; more than anything that `check` lets pass


class NumberAsWritten(Decimal):
    """A number that Python would write in another way than it came: `0.0000001` as `1E-7`."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Self:
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __reduce__(self) -> tuple[type[Self], tuple[str]]:
        return type(self), (self.text,)


def number_as_written(text: str) -> Decimal:
    """For a decoder's `float_hook`: raises decimal.InvalidOperation for an exponent beyond Python's."""
    number = Decimal(text)
    return number if str(number) == text else NumberAsWritten(text)


def as_written(value: Any) -> msgspec.Raw:
    """For an encoder's `enc_hook`: the text of a number that has one. Raises TypeError for anything else."""
    if isinstance(value, NumberAsWritten):
        return msgspec.Raw(value.text.encode())
    raise TypeError("expected what JSON can hold")


_decoder = msgspec.json.Decoder(float_hook=number_as_written)
_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=as_written)
_sorting_encoder = msgspec.json.Encoder(decimal_format="number", order="sorted", enc_hook=as_written)


def loads(raw: bytes | str) -> Resource:
    """Reads one resource; raises FhirError (`structure`, 400) unless it is an object with a resourceType."""
    if len(raw) > RESOURCE_BYTES_MAX:
        raise FhirError("too-long", f"El contenido supera {RESOURCE_BYTES_MAX} bytes.", http_status=413)
    try:
        resource = _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, InvalidOperation) as error:
        raise FhirError("structure", f"JSON mal formado: {error}", http_status=400) from error
    except UnicodeEncodeError:
        # Its text would quote the content.
        raise FhirError("structure", "JSON mal formado: no es Unicode.", http_status=400) from None
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        raise FhirError("structure", "Falta resourceType: se esperaba un recurso FHIR.", http_status=400)
    return resource


def dumps(resource: Resource) -> bytes:
    """Writes one resource as compact UTF-8 JSON, keys in the order they stand.

    Raises FhirError with the place of what JSON cannot hold, and for what is nested too deep to be written.
    """
    return _written(resource, _encoder)


def dumps_sorted(resource: Resource) -> bytes:
    """The same with the keys of each object sorted: equal bytes for equal content and digits."""
    return _written(resource, _sorting_encoder)


def _written(resource: Resource, encoder: msgspec.json.Encoder) -> bytes:
    try:
        return encoder.encode(resource)
    except (TypeError, ValueError, OverflowError):
        # Their text would quote the content.
        place = _place_of_unwritable(resource)
    except RecursionError:
        raise FhirError("too-costly", "Hay demasiados niveles para escribir.") from None
    raise FhirError("structure", "Hay un valor que no cabe en JSON.", expression=place)


def _place_of_unwritable(resource: Any) -> str:
    """The place of the first thing that JSON cannot hold: a foreign object, or text that is no Unicode."""
    kind = resource.get("resourceType") if isinstance(resource, dict) else None
    waiting: list[tuple[Any, str, int]] = [(resource, str(kind) if _is_name(kind) else "Resource", 0)]
    while waiting:
        value, place, depth = waiting.pop()
        if not _is_written(value):
            return place
        if depth < _PLACES_DEPTH_MAX:
            waiting += [(each, where, depth + 1) for each, where in _inside(value, place)]
    return ""


def _inside(value: Any, place: str) -> Iterator[tuple[Any, str]]:
    """Keys and items with their places; a key is part of the place where it could be an element's name."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield key, place
            yield item, f"{place}.{key}" if _is_name(key) else place
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield item, f"{place}[{index}]"


def _is_written(value: Any) -> bool:
    if isinstance(value, str):
        return not any("\ud800" <= sign <= "\udfff" for sign in value)
    return isinstance(value, _WRITTEN)


def _is_name(key: Any) -> bool:
    return isinstance(key, str) and key.isidentifier() and key.isascii() and len(key) <= _NAME_MAX
