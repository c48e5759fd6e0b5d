"""An HL7 v2 message as a FHIR `message` Bundle, by the tables.

Ids are made of the sender, the control id and the order of the resources: the same message gives the same
Bundle, byte for byte.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from ayni.vocabulary.fhir import Resource
from ayni.vocabulary.hl7 import Finding, Hl7Error, Message, Segment
from ayni.vocabulary.maps.hl7_codes import as_published
from ayni.vocabulary.maps.tables import named
from ayni.vocabulary.maps.to_fhir.completion import complete
from ayni.vocabulary.maps.to_fhir.kinds import table_of
from ayni.vocabulary.maps.to_fhir.making import Making, id_of
from ayni.vocabulary.maps.to_fhir.reading import Reading
from ayni.vocabulary.maps.to_fhir.scope import Scope
from ayni.vocabulary.maps.to_fhir.segment import apply_segment
from ayni.vocabulary.maps.to_fhir.structure import Action, Walk, places
from ayni.vocabulary.maps.to_fhir.target import Element, Items, target


class Mapped(NamedTuple):
    """What a message became."""

    bundle: Resource
    findings: tuple[Finding, ...]
    """What could not be carried over, or not whole, with its place; never the value."""
    left_out: tuple[str, ...]
    """The fields of which nothing was carried over, such as `PID-31`, `PID-13[2]` or `ZPI-2`."""


def bundle_from(message: Message) -> Mapped:
    """The message Bundle (FHIR R4, section 2.4) of an HL7 v2 message of any version.

    Raises Hl7Error with its place: 200 for a message that does not say what it is, 100 for a second PID where
    the structure has one patient, because what follows it would be of the wrong person.
    """
    spelt = _spelt(message)
    mapped = _Mapper(spelt).run()
    return mapped if spelt is message else mapped._replace(findings=(_SMALL_LETTERS, *mapped.findings))


_SMALL_LETTERS: Final = Finding(
    103,
    "MSH^1^9",
    "El tipo de mensaje va en mayúsculas; así se leyó.",
    "expected capital letters, read as if they were",
    "W",
)


def _spelt(message: Message) -> Message:
    """The message with the capitals of its type, which choose its table and decide what its event means."""
    said = message["MSH-9.1"], message["MSH-9.2"], message["MSH-9.3"]
    if all(each == each.upper() for each in said):
        return message
    copied = message.copy()
    for number, each in enumerate(said, start=1):
        if each:
            copied[f"MSH-9.{number}"] = each.upper()
    return copied


class _Made(NamedTuple):
    resource: Element
    items: Items


class _Link(NamedTuple):
    scope: Scope
    own: str  # the name of the resource whose segment says so
    owner: str
    path: str
    refers_to: str


class _Mapper:
    def __init__(self, message: Message) -> None:
        self._message = message
        self._making = Making(Reading(message))
        self._made: list[_Made] = []
        self._links: list[_Link] = []
        self._key = _message_key(message)
        self._counts: Counter[str] = Counter()
        self._left_out: list[str] = []

    def run(self) -> Mapped:
        known = places(table_of(self._message)) or {}
        walk = Walk(known)
        numbers: Counter[str] = Counter()
        for segment in self._message.segments():
            numbers[segment.name] += 1
            self._segment(segment, numbers[segment.name], walk)
        self._refer()
        return Mapped(self._bundle(), tuple(self._making.reading.findings), tuple(self._left_out))

    def _segment(self, segment: Segment, number: int, walk: Walk) -> None:
        found = walk.step(segment.name)
        if found is None and segment.name == "PID":
            raise Hl7Error(
                "expected one patient",
                code=100,
                location=f"PID^{number}",
                text="El mensaje trae otro paciente donde se espera uno.",
            )
        making = self._making
        making.told = set()
        if found is not None:
            place, scope = found
            scope.segments[segment.name] = segment
            making.reading.enter(segment, number, scope)
            for action in place.actions:
                if action.holds is None or action.holds([], 0, making.reading):
                    self._act(action, segment, number, scope)
        self._left_out += _untold(segment, number, making)

    def _act(self, action: Action, segment: Segment, number: int, scope: Scope) -> None:
        made = self._resource(action.resource, scope)
        self._making.resource, self._making.items = made
        apply_segment(action.map, segment, number, self._making)
        self._links += [_Link(scope, action.resource, *link) for link in action.links]

    def _resource(self, name: str, scope: Scope) -> _Made:
        """The resource of that name that the scope shares, or a new one."""
        index = scope.resource(name)
        if index is None:
            kind = name.partition(":")[0]
            self._counts[kind] += 1
            id_ = id_of(f"{self._key}#{kind}-{self._counts[kind]}")
            index = scope.resources[name] = len(self._made)
            self._made.append(_Made({"resourceType": kind, "id": id_}, {}))
        return self._made[index]

    def _refer(self) -> None:
        """Links are made at the end: what a segment refers to may come after it."""
        empty = {id(made.resource) for made in self._made if len(made.resource) == 2}
        for number, link in enumerate(self._links):
            owner = link.scope.resource(link.owner or link.own)
            other = link.scope.resource(link.refers_to)
            if owner is None or other is None:
                continue
            resource, items = self._made[owner]
            referred = self._made[other].resource
            if id(resource) not in empty and id(referred) not in empty:
                reference = {"reference": f"urn:uuid:{referred['id']}"}
                target(link.path).write(resource, items, ("link", number), reference)
        self._made = [made for made in self._made if id(made.resource) not in empty]

    def _bundle(self) -> Resource:
        resources = [made.resource for made in self._made]
        bundles = [each for each in resources if each["resourceType"] == "Bundle"]
        headers = [each for each in resources if each["resourceType"] == "MessageHeader"]
        others = [each for each in resources if each not in bundles and each not in headers]
        entries = [*headers, *others, *self._making.named.values()]
        for resource in entries:
            complete(resource)
        as_published(resources)
        as_published(list(self._making.named.values()))
        bundle: dict[str, Any] = bundles[0] if bundles else {}
        return bundle | {
            "entry": [{"fullUrl": f"urn:uuid:{each['id']}", "resource": each} for each in entries]
        }


def _message_key(message: Message) -> str:
    """What makes a message the same one: who sent it and its control id, or all of it when it has none."""
    if control_id := message.control_id:
        return "|".join((message["MSH-3.1"], message["MSH-4.1"], control_id))
    return hashlib.sha256(message.encode()).hexdigest()


def _untold(segment: Segment, number: int, making: Making) -> Iterator[str]:
    reading, silent = making.reading, named("silent")
    name = segment.name if number == 1 else f"{segment.name}[{number}]"
    for field, text in enumerate(segment.fields_after(0), start=1):
        if not text or f"{segment.name}-{field}" in silent:
            continue
        for place, repetition in enumerate(text.split(reading.repetition), start=1):
            if (field, place) not in making.told and repetition.strip(reading.blank):
                yield f"{name}-{field}" if place == 1 else f"{name}-{field}[{place}]"
