"""How the text of one leaf becomes the value of an element, by the type of its row.

A row with a value of its own does not look at the text.
"""

import re
from collections.abc import Callable
from typing import Any

from ayni.vocabulary.maps.tables import FieldRow
from ayni.vocabulary.maps.to_fhir.codes import CodeMap, v2_coding
from ayni.vocabulary.maps.to_fhir.making import Making
from ayni.vocabulary.maps.to_fhir.primitives import PRIMITIVES, base64_of_text, code, date_time
from ayni.vocabulary.maps.to_fhir.systems import authority, coding_system, identifier_system

Convert = Callable[[str, int, Making], Any]
"""(text, its depth, what is being made) to a value; None for a text that says nothing or cannot be said."""


_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)


def fixed(row: FieldRow) -> Any:
    """The value of its own that a row has. Each time a new one: a later row may add to it."""
    system, code, display, *_ = [*row.value.split("|"), "", ""]
    coding = {k: v for k, v in (("system", system), ("code", code), ("display", display)) if v}
    if row.type == "Coding":
        return coding
    if row.type == "CodeableConcept":
        return {"coding": [coding]}
    return row.value == "true" if row.type == "boolean" else row.value


def constant(row: FieldRow) -> Convert:
    """What a row with a value of its own writes whenever it applies."""
    value = fixed(row)
    return (lambda *_: fixed(row)) if isinstance(value, dict) else (lambda *_: value)


def primitive(type_: str) -> Convert:
    read, expected = PRIMITIVES[type_]

    def convert(text: str, depth: int, making: Making) -> Any:
        reading = making.reading
        found = reading.leaf(text, depth)
        if not found:
            return None
        value = read(found, reading.zone)
        if value is None:
            reading.report(102, f"expected {expected}", "El valor no se puede llevar a FHIR.")
        return value

    return convert


def translated(codes: CodeMap) -> Convert:
    """The FHIR code of a v2 code."""

    def convert(text: str, depth: int, making: Making) -> str | None:
        sent = making.reading.leaf(text, depth)
        return codes.fhir(sent) if sent else None

    return convert


def kept(codes: CodeMap) -> Convert:
    """The v2 code itself, where its table does not say it or does not say it back."""

    def convert(text: str, depth: int, making: Making) -> Any:
        sent = making.reading.leaf(text, depth)
        if not sent or sent in codes.faithful:
            return None
        return {"coding": [v2_coding(sent, codes)]} if code(sent) else {"text": sent}

    return convert


def whole(text: str, depth: int, making: Making) -> str | None:
    """The value as it was sent, its separators too: what has a form no FHIR type here can take."""
    return making.reading.plain(text) or None


def whole_as_base64(text: str, depth: int, making: Making) -> str | None:
    """The value as it was sent, as an attachment holds it."""
    plain = making.reading.plain(text)
    return base64_of_text(plain) if plain else None


def blank_line(text: str, depth: int, making: Making) -> str:
    """A line of a text in which nothing stands, whatever the field at hand holds."""
    return ""


def spaced(text: str, depth: int, making: Making) -> str | None:
    """The parts of a value, with blanks between them."""
    reading = making.reading
    return (
        " ".join(filter(None, (reading.leaf(part, depth + 1) for part in reading.parts(text, depth)))) or None
    )


def telephone(text: str, depth: int, making: Making) -> str | None:
    """Components 5 to 8 of an XTN (country, area, number, extension) as E.123 writes them."""
    country, area, number, extension = _leaves(text, depth, making, (5, 6, 7, 8))
    words = (
        f"+{country.lstrip('+')}" if country else "",
        area,
        number,
        f"ext. {extension}" if extension else "",
    )
    return " ".join(filter(None, words)) or None


def elsewhere(field: int, convert: Convert) -> Convert:
    """Reads another field of the same segment, its first repetition."""

    def converted(text: str, depth: int, making: Making) -> Any:
        reading = making.reading
        found = reading.segment.field(field).partition(reading.repetition)[0]
        value = convert(found, depth, making) if found.strip(reading.blank) else None
        if value is not None:
            making.told.add((field, 1))
        return value

    return converted


def time_of(place: str) -> Convert:
    """What a field of a segment around says, `OBR-7`: the time of results that have none of their own."""
    segment, _, number = place.partition("-")

    def convert(text: str, depth: int, making: Making) -> str | None:
        reading = making.reading
        found = reading.component(reading.field(segment, int(number)), 1)
        return date_time(found, reading.zone) if found else None

    return convert


def system_of_codes(text: str, depth: int, making: Making) -> str | None:
    """CWE.3 (table 0396)."""
    name = making.reading.leaf(text, depth)
    return coding_system(name) if name else None


def authority_uri(text: str, depth: int, making: Making) -> str | None:
    """An HD."""
    namespace, universal, kind = _leaves(text, depth, making, (1, 2, 3))
    return authority(namespace, universal, kind) or None


def entity_system(text: str, depth: int, making: Making) -> str | None:
    """Of the identifier in an EI, whose components 2 to 4 are an HD."""
    namespace, universal, kind = _leaves(text, depth, making, (2, 3, 4))
    resource = str(making.resource.get("resourceType"))
    return identifier_system(namespace, universal, kind, "", "", resource) or None


def media_type(positions: str) -> Convert:
    """The type and the subtype (RFC 6838) at two positions of a value; None when one of them is absent."""
    at_type, at_subtype = (int(number) for number in positions.split())

    def convert(text: str, depth: int, making: Making) -> str | None:
        both = "/".join(_leaves(text, depth, making, (at_type, at_subtype)))
        return both.lower() if _MEDIA_TYPE.fullmatch(both) else None

    return convert


def system_of_identifier(positions: str) -> Convert:
    """Of the identifier in a CX, XCN or XON; `positions` are those of its authority, type and country."""
    at_authority, at_type, *at_country = (int(number) for number in positions.split())

    def convert(text: str, depth: int, making: Making) -> str | None:
        parts = making.reading.parts(text, depth)
        holder = parts[at_authority - 1] if len(parts) >= at_authority else ""
        namespace, universal, kind = _leaves(holder, depth + 1, making, (1, 2, 3))
        type_code, *country = _leaves(text, depth, making, (at_type, *at_country))
        resource = str(making.resource.get("resourceType"))
        return identifier_system(namespace, universal, kind, type_code, "".join(country), resource) or None

    return convert


def _leaves(text: str, depth: int, making: Making, positions: tuple[int, ...]) -> list[str]:
    parts = making.reading.parts(text, depth)
    return [making.reading.leaf(parts[n - 1], depth + 1) if n <= len(parts) else "" for n in positions]
