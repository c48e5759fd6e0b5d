"""What stands at a target path of a table: the way back of `to_fhir.target`.

An item of a list is known by what the table writes into it of its own (`participant[].type` is `ATND`) and by
what it refers to. An item that the mark of another field fits is the other's, and one that a field has taken
is not taken again.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from ayni.vocabulary.maps.tables import FieldRow, field_table, segment_tables
from ayni.vocabulary.maps.to_fhir.codes import code_map
from ayni.vocabulary.maps.to_fhir.conversion import fixed
from ayni.vocabulary.maps.to_fhir.making import resource_types
from ayni.vocabulary.maps.to_fhir.systems import coding_system
from ayni.vocabulary.maps.to_fhir.target import THIS, Element, Step, target
from ayni.vocabulary.maps.to_v2.back import Back


class Spot(NamedTuple):
    """An element and the name in it that a path leads to.

    `item` tells repetitions apart; `claim` is the list item that is told by it, also where a label names it.
    """

    item: tuple[str, int]
    claim: tuple[str, int]
    element: Element
    name: str

    @property
    def value(self) -> Any:
        return self.element if self.name == THIS else self.element.get(self.name)


_NONE = ("", 0)

AGAIN = "again"
"""The mark of a row that the way back tells although another segment says the same: OBR-2 beside ORC-2."""


class _Mark(NamedTuple):
    source: str
    path: tuple[str, ...]  # below the item
    value: Any
    when: str


class Finder:
    """Reads one resource or element by one table. `taken` are the items that other rows or fields have."""

    def __init__(
        self,
        table: str,
        taken: set[tuple[str, int]],
        back: Back,
        *,
        nth: int | None = None,
        most: int = 0,
    ) -> None:
        """`nth` of several segments that fill one resource; `most`: items, 0 for any number."""
        self.taken = taken
        self._table = table
        self._kinds = back.kinds  # of the resources, by reference
        self._free = back.free
        self._nth = nth
        self._most = most

    def spots(self, row: FieldRow, element: Element) -> Iterator[Spot]:
        """The places of the row's target in the element."""
        at = target(row.target)
        yield from self._walk(row, element, (*at.steps, at.last), _NONE, _NONE)

    def take(self, spot: Spot) -> None:
        """No other row gets this item, when it is a value and no element with parts."""
        if not spot.name:
            self.taken.add(spot.claim)

    def _walk(
        self,
        row: FieldRow,
        element: Element,
        steps: tuple[Step, ...],
        item: tuple[str, int],
        claim: tuple[str, int],
    ) -> Iterator[Spot]:
        step, *rest = steps
        if step.label is None:
            if not rest:
                yield Spot(item, claim, element, step.name)
            elif isinstance(inner := element.get(step.name), dict):
                yield from self._walk(row, inner, tuple(rest), item, claim)
            return
        for index, each in self._items(row, element.get(step.name), step):
            here = (step.name, index)
            now = here if step.each and item == _NONE else item
            whole = not rest or (step.each and not step.label) or self._nth is not None
            claimed = here if claim == _NONE and not step.start and whole else claim
            if rest:
                yield from self._walk(row, each, tuple(rest), now, claimed)
            else:
                yield Spot(now, claimed, {"": each}, "")

    def _items(self, row: FieldRow, values: Any, step: Step) -> list[tuple[int, Any]]:
        if not isinstance(values, list):
            return []
        if step.start:
            return [(n, each) for n, each in enumerate(values) if each.get("url") == step.start["url"]]
        field = row.source.partition(":")[0]
        if self._nth is not None:
            return [
                (n, each) for n, each in self._nth_of(values, step) if self._fits(each, step, field, row.when)
            ]
        fits = [(n, each) for n, each in enumerate(values) if self._fits(each, step, field, row.when)]
        free = [(n, each) for n, each in fits if AGAIN in row.mark or (step.name, n) not in self.taken]
        if step.label and step.label.isdecimal():
            if self._table in segment_tables():
                return fits[:1]
            return [(n, each) for n, each in fits if n == int(step.label) - 1]
        return free[: self._most] if self._most and step.each else free

    def _nth_of(self, values: list[Any], step: Step) -> list[tuple[int, Any]]:
        """The item of one of several segments: they share the items that some row of their table made."""
        called = id(values), self._table, len(self.taken)
        if called not in self._free:
            ways = _ways(self._table, step.name)
            self._free[called] = [
                n
                for n, each in enumerate(values)
                if (step.name, n) not in self.taken and any(self._fits(each, *way) for way in ways)
            ]
        free = self._free[called]
        nth = self._nth or 0
        return [(n, values[n]) for n in free[nth : nth + 1]]

    def _fits(self, item: Any, step: Step, field: str, when: str) -> bool:
        own, others = _marks_of(self._table, step.prefix, field, labelled=bool(step.label))
        if not all(_holds(item, mark) for mark in own if mark.when in ("", when)):
            return False
        if self._table not in segment_tables():
            return True  # the components of one value tell one item together
        if not any(_holds(item, mark) for mark in own) and any(_holds(item, mark) for mark in others):
            return False
        if not _of_table(item, self._table, step.prefix, field):
            return False
        return all(
            self._kinds.get(reference, kind) == kind
            for path, kind in _references_of(self._table, step.prefix, field, labelled=bool(step.label))
            for reference in _leaves(item, path)
        )


@cache
def _ways(table: str, name: str) -> tuple[tuple[Step, str, str], ...]:
    """How rows write into a list: the step, the field and the condition of each."""
    steps = (
        (step, row)
        for row in field_table(table)
        for at in (target(row.target),)
        for step in (*at.steps, at.last)
    )
    return tuple(
        (step, row.source.partition(":")[0], row.when)
        for step, row in steps
        if step.name == name and step.label is not None and not row.value
    )


@cache
def _marks_of(table: str, prefix: str, field: str, *, labelled: bool) -> tuple[list[_Mark], list[_Mark]]:
    """The marks of an item that a field writes, and those of the other fields that write the same list."""
    own: list[_Mark] = []
    others: list[_Mark] = []
    for row in field_table(table):
        at = target(row.target)
        steps = (*at.steps, at.last)
        place = next((n for n, step in enumerate(steps) if step.prefix == prefix), None)
        if not row.value or place is None or place + 1 == len(steps):
            continue
        path = tuple(step.name for step in steps[place + 1 :])
        mark = _Mark(row.source, path, fixed(row), row.when)
        (own if labelled or row.source in (field, "") else others).append(mark)
    return own, others


def _of_table(item: Any, table: str, prefix: str, field: str) -> bool:
    """A code of the v2 table of another field is the other's: table 0131 is NK1-7's, not NK1-3's."""
    own, others = _systems_of(table, prefix, field)
    said = {coding.get("system") for coding in item.get("coding", [])} if isinstance(item, dict) else set()
    return not said & others or bool(said & own)


@cache
def _systems_of(table: str, prefix: str, field: str) -> tuple[frozenset[str], frozenset[str]]:
    rows = [row for row in field_table(table) if row.codes and target(row.target).last.prefix == prefix]
    of = {row.source: coding_system(code_map(row.codes).default) for row in rows if row.type != "system"}
    own = frozenset(system for source, system in of.items() if source == field)
    return own, frozenset(of.values()) - own


@cache
def _references_of(
    table: str, prefix: str, field: str, *, labelled: bool
) -> list[tuple[tuple[str, ...], str]]:
    found = []
    for row in field_table(table):
        kind = row.type.partition(".")[2]
        at = target(row.target)
        steps = (*at.steps, at.last)
        place = next((n for n, step in enumerate(steps) if step.prefix == prefix), None)
        if kind in resource_types() and place is not None and (labelled or row.source == field):
            found.append(((*(step.name for step in steps[place + 1 :]), "reference"), kind))
    return found


def _holds(item: Any, mark: _Mark) -> bool:
    return any(contains(value, mark.value) for value in _leaves(item, mark.path))


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    if isinstance(value, list):
        for each in value:
            yield from _leaves(each, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from _leaves(value[path[0]], path[1:])


def contains(value: Any, wanted: Any) -> bool:
    """Whether an element says all that another one says."""
    if isinstance(wanted, dict):
        return isinstance(value, dict) and all(
            contains(value.get(name), each) for name, each in wanted.items()
        )
    if isinstance(wanted, list):
        return isinstance(value, list) and all(any(contains(one, each) for one in value) for each in wanted)
    return bool(value == wanted)


@cache
def _marks_of_itself(table: str, source: str) -> tuple[_Mark, ...]:
    """What a component writes into its element whenever it is there."""
    found = []
    for row in field_table(table):
        at = target(row.target)
        steps = (*at.steps, at.last)
        if row.value and not row.when and row.source == source:
            found.append(_Mark(row.source, tuple(step.name for step in steps), fixed(row), ""))
    return tuple(found)


def fitting(table: str, source: str, element: Element) -> bool:
    """Whether an element has the marks without which this component did not make it: a bed is no room."""
    return all(_holds(element, mark) for mark in _marks_of_itself(table, source))


@cache
def _signature(table: str) -> tuple[_Mark, ...]:
    found = []
    for row in field_table(table):
        if row.value and not row.when:
            at = target(row.target)
            path = tuple(step.name for step in (*at.steps, at.last))
            found.append(_Mark(row.source, path, fixed(row), ""))
    return tuple(found)


def signed(table: str, resource: Element) -> bool:
    """Whether a resource has all the marks of a segment table, and there are such."""
    marks = _signature(table)
    return bool(marks) and all(_holds(resource, mark) for mark in marks)
