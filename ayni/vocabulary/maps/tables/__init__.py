"""The tables that say how HL7 v2 becomes FHIR R4: data, read once when first asked for.

Shape and most facts are those of HL7's v2-to-FHIR guide (CC0): a message table says which resource a segment
makes and what refers to what, a segment or data type table which element a field or component becomes, a
code table which code another one becomes. A row marked `ours` is not in the guide; a difference from it is
in `differences.csv` with its reason.
"""

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ONE_WAY = "one-way"
"""The mark of a row that has no way back: v2.5.1 says the same elsewhere (ORC-7 by TQ1), or what FHIR has may
stand for nothing that v2 said. A report of unknown status need not be one without results (OBR-25 `N`)."""

_FOLDER = Path(__file__).parent


class SegmentRow(NamedTuple):
    """One row of a message table: what a segment at a place makes."""

    segment: (
        str  # a path of groups, `PATIENT_RESULT*.ORDER_OBSERVATION*.ORC?`; `*` repeats, `?` may be absent
    )
    when: str
    resource: str  # a type or, where a message has several kinds of one type, `Type:kind`
    map: str  # a segment table, such as `PID.Patient`
    links: str  # `subject=Patient DiagnosticReport.result[]=Observation`
    mark: str


class FieldRow(NamedTuple):
    """One row of a segment or data type table: what a field or component becomes."""

    source: str  # its number; empty for a row that does not depend on one
    when: str
    target: str  # `name[]`, `hospitalization.admitSource`, `extension[religion].valueCodeableConcept`
    type: str  # a FHIR primitive, a data type table such as `CX.Identifier`, or Coding or CodeableConcept
    codes: str  # a code table, or the v2 table of codes that name none
    value: str  # what is written instead of the source: `system|code|display` for a Coding
    mark: str  # words: `ours`, `one-way` for what goes to FHIR only, `again` for what the way back repeats


class CodeRow(NamedTuple):
    table: str  # the v2 table, such as `HL70001`
    v2: str
    system: str
    fhir: str
    display: str
    mark: str  # words: `ours`, `one-way`


class RequiredRow(NamedTuple):
    path: str  # `Appointment.participant.status`; the type alone for a resource that asks for nothing
    type: str
    value: str  # empty: the element is there and says that its value is unknown


def _rows(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(line for line in file if not line.startswith("#"))
        next(lines)  # the names of the columns
        yield from (row for row in lines if row)


@cache
def message_table(structure: str) -> tuple[SegmentRow, ...] | None:
    """The table of a message structure such as `ADT_A01`; None where there is none."""
    path = _FOLDER / "messages" / f"{structure}.csv"
    return tuple(SegmentRow(*row) for row in _rows(path)) if path.exists() else None


@cache
def message_tables() -> tuple[str, ...]:
    """The structures that have a table."""
    return tuple(sorted(path.stem for path in (_FOLDER / "messages").glob("*.csv")))


@cache
def field_table(name: str) -> tuple[FieldRow, ...]:
    """A segment table (`PID.Patient`) or a data type table (`CX.Identifier`). Raises KeyError for none."""
    path = _FOLDER / "segments" / f"{name}.csv"
    if path.exists():
        return tuple(FieldRow(*row) for row in _rows(path))
    return _data_types()[name]


@cache
def segment_tables() -> tuple[str, ...]:
    """The names of the segment tables."""
    return tuple(sorted(path.stem for path in (_FOLDER / "segments").glob("*.csv")))


@cache
def _data_types() -> dict[str, tuple[FieldRow, ...]]:
    found: dict[str, list[FieldRow]] = {}
    for name, *row in _rows(_FOLDER / "datatypes.csv"):
        found.setdefault(name, []).append(FieldRow(*row))
    return {name: tuple(rows) for name, rows in found.items()}


@cache
def data_type_tables() -> tuple[str, ...]:
    """The names of the data type tables."""
    return tuple(sorted(_data_types()))


@cache
def code_tables() -> dict[str, tuple[CodeRow, ...]]:
    """The code tables by name."""
    found: dict[str, list[CodeRow]] = {}
    for name, *row in _rows(_FOLDER / "codes.csv"):
        found.setdefault(name, []).append(CodeRow(*row))
    return {name: tuple(rows) for name, rows in found.items()}


@cache
def required() -> tuple[RequiredRow, ...]:
    """What R4 requires of the resources the tables make, and what stands there where v2 says nothing."""
    return tuple(RequiredRow(*row) for row in _rows(_FOLDER / "required.csv"))


@cache
def named(table: str) -> dict[str, str]:
    """A table of two columns: `systems` (v2 name, URI), `extensions` (our word, URL), `events`."""
    return {name: meaning for name, meaning, *_ in _rows(_FOLDER / f"{table}.csv")}


@cache
def authorities() -> dict[tuple[str, str], str]:
    """(namespace, type code or resource) to the system of an identifier."""
    return {(namespace, kind): system for namespace, kind, system in _rows(_FOLDER / "authorities.csv")}


@cache
def differences() -> dict[tuple[str, str], str]:
    """(table of the guide, its row) that is left out here, and why."""
    return {(table, row): reason for table, row, reason in _rows(_FOLDER / "differences.csv")}
