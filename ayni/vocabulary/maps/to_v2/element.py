"""A FHIR element as the v2 composite it came from, by the same table."""

from functools import cache
from typing import Any

from ayni.vocabulary.maps.tables import ONE_WAY, FieldRow, code_tables, field_table
from ayni.vocabulary.maps.to_fhir.codes import code_map
from ayni.vocabulary.maps.to_fhir.making import resource_types
from ayni.vocabulary.maps.to_fhir.primitives import PRIMITIVES
from ayni.vocabulary.maps.to_fhir.systems import coding_system
from ayni.vocabulary.maps.to_fhir.target import THIS, Element, target
from ayni.vocabulary.maps.to_v2.back import Back
from ayni.vocabulary.maps.to_v2.source import Finder, Spot, fitting
from ayni.vocabulary.maps.to_v2.tree import Tree, merged
from ayni.vocabulary.maps.to_v2.values import authority_parts, system_name, text_of, v2_code
from ayni.vocabulary.maps.to_v2.when import agrees

Parts = dict[int, Tree]
Taken = set[tuple[str, int]]


def composite(table: str, element: Element, back: Back, taken: Taken | None = None) -> Parts:
    """The parts of the value that the element says; {} for one that the table could not have made.

    A row whose condition asks for a later part is asked again at the end.
    """
    return _Composite(table, element, back, taken).run()


class _Composite:
    def __init__(self, table: str, element: Element, back: Back, taken: Taken | None) -> None:
        self._table = table
        self._element = element
        self._back = back
        self._finder = Finder(table, set() if taken is None else taken, back)
        self._told: set[tuple[int, str]] = set()
        self._parts: Parts = {}
        self._read = parts_read(table)

    def run(self) -> Parts:
        rows = [row for row, names in rows_back(self._table) if names is None or self._element.keys() & names]
        for row in rows:
            self._row(row)
        for row in rows:
            if row.when:
                self._row(row)
        return self._parts

    def _row(self, row: FieldRow) -> None:
        for spot in self._finder.spots(row, self._element):
            said = (id(spot.element), spot.name)
            if spot.name not in ("", THIS) and said in self._told:
                continue
            taken = set(self._finder.taken)
            piece = tree_of(row, spot, self._back, taken)
            if piece is None or not fitting(self._table, row.source, self._element):
                continue
            after = self._with(int(row.source or 0), piece)
            agreed = agrees(row.when, after, "", {}, self._back.segments, self._read)
            if agreed is not None:
                self._parts = {**after, **agreed.parts}
                self._told.add(said)
                self._finder.taken |= taken
                self._finder.take(spot)
                return

    def _with(self, position: int, piece: Tree) -> Parts:
        if position:
            return {**self._parts, position: merged(self._parts.get(position), piece)}
        whole = merged(self._parts, piece if isinstance(piece, dict) else {1: piece})
        return whole if isinstance(whole, dict) else self._parts


@cache
def rows_back(table: str) -> tuple[tuple[FieldRow, frozenset[str] | None], ...]:
    """The rows that have a way back, for they read a value that no other row tells.

    With each the names, one of which an element must have for the row to find anything; None for any.
    """
    found = []
    for row in field_table(table):
        if not row.value and row.type != "translated" and ONE_WAY not in row.mark:
            at = target(row.target)
            first = (*at.steps, at.last)[0].name
            found.append((row, None if first == THIS else frozenset({first, f"_{first}"})))
    return tuple(found)


@cache
def parts_read(table: str) -> frozenset[int]:
    """The parts of a value that a table reads."""
    return frozenset(int(row.source or 0) for row in field_table(table) if not row.value)


def tree_of(row: FieldRow, spot: Spot, back: Back, taken: Taken | None = None) -> Tree | None:
    """The v2 value of what stands at a spot; None for nothing."""
    value = spot.value
    if row.type == "code" and row.codes:
        return _code(row, spot)
    if value is None:
        return None
    if row.type in PRIMITIVES or row.type == "base64Whole":
        return text_of(row.type, value) or ("" if target(row.target).last.lines else None)  # a blank line
    if row.type in ("whole", "spaced"):
        return str(value)
    if row.type == "telephone":
        return None  # its parts are beside it
    if row.type == "mediaType":
        main, _, sub = str(value).partition("/")
        at_main, at_sub = (int(number) for number in row.codes.split())
        return {at_main: main, at_sub: sub}
    if row.type in ("system", "entitySystem", "authority", "codingSystem"):
        return _system(row, str(value))
    return _composite(row, value, back, taken)


def _composite(row: FieldRow, value: Any, back: Back, taken: Taken | None) -> Tree | None:
    kind = row.type.partition(".")[2]
    if kind in resource_types() and row.target != THIS:
        value = back.resource(value)
        if value is None or value["resourceType"] != kind:
            return None
    if not isinstance(value, dict):
        return None
    if kind == "CodeableConcept":
        value = _untranslated_concept(value, row.codes)
    elif kind == "Coding":
        value = _plain(_untranslated(value, row.codes), row.codes)
    return composite(row.type, value, back, taken if row.target == THIS else None) or None


def _code(row: FieldRow, spot: Spot) -> Tree | None:
    """The v2 code that was kept beside a code, or the first one that becomes it."""
    beside = spot.element.get(f"_{spot.name}")
    for extension in beside.get("extension", []) if isinstance(beside, dict) else []:
        kept = extension.get("valueCodeableConcept")
        if isinstance(kept, dict):
            return str((kept.get("coding") or [{}])[0].get("code") or kept.get("text", "")) or None
    return v2_code(row.codes, str(spot.value)) if spot.value is not None else None


def _untranslated_concept(concept: Element, codes: str) -> Element:
    codings = concept.get("coding") or []
    if not codings:
        return concept
    first, *others = codings
    default = coding_system(code_map(codes).default) if codes else ""
    if others and others[0].get("system") == default and _untranslated(first, codes) != first:
        first, *others = others
    first = _untranslated(first, codes)
    return concept | {"coding": [first if others else _plain(first, codes), *others]}


def _plain(coding: Element, codes: str) -> Element:
    """A code of the field's own table alone, as an ID or IS has it."""
    default = coding_system(code_map(codes).default) if codes else ""
    if coding.keys() == {"system", "code"} and coding["system"] == default:
        return {"code": coding["code"]}
    return coding


def _untranslated(coding: Element, codes: str) -> Element:
    """The v2 coding that a code table turns into this one."""
    system, code = coding.get("system"), coding.get("code")
    for row in code_tables().get(codes, ()):
        if (row.system, row.fhir) == (system, code) and row.v2 == code:
            return coding | {"system": coding_system(row.table)}
        if (row.system, row.fhir) == (system, code):
            return {"system": coding_system(row.table), "code": row.v2}
    return coding


def _system(row: FieldRow, uri: str) -> Tree | None:
    if row.type == "codingSystem":
        return system_name(uri)
    holder: Tree = {number: each for number, each in enumerate(authority_parts(uri), start=1) if each}
    if row.type == "authority":
        return holder or None
    if row.type == "entitySystem":
        return {number + 1: each for number, each in holder.items()} if isinstance(holder, dict) else None
    return {int(row.codes.split()[0]): holder} if holder else None
