"""A text that has a segment for each of its lines: on the way back each line is a part of its own again."""

import base64
import copy
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from ayni.vocabulary.maps.tables import field_table, segment_tables
from ayni.vocabulary.maps.to_fhir.conversion import fixed
from ayni.vocabulary.maps.to_fhir.target import Element, target
from ayni.vocabulary.maps.to_v2.values import text_of

Path = tuple[str, ...]


class _Text(NamedTuple):
    """Where a list has such texts."""

    name: str  # of the list
    path: Path  # of the text in an item, in base64
    marks: tuple[tuple[Path, Any], ...]  # what an item says that has one


def by_line(resource: Element) -> Element:
    """The resource with an item for each line; itself when it has no such text."""
    for text in _texts(str(resource["resourceType"])):
        if text.name in resource:
            items = [line for each in resource[text.name] for line in _lines(each, text)]
            resource = {**resource, text.name: items}
    return resource


def _lines(item: Element, text: _Text) -> Iterator[Element]:
    whole = text_of("base64Whole", _at(item, text.path) or "")
    if not whole or any(_at(item, path) != value for path, value in text.marks):
        yield item
        return
    for line in whole.replace("\r\n", "\n").split("\n"):
        one = copy.deepcopy(item)
        _at(one, text.path[:-1])[text.path[-1]] = base64.b64encode(line.encode()).decode()
        yield one


def _at(element: Any, path: Path) -> Any:
    for name in path:
        element = element.get(name) if isinstance(element, dict) else None
    return element


@cache
def _texts(kind: str) -> tuple[_Text, ...]:
    """The texts of a resource type that tables write line by line."""
    found: dict[tuple[str, Path], _Text] = {}
    for table in segment_tables():
        for row in field_table(table):
            at = target(row.target)
            if table.partition(".")[2] == kind and at.shared_by and at.last.lines:
                name, *path = [step.name for step in (*at.steps, at.last)]
                marks = tuple(_marks(table, at.steps[0].prefix, row.when))
                found.setdefault((name, tuple(path)), _Text(name, tuple(path), marks))
    return tuple(found.values())


def _marks(table: str, prefix: str, when: str) -> Iterator[tuple[Path, Any]]:
    for row in field_table(table):
        at = target(row.target)
        if row.value and row.when == when and at.steps and at.steps[0].prefix == prefix:
            yield tuple(step.name for step in (*at.steps[1:], at.last)), fixed(row)
