"""Fields and components against their definitions: required, repeated, too long, of a wrong type or code."""

import re
from collections.abc import Iterator
from typing import Final, Literal

from ayni.vocabulary.hl7.datatypes import CODED, CODED_ELEMENTS, FORMATS
from ayni.vocabulary.hl7.definitions import Definitions, Element
from ayni.vocabulary.hl7.encoding import Encoding
from ayni.vocabulary.hl7.finding import Finding, Location
from ayni.vocabulary.hl7.segment import Segment

NULL: Final = '""'
"""What a sender writes to say "delete what you have" (v2.5.1, 2.5.3): a value of every type."""

_HL7_TABLE: Final = re.compile(r"HL7(\d{4})", re.ASCII)
_OBSERVATION_TYPE: Final = 2  # OBX-2 names the type of OBX-5


class ElementCheck:
    """The definitions of one version, applied to segments written in one way."""

    def __init__(self, definitions: Definitions, written: Encoding) -> None:
        self._definitions = definitions
        self._written = written
        self._separators = (written.component, written.subcomponent)

    def segment(self, segment: Segment, where: Location) -> Iterator[Finding]:
        """Every field of a segment; one that the version does not define has none to check."""
        definition = self._definitions.segments.get(segment.name)
        if definition is None:
            return
        for number, element in enumerate(definition.fields, start=1):
            text = segment.field(number)
            if not text:
                yield from _absent(element, where, number)
            elif not segment.holds_separators(number):
                data_type = self._type_of(element, segment)
                yield from self._field(text, element, data_type, where.inside(number))
        if segment.name == "OBX" and segment.field(5) and not segment.field(_OBSERVATION_TYPE):
            at = where.inside(_OBSERVATION_TYPE)
            yield at.finding(
                101, "Falta el tipo del resultado, {}.", "expected the type of OBX-5, found none"
            )
        yield from _beyond(segment.fields_after(len(definition.fields)), where, len(definition.fields))

    def _type_of(self, element: Element, segment: Segment) -> str:
        varies = element.type == "varies" and segment.name == "OBX"
        return segment[_OBSERVATION_TYPE] if varies else element.type

    def _field(self, text: str, element: Element, data_type: str, where: Location) -> Iterator[Finding]:
        repetitions = text.split(self._written.repetition)
        if element.most and len(repetitions) > element.most:
            reason = f"expected at most {element.most} in {{}}, found {len(repetitions)}"
            yield where.finding(102, "El campo {} se repite demasiado.", reason)
        for number, repetition in enumerate(repetitions, start=1):
            if repetition == NULL:
                continue
            at = where.inside(number)
            if 0 < element.length < len(repetition) and self._length(repetition) > element.length:
                reason = f"expected at most {element.length} characters in {{}}"
                yield at.finding(104, f"El dato {{}} supera {element.length} caracteres.", reason, "W")
            yield from self._value(repetition, data_type, element.table, at, self._separators)

    def _length(self, text: str) -> int:
        return len(self._written.unescape(text))

    def _value(
        self, text: str, data_type: str, table: str, where: Location, separators: tuple[str, ...]
    ) -> Iterator[Finding]:
        if not text or text == NULL:
            return
        if data_type == "WD":
            reason = "{} was withdrawn from this version of the standard"
            yield where.finding(102, "El dato {} ya no existe en esta versión.", reason, "W")
            return
        components = self._definitions.types.get(data_type)
        if components is None:
            yield from self._primitive(text, data_type, table, where, separators)
        elif separators:
            parts = text.split(separators[0])
            yield from self._composite(parts, components, where, separators[1:])
            if data_type in CODED_ELEMENTS:
                yield from self._coded(parts, table, where)

    def _composite(
        self, parts: list[str], components: tuple[Element, ...], where: Location, separators: tuple[str, ...]
    ) -> Iterator[Finding]:
        for number, component in enumerate(components, start=1):
            part = parts[number - 1] if number <= len(parts) else ""
            if part:
                at = where.inside(number)
                yield from self._value(part, component.type, component.table, at, separators)
            else:
                yield from _absent(component, where, number)
        yield from _beyond(parts[len(components) :], where, len(components))

    def _primitive(
        self, text: str, data_type: str, table: str, where: Location, separators: tuple[str, ...]
    ) -> Iterator[Finding]:
        format_ = FORMATS.get(data_type)
        if format_ is None and data_type not in CODED:
            return
        if any(separator in text for separator in separators):
            # A field that later became a composite is still read by its first part (v2.5.1, 2.8.2).
            text, *more = re.split("|".join(map(re.escape, separators)), text)
            yield from _beyond(more, where, 1)
        value = self._written.unescape(text)
        if not value:
            return
        if format_ is None:
            yield from self._code(value, table, where, "E" if data_type == "ID" else "W")
        elif not format_.accepts(value):
            yield where.finding(102, format_.text, f"expected {format_.expected} in {{}}")

    def _coded(self, parts: list[str], table: str, where: Location) -> Iterator[Finding]:
        system = parts[2] if len(parts) > 2 else ""
        named = _HL7_TABLE.fullmatch(system)
        number = named[1] if named else "" if system else table
        if parts[0] and parts[0] != NULL:
            yield from self._code(self._written.unescape(parts[0]), number, where.inside(1), "W")

    def _code(
        self, value: str, table: str, where: Location, severity: Literal["E", "W"]
    ) -> Iterator[Finding]:
        codes = self._definitions.tables.get(table)
        if codes is not None and value not in codes:
            reason = f"expected a value of table {table} in {{}}"
            yield where.finding(103, f"El código de {{}} no está en la tabla {table}.", reason, severity)


def _absent(element: Element, where: Location, number: int) -> Iterator[Finding]:
    if element.required:
        reason = "expected a value in {}, found none"
        yield where.inside(number).finding(101, "Falta el dato obligatorio {}.", reason)


def _beyond(rest: list[str], where: Location, defined: int) -> Iterator[Finding]:
    """What stands after the last place that the version defines: a receiver may not read it."""
    if any(rest):
        reason = f"expected at most {defined} parts in {{}}, found {defined + len(rest)}"
        yield where.finding(102, "{} tiene más partes que las definidas.", reason, "W")
