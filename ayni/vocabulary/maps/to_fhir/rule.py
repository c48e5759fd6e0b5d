"""The rows of a segment or data type table, made ready to run.

A rule reads a part of one value (a field of a segment, a component of a field) and writes an element. A row
whose type is a data type table reads a composite; when the table's name ends in a resource type, the value
is a reference to the resource it makes.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

from ayni.vocabulary.maps.tables import FieldRow, field_table
from ayni.vocabulary.maps.to_fhir import conversion
from ayni.vocabulary.maps.to_fhir.codes import code_map, complete_coding, complete_concept
from ayni.vocabulary.maps.to_fhir.condition import Condition, condition
from ayni.vocabulary.maps.to_fhir.conversion import Convert
from ayni.vocabulary.maps.to_fhir.making import Making, resource_types
from ayni.vocabulary.maps.to_fhir.primitives import PRIMITIVES
from ayni.vocabulary.maps.to_fhir.reading import NULL
from ayni.vocabulary.maps.to_fhir.target import THIS, Element, Items, Target, target


class Rule(NamedTuple):
    position: int  # of the part it reads, from 1; 0: the whole
    holds: Condition | None
    convert: Convert
    target: Target
    alternative: bool
    """Whether another rule may have written before: it has a value of its own or one of several sources."""


@cache
def rules(table: str) -> tuple[Rule, ...]:
    """Raises KeyError for a table that does not exist, ValueError for a row that is not of its language."""
    return tuple(rule for row in field_table(table) for rule in _rules_of(row))


def _rules_of(row: FieldRow) -> Iterator[Rule]:
    source, _, other = row.source.partition(":")
    position, holds, convert = int(source or 0), condition(row.when), _conversion(row)
    if other:  # for each repetition of one field, what another one says
        convert = conversion.elsewhere(int(other), convert)
    yield Rule(position, holds, convert, target(row.target), bool(row.value) or row.type == "translated")
    if row.type == "code" and row.codes and not row.target.endswith("]"):
        parents, dot, name = row.target.rpartition(".")
        beside = target(f"{parents}{dot}_{name}.extension[alternateCode].valueCodeableConcept")
        yield Rule(position, holds, conversion.kept(code_map(row.codes)), beside, True)


def _conversion(row: FieldRow) -> Convert:
    if row.value:
        return conversion.constant(row)
    if row.type in ("code", "translated") and row.codes:
        return conversion.translated(code_map(row.codes))
    if row.type in _WHOLE:
        return _WHOLE[row.type]
    if row.type in _OF_PLACES:
        return _OF_PLACES[row.type](row.codes)
    return conversion.primitive(row.type) if row.type in PRIMITIVES else _composite(row)


_OF_PLACES: dict[str, Callable[[str], Convert]] = {
    "system": conversion.system_of_identifier,
    "mediaType": conversion.media_type,
    "timeOf": conversion.time_of,
}
"""What reads the parts or the field that the column of codes names."""

_WHOLE: dict[str, Convert] = {
    "whole": conversion.whole,
    "base64Whole": conversion.whole_as_base64,
    "blankLine": conversion.blank_line,
    "spaced": conversion.spaced,
    "telephone": conversion.telephone,
    "codingSystem": conversion.system_of_codes,
    "authority": conversion.authority_uri,
    "entitySystem": conversion.entity_system,
}


def _composite(row: FieldRow) -> Convert:
    table, kind = row.type, row.type.partition(".")[2]
    field_table(table)  # a name that is no table fails here, not with the first message
    codes = code_map(row.codes)

    def element(text: str, depth: int, making: Making) -> Any:
        return composite(table, text, depth, making)

    def concept(text: str, depth: int, making: Making) -> Any:
        found = composite(table, text, depth, making)
        return complete_concept(found, codes) if found else None

    def coding(text: str, depth: int, making: Making) -> Any:
        found = composite(table, text, depth, making)
        return complete_coding(found, codes) if found else None

    def reference(text: str, depth: int, making: Making) -> Any:
        found = composite(table, text, depth, making)
        return making.refer(kind, found) if found else None

    if kind in resource_types() and row.target != THIS:
        return reference
    return {"CodeableConcept": concept, "Coding": coding}.get(kind, element)


def composite(table: str, text: str, depth: int, making: Making) -> Element | None:
    """The element that a data type table makes of a value; None when it makes nothing."""
    reading = making.reading
    parts = reading.parts(text, depth)
    count = len(parts)
    element: Element = {}
    items: Items = {}
    for position, holds, convert, to, _ in rules(table):
        if not position:
            part, at = text, depth
        elif position <= count and (part := parts[position - 1]) and part != NULL:
            at = depth + 1
        else:
            continue
        if holds is not None and not holds(parts, depth + 1, reading):
            continue
        value = convert(part, at, making)
        if value is not None:
            to.write(element, items, (), value)
    return element or None
