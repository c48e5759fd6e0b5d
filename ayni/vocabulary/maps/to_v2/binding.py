"""Which resource of a Bundle is which of a message table: known by its type, its marks and its references."""

from collections.abc import Iterator
from typing import Any

from ayni.vocabulary.maps.to_fhir.structure import Action, Place
from ayni.vocabulary.maps.to_fhir.target import Element, target
from ayni.vocabulary.maps.to_v2.back import Back
from ayni.vocabulary.maps.to_v2.source import signed

Bound = dict[str, Element]
"""The resources of a group and those around it, by their name in the table."""


class Binding:
    """Gives each resource to one name of the table."""

    def __init__(self, back: Back, places: list[Place]) -> None:
        self._back = back
        self._used: set[int] = set()
        self._places = places
        self._links = [link for place in places for link in _links(place)]
        self._owned = self._owned_by_links()
        self.root: Bound = {}

    def bind(self, name: str, resource: Element, bound: Bound) -> Bound:
        """The names of an inner group, in which this name is this resource."""
        self._used.add(id(resource))
        return {**bound, name: resource}

    def candidates(self, name: str, place: Place, bound: Bound) -> list[Element]:
        """The resources that may have this name at this place, in the order of the Bundle."""
        kind = name.partition(":")[0]
        if kind == "Bundle":
            return [self._back.bundle]
        found = [
            each
            for each in self._back.resources
            if each["resourceType"] == kind
            and id(each) not in self._used
            and self._linked(each, name, place, bound)
            and not self._of_another(each, name)
        ]
        own = [each for each in found if any(signed(action.map, each) for action in self._actions(name))]
        return own or ([] if self._leaves_to_others(name, len(found), bound) else found)

    def _actions(self, name: str) -> Iterator[Action]:
        return (each for place in self._places for each in place.actions if each.resource == name)

    def _others(self, name: str) -> dict[str, Place]:
        """The other names of the same type, each with the place that makes it."""
        kind = name.partition(":")[0]
        found: dict[str, Place] = {}
        for place in self._places:
            for each in place.actions:
                if each.resource != name and each.resource.partition(":")[0] == kind:
                    found.setdefault(each.resource, place)
        return found

    def _of_another(self, resource: Element, name: str) -> bool:
        """One that has the marks of another name, and not those of this one."""
        if any(signed(each.map, resource) for each in self._actions(name)):
            return False
        return any(
            signed(each.map, resource) for other in self._others(name) for each in self._actions(other)
        )

    def _leaves_to_others(self, name: str, count: int, bound: Bound) -> bool:
        """A name that a message has under a condition only comes after those that it has in any case."""
        if not all(each.holds for each in self._actions(name)):
            return False
        owners = self._owners(name)
        sure = [
            place
            for other, place in self._others(name).items()
            if other not in bound
            and any(each.holds is None for each in self._actions(other))
            and (owners & self._owners(other) or owners == self._owners(other))
        ]
        repeats = any(place.repeats or any(g.endswith("*") for g in place.groups) for place in sure)
        return repeats or count <= len(sure)

    def _owners(self, name: str) -> set[tuple[str, str]]:
        return {(owner, path) for place in self._places for owner, path, to in _owning(place) if to == name}

    def _linked(self, resource: Element, name: str, place: Place, bound: Bound) -> bool:
        owners = [link for link in _owning(place) if link[2] == name]
        near = [(owner, path) for owner, path, _ in owners if owner in bound]
        if near and not any(self._refers(bound[owner], path, resource) for owner, path in near):
            return False
        if not owners and id(resource) in self._owned:
            return False
        if any(_said(resource, path) for path in self._paths_elsewhere(name, place)):
            return False
        own = [(path, to) for owner, path, to in self._links if owner == name and to in bound]
        return all(self._refers(resource, path, bound[to]) or not _said(resource, path) for path, to in own)

    def _paths_elsewhere(self, name: str, place: Place) -> set[str]:
        """The references that resources of this name have in other groups of the table, but not here."""
        here = _own_paths(name, place)
        others = (
            each
            for each in self._places
            if each.groups != place.groups and each.actions and each.actions[0].resource == name
        )
        return set().union(*(_own_paths(name, each) for each in others)) - here

    def _refers(self, owner: Element, path: str, resource: Element) -> bool:
        return any(self._back.resource(each) is resource for each in _at(owner, path))

    def _owned_by_links(self) -> set[int]:
        """What another resource refers to as its own: the results of a report, the specimens of an order."""
        links = {
            (owner.partition(":")[0], path) for place in self._places for owner, path, _ in _owning(place)
        }
        return {
            id(self._back.resource(reference))
            for each in self._back.resources
            for kind, path in links
            if each["resourceType"] == kind
            for reference in _at(each, path)
        }


def _links(place: Place) -> list[tuple[str, str, str]]:
    """(whose element, its path, what it refers to)."""
    return [(owner or each.resource, path, to) for each in place.actions for owner, path, to in each.links]


def _own_paths(name: str, place: Place) -> set[str]:
    own = (link for each in place.actions if each.resource == name for link in each.links)
    return {path for owner, path, _ in own if not owner}


def _owning(place: Place) -> list[tuple[str, str, str]]:
    """The links by which another resource has the one of this place: not whom something is about."""
    return [
        (owner, path, to)
        for each in place.actions
        for owner, path, to in each.links
        if owner not in ("", "MessageHeader")
        and path not in ("subject", "for")
        and not path.startswith("link[")
    ]


def _said(resource: Element, path: str) -> bool:
    return any("reference" in each for each in _at(resource, path) if isinstance(each, dict))


def _at(element: Any, path: str) -> list[Any]:
    at = target(path)
    found = [element]
    for step in (*at.steps, at.last):
        inner = [each.get(step.name) for each in found if isinstance(each, dict)]
        lists = [each if isinstance(each, list) else [each] for each in inner if each is not None]
        found = [one for each in lists for one in each]
    return found
