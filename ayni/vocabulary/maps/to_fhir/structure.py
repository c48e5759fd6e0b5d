"""Where the segments of a message stand in the groups of its table, and which resources they share.

The walk is lenient: a segment goes to the nearest place that its name may have, first in the innermost group
that is open. What begins a repeating group anew opens the group again. A segment that has no place left is
not mapped; the message is never refused for the order of its segments.
"""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from ayni.vocabulary.maps.tables import SegmentRow, message_table
from ayni.vocabulary.maps.to_fhir.condition import Condition, condition
from ayni.vocabulary.maps.to_fhir.scope import Scope


class Action(NamedTuple):
    """What a segment at a place makes."""

    holds: Condition | None
    resource: str
    map: str
    links: tuple[tuple[str, str, str], ...]  # (whose element, "" for its own; the path; what it refers to)


class Place(NamedTuple):
    number: int  # in the order of the table
    groups: tuple[str, ...]
    repeats: bool
    optional: bool  # a segment that may be absent from the beginning of its group
    starts: frozenset[int]  # the depths of the groups that a segment here can begin
    actions: tuple[Action, ...]


@cache
def places(structure: str) -> dict[str, tuple[Place, ...]] | None:
    """The places of each segment in a structure, in their order; None for one without a table."""
    rows = message_table(structure)
    if rows is None:
        return None
    paths = list(dict.fromkeys(row.segment for row in rows))
    found: dict[str, list[Place]] = {}
    for number, path in enumerate(paths):
        *groups, segment = path.split(".")
        actions = tuple(_action(row) for row in rows if row.segment == path and row.map)
        place = Place(
            number, tuple(groups), segment.endswith("*"), "?" in segment, _starts(number, paths), actions
        )
        found.setdefault(segment.strip("*?"), []).append(place)
    return {name: tuple(each) for name, each in found.items()}


def _starts(index: int, paths: list[str]) -> frozenset[int]:
    """A group is begun by its first segment, or by one before which all may be absent (`?`)."""
    groups = paths[index].split(".")[:-1]
    return frozenset(
        depth
        for depth in range(1, len(groups) + 1)
        if all(
            "?" in ".".join(before.split(".")[depth:])
            for before in paths[:index]
            if before.split(".")[:depth] == groups[:depth]
        )
    )


def _action(row: SegmentRow) -> Action:
    return Action(
        condition(row.when), row.resource, row.map, tuple(_link(text) for text in row.links.split())
    )


def _link(text: str) -> tuple[str, str, str]:
    left, _, right = text.partition("=")
    owner, _, path = left.partition(".") if left[0].isupper() else ("", "", left)
    return owner, path, right


class Walk:
    """One message on its way through its table."""

    def __init__(self, places: dict[str, tuple[Place, ...]]) -> None:
        self._places = places
        self._groups: list[str] = []
        self._scopes = [Scope()]  # of the message, then of each open group
        self._number = -1

    @property
    def scope(self) -> Scope:
        """Of the message."""
        return self._scopes[0]

    def step(self, name: str) -> tuple[Place, Scope] | None:
        """The place of the next segment and the scope it works in; None when it has none."""
        known = self._places.get(name, ())
        for place, depth in self._candidates(known):
            if self._enter(place, depth):
                scope = self._scopes[-1]
                return place, Scope(scope) if place.repeats else scope
        return None

    def _candidates(self, known: tuple[Place, ...]) -> Iterator[tuple[Place, int]]:
        """Places, each with the depth down to which the open groups are kept."""
        for depth in range(len(self._groups), -1, -1):
            inside = [place for place in known if place.groups[:depth] == tuple(self._groups[:depth])]
            yield from ((place, self._kept(place)) for place in inside if place.number >= self._number)
            if depth and self._groups[depth - 1].endswith("*"):
                yield from ((place, depth - 1) for place in inside if depth in place.starts)
        yield from ((place, self._kept(place)) for place in known)

    def _kept(self, place: Place) -> int:
        """How many of the open groups the place is in."""
        count = 0
        for open_, group in zip(self._groups, place.groups, strict=False):
            if open_ != group:
                break
            count += 1
        return count

    def _enter(self, place: Place, depth: int) -> bool:
        groups, scopes = self._groups[:depth], self._scopes[: depth + 1]
        for group in place.groups[depth:]:
            groups.append(group)
            scopes.append(Scope(scopes[-1]) if group.endswith("*") else scopes[-1])
        filled = scopes[-1].filled
        if not place.repeats and place.number in filled:
            return False
        filled.add(place.number)
        self._groups, self._scopes, self._number = groups, scopes, place.number
        return True
