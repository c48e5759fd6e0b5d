"""The tables agree with each other: every row can run, every name leads somewhere, nothing lies unused."""

import re
from collections.abc import Iterator
from functools import cache

import pytest

from ayni.vocabulary.fhir.definitions import resource_types, type_definition
from ayni.vocabulary.maps import tables
from ayni.vocabulary.maps.to_fhir import making
from ayni.vocabulary.maps.to_fhir.codes import code_map
from ayni.vocabulary.maps.to_fhir.rule import rules
from ayni.vocabulary.maps.to_fhir.structure import places
from ayni.vocabulary.request import SCHEDULING

FIELD_TABLES = (*tables.segment_tables(), *tables.data_type_tables())


@pytest.mark.parametrize("name", FIELD_TABLES)
def test_each_row_of_a_table_can_run(name: str) -> None:
    assert rules(name)


@pytest.mark.parametrize("structure", tables.message_tables())
def test_each_row_of_a_message_table_leads_to_tables_and_resources(structure: str) -> None:
    rows = tables.message_table(structure) or ()
    made = {row.resource for row in rows if row.map}
    for row in rows:
        if row.map:
            assert row.map in tables.segment_tables(), row
            assert row.map.partition(".")[0] in row.segment or row.map.startswith("MSH"), row
    linked = {
        name
        for row in rows
        for link in row.links.split()
        for name in (link.partition("=")[2], link.partition(".")[0] if link[0].isupper() else row.resource)
    }
    assert linked - made == set()
    assert places(structure)


def test_no_segment_table_and_no_data_type_table_lies_unused() -> None:
    structures = [tables.message_table(name) or () for name in tables.message_tables()]
    used = {row.map for rows in structures for row in rows}
    used |= {row.type for name in FIELD_TABLES for row in tables.field_table(name)}
    assert set(FIELD_TABLES) - used == set()


def test_no_code_table_no_extension_and_no_event_lies_unused() -> None:
    rows = [row for name in FIELD_TABLES for row in tables.field_table(name)]
    assert set(tables.code_tables()) - {row.codes for row in rows} == set()
    labels = {label for row in rows for label in re.findall(r"extension\[([A-Za-z-]+)\]", row.target)}
    assert set(tables.named("extensions")) == labels | {"absent", "alternateCode", "sentDisplay"}
    assert set(tables.named("events").values()) - set(tables.message_tables()) == set()


def test_the_resources_that_tables_make_are_of_r4() -> None:
    structures = [tables.message_table(name) or () for name in tables.message_tables()]
    made = {row.resource.partition(":")[0] for rows in structures for row in rows if row.map}
    assert made - {"Bundle"} <= making.resource_types() <= resource_types()


def test_a_code_has_one_meaning() -> None:
    for name, rows in tables.code_tables().items():
        assert len({row.v2 for row in rows}) == len(rows), name
        assert len({row.table for row in rows}) == 1, name


def test_every_scheduling_state_has_the_task_status_that_the_record_gives_it() -> None:
    states = code_map("TaskStatus")
    assert {state: states.fhir(state) for state in SCHEDULING} == {
        state: expression.task_status for state, expression in SCHEDULING.items()
    }
    fillers = code_map("FillerStatus")
    for expression in SCHEDULING.values():
        if expression.filler_status not in ("Pending", "Complete"):
            assert fillers.fhir(expression.filler_status) == expression.appointment_status


def test_what_r4_requires_of_what_is_written_is_in_the_table_of_required_elements() -> None:
    known = {row.path.replace("[]", "").partition("|")[0] for row in tables.required()}
    wanted = {
        f"{kind}.{'.'.join([*parents, name])}"
        for kind, paths in _written().items()
        for path in paths
        for parents, name in _required_along(kind, path)
    }
    choices = {re.sub(r"[A-Z][A-Za-z]*$", "", path) for path in known}  # `Immunization.occurrence` for [x]
    assert wanted - known - choices == set()


def _written() -> dict[str, set[tuple[str, ...]]]:
    """By resource type: the elements that rows write, and those links write, as names."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for structure in tables.message_tables():
        for row in tables.message_table(structure) or ():
            if row.map:
                kind = row.resource.partition(":")[0]
                paths = [each.target for each in tables.field_table(row.map)]
                found.setdefault(kind, {()}).update(map(_names, paths))
            for link in row.links.split():
                left = link.partition("=")[0]
                owner, _, path = left.partition(".") if left[0].isupper() else (row.resource, "", left)
                found.setdefault(owner.partition(":")[0], {()}).add(_names(path))
    return {kind: paths for kind, paths in found.items() if kind != "Bundle"}


def _names(path: str) -> tuple[str, ...]:
    return tuple(re.sub(r"\[.*?\]|\+", "", step) for step in path.split("."))


def _required_along(kind: str, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """What R4 requires of each element on the way to one; another rule may well write it."""
    for depth in range(len(path)):
        parents = path[:depth]
        if any(name in ("extension", "$this") or name.startswith("_") for name in parents):
            return
        for name in _required_of(".".join((kind, *parents))):
            if name not in ("extension", "url"):
                yield parents, name


@cache
def _required_of(element: str) -> frozenset[str]:
    kind, *_ = element.split(".")
    definition = type_definition(kind)
    assert definition
    depth = element.count(".") + 1
    return frozenset(
        each["path"].split(".")[-1].removesuffix("[x]")
        for each in definition["snapshot"]["element"]
        if each["path"].startswith(f"{element}.") and each["path"].count(".") == depth and each["min"]
    )
