"""The tables against HL7's v2-to-FHIR guide, row by row: equal, or marked ours, or a named difference.

The guide's CSV files are not part of the project; AYNI_CONFORMANCE_DATA names the folder that has them.
"""

import csv
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from ayni.vocabulary.maps import tables

DATA = os.environ.get("AYNI_CONFORMANCE_DATA", "")
GUIDE = Path(DATA) / "v2-to-fhir"

pytestmark = pytest.mark.skipif(
    not DATA or not GUIDE.is_dir(), reason="AYNI_CONFORMANCE_DATA names no folder with v2-to-fhir"
)

Keys = set[tuple[str, str]]

THIS = "$this"
FIELD = re.compile(r"[-.](\d+)")
MESSAGES = [
    *("ADT_A01", "ADT_A02", "ADT_A05", "ADT_A06", "ADT_A09", "ADT_A11", "ADT_A17", "MDM_T02", "OML_O21"),
    *("ORM_O01", "ORU_R01", "SIU_S12", "VXU_V04"),
]


def dotted(name: str) -> str:
    """`PID.Patient` for the guide's `PID[Patient]`."""
    return re.sub(r"\[(.*?)\]", r".\1", name).strip()


def element(target: str) -> str:
    """The first element of a path, in the guide's writing or in ours: `identifier[1].value`."""
    path = re.sub(r"^\[\d+\]\.?", "", target.strip())
    return re.sub(r"\[.*?\]|\(.*", "", path).split(".")[0].split("=")[0].strip(" _+")


def rows(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from ([cell.strip() for cell in row] + [""] * 17 for row in list(csv.reader(file))[2:])


@cache
def guide(folder: str) -> dict[str, list[list[str]]]:
    """The guide's tables of a folder by name."""
    found = {}
    for path in (GUIDE / folder).glob("*.csv"):
        name = re.search(r"R4_ (.+?) - ", path.name)
        assert name, path
        found[dotted(name[1])] = list(rows(path))
    return found


def guide_message(structure: str) -> Keys:
    """(segment, segment table)."""
    return {(row[1].split(".")[-1], dotted(row[10])) for row in guide("messages")[structure] if row[10]}


def guide_segment(table: str) -> Keys:
    """(field, element); the field is "" for what stands whatever the fields hold."""
    return {(field_in(row[1]), element(row[9])) for row in guide("segments")[table] if element(row[9])}


def field_in(identifier: str) -> str:
    found = FIELD.search(identifier)
    return found[1] if found else ""


def our_message(structure: str) -> dict[tuple[str, str], str]:
    """The mark of each (segment, segment table)."""
    found = tables.message_table(structure) or ()
    return {(row.segment.split(".")[-1].strip("*?"), row.map): row.mark for row in found if row.map}


def our_segment(table: str) -> dict[tuple[str, str], set[str]]:
    """The marks of each (field, element); what a data type table writes into the resource itself is part."""
    found: dict[tuple[str, str], set[str]] = {}
    for row in tables.field_table(table):
        field = row.source.split(":")[-1]
        inner = {name for _, name in our_segment(row.type)} if row.target == THIS else {element(row.target)}
        for name in inner:
            found.setdefault((field, name), set()).update(set(row.mark.split()) & {"ours"} or {""})
    return found


@pytest.mark.parametrize("structure", MESSAGES)
def test_a_message_table_is_the_guides_but_for_named_differences(structure: str) -> None:
    theirs, ours = guide_message(structure), our_message(structure)
    named = {row for table, row in tables.differences() if table == structure}
    assert {table for _, table in theirs - set(ours)} == named
    assert {key: mark for key, mark in ours.items() if mark != ("" if key in theirs else "ours")} == {}


def test_every_message_table_of_the_guide_is_compared() -> None:
    assert set(MESSAGES) == set(guide("messages"))


def test_what_the_guide_has_no_table_for_is_marked_ours() -> None:
    others = set(tables.message_tables()) - set(guide("messages"))
    assert {mark for name in others for mark in our_message(name).values()} == {"ours"}
    others = set(tables.segment_tables()) - set(guide("segments"))
    assert {row.mark.split()[0] for name in others for row in tables.field_table(name)} == {"ours"}


@pytest.mark.parametrize("table", tables.segment_tables())
def test_a_segment_table_is_the_guides_but_for_named_differences(table: str) -> None:
    if table not in guide("segments"):
        return
    theirs, ours = guide_segment(table), our_segment(table)
    anywhere = {name for _, name in ours}
    missing = {
        f"{field} {name}".strip()
        for field, name in theirs
        if name != THIS and (field, name) not in ours and not (field == "" and name in anywhere)
    }
    assert missing == {row for named, row in tables.differences() if named == table}
    whole = {name for field, name in theirs if field == ""}
    into_itself = {field for field, name in theirs if name == THIS}
    unmarked = {
        (field, name)
        for (field, name), marks in ours.items()
        if "" in marks
        and (field, name) not in theirs
        and name not in whole
        and field not in into_itself
        and not (field == "" and name in {each for _, each in theirs})
    }
    assert unmarked == set()


def part(target: str) -> str:
    """The element of a data type; the guide has `Quantity.unit` and `location(Location.mode)` too."""
    inside = re.sub(r"^(?:\[[\d-]+\]\.)?(?:location\(Location\.|Quantity\.)?", "", target.strip())
    return element(inside.rstrip(")")).removeprefix("$")


def guide_type(table: str) -> Keys:
    """(component, element); the component is "" for what the whole value says."""
    return {(field_in(row[1]), part(row[9])) for row in guide("datatypes")[table] if part(row[9])}


SHARED_TYPES = sorted(set(tables.data_type_tables()) & set(guide("datatypes") if GUIDE.is_dir() else ()))


def test_most_data_type_tables_are_the_guides() -> None:
    assert len(SHARED_TYPES) > 30


@pytest.mark.parametrize("table", SHARED_TYPES)
def test_a_data_type_table_is_the_guides_but_for_named_differences(table: str) -> None:
    theirs, ours = guide_type(table), our_segment(table)
    of_whole = {name for component, name in ours if component in ("", "0")}
    missing = {
        f"{component} {name}".strip()
        for component, name in theirs
        if (component, name) not in ours and name not in of_whole
    }
    assert missing == {row for named, row in tables.differences() if named == table}
    anywhere = {name for _, name in theirs}
    unmarked = {
        (row.source, element(row.target))
        for row in tables.field_table(table)
        if "ours" not in row.mark
        and row.target != THIS
        and (row.source, element(row.target)) not in theirs
        and not (row.source == "0" and element(row.target) in anywhere)
    }
    assert unmarked == set()


def test_a_code_becomes_what_the_guide_says_or_is_marked_ours() -> None:
    theirs: dict[tuple[str, str], set[str]] = {}
    for path in (GUIDE / "codesystems").glob("*.csv"):
        for row in rows(path):
            theirs.setdefault((row[2], row[0]), set()).add(row[6])
    wrong = [
        (name, row.v2, row.fhir)
        for name, table in tables.code_tables().items()
        for row in table
        if "ours" not in row.mark and row.fhir not in theirs.get((row.table, row.v2), set())
    ]
    assert wrong == []
