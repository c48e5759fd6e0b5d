"""A message Bundle as an HL7 v2 message, by the table of its event: the way back of `to_fhir.bundle_from`.

Groups are rebuilt from references: an ORDER_OBSERVATION for each DiagnosticReport, in it an OBSERVATION for
each result. What no table of the event tells stays behind.
"""

from collections.abc import Iterator
from itertools import count

from ayni.vocabulary.fhir import FhirError, Resource, bundle, require_structure
from ayni.vocabulary.hl7 import Message, parse
from ayni.vocabulary.hl7.encoding import STANDARD
from ayni.vocabulary.maps.hl7_codes import as_sent
from ayni.vocabulary.maps.tables import field_table
from ayni.vocabulary.maps.to_fhir.kinds import table_of_event
from ayni.vocabulary.maps.to_fhir.structure import Place, places
from ayni.vocabulary.maps.to_v2.back import Back
from ayni.vocabulary.maps.to_v2.binding import Binding, Bound
from ayni.vocabulary.maps.to_v2.segment import VERSION, Fields, fields_of, has_set_id
from ayni.vocabulary.maps.to_v2.source import AGAIN
from ayni.vocabulary.maps.to_v2.tree import Tree, encoded, merged

SEGMENTS_OF_ONE_MAX = 10_000
"""Notes, participants or lines of one resource: a document of two hundred pages, some seconds of work."""

_ALWAYS = "EVN"
"""What each structure that has it requires. All that it said may be what FHIR could not take, such as a day
without a time; a reader that goes by the structure still finds the segment."""


def message_from(message: Resource) -> Message:
    """Raises FhirError with the place when the Bundle is no message or does not say which event it is.

    And for a resource of which more than `SEGMENTS_OF_ONE_MAX` segments of a name would tell.
    """
    require_structure(message)
    message = as_sent(message)
    display = bundle.header(message).get("eventCoding", {}).get("display")
    if not isinstance(display, str) or not display:
        raise FhirError(
            "required",
            "Falta el evento del mensaje.",
            expression="Bundle.entry[0].resource.eventCoding.display",
        )
    code, event, structure = [*display.split("^"), "", ""][:3]
    table = table_of_event(code, event, structure)
    lines = _Writer(Back(message), places(table) or {}, display).lines()
    return parse("\r".join(lines).encode())


class _Writer:
    def __init__(self, back: Back, known: dict[str, tuple[Place, ...]], event: str) -> None:
        named = [(place.number, name, place) for name, each in known.items() for place in each]
        self._back = back
        self._places = [(name, place) for _, name, place in sorted(named, key=lambda each: each[0])]
        self._event = event
        self._binding = Binding(back, [place for _, place in self._places])
        self._counts: dict[int, int] = {}

    def lines(self) -> Iterator[str]:
        return self._group((), self._places, self._binding.root)

    def _group(self, groups: tuple[str, ...], inside: list[tuple[str, Place]], bound: Bound) -> Iterator[str]:
        depth = len(groups)
        index = 0
        while index < len(inside):
            name, place = inside[index]
            if len(place.groups) == depth:
                yield from self._place(name, place, bound)
                index += 1
                continue
            inner = (*groups, place.groups[depth])
            end = index
            while end < len(inside) and inside[end][1].groups[: depth + 1] == inner:
                end += 1
            yield from self._inner(inner, inside[index:end], bound)
            index = end

    def _inner(self, groups: tuple[str, ...], inside: list[tuple[str, Place]], bound: Bound) -> Iterator[str]:
        """A group: once, or as often as there are resources to begin it."""
        if not groups[-1].endswith("*"):
            yield from self._group(groups, inside, bound)
            return
        begins = next((p for _, p in inside if p.actions and p.actions[0].resource not in bound), None)
        if begins is None:
            yield from self._headed(inside, self._group(groups, inside, dict(bound)))
            return
        is_of_nobody = begins.actions[0].resource == "Patient"
        for name in alternatives(begins):
            for resource in self._binding.candidates(name, begins, bound):
                is_of_nobody = False
                yield from self._group(groups, inside, self._binding.bind(name, resource, bound))
        if is_of_nobody:  # what is about no patient is told all the same, but never behind another's PID
            yield from self._group(groups, inside, dict(bound))

    def _headed(self, inside: list[tuple[str, Place]], lines: Iterator[str]) -> Iterator[str]:
        """The lines of a group, behind the segment that begins it and says nothing, such as RGS."""
        first = next(lines, None)
        if first is None:
            return
        name, place = inside[0]
        if not place.actions:
            yield f"{name}|1"
        yield first
        yield from lines

    def _place(self, name: str, place: Place, bound: Bound) -> Iterator[str]:
        first = place.actions[0].resource if place.actions else ""
        if place.repeats and first in bound:
            yield from self._many_of_one(name, place, bound)
        elif place.repeats and first:
            for resource in self._binding.candidates(first, place, bound):
                yield from self._segment(name, place, self._binding.bind(first, resource, bound), own=first)
        elif first:
            bound.update(self._bound_here(place, bound))
            if not place.optional or all(each.resource in bound for each in place.actions if not each.holds):
                yield from self._segment(name, place, bound)
        self._back.settle()

    def _bound_here(self, place: Place, bound: Bound) -> Bound:
        """With the resources that a segment which does not repeat makes."""
        for action in place.actions:
            if action.resource not in bound and not _is_another(action.resource, place, bound):
                for resource in self._binding.candidates(action.resource, place, bound)[:1]:
                    bound = self._binding.bind(action.resource, resource, bound)
        return bound

    def _many_of_one(self, name: str, place: Place, bound: Bound) -> Iterator[str]:
        """Segments that fill one resource, each with an item of its own, as notes do."""
        for nth in count():
            lines = list(self._segment(name, place, bound, nth))
            if not lines:
                return
            if nth == SEGMENTS_OF_ONE_MAX:
                raise FhirError(
                    "too-costly",
                    f"Un recurso llena más de {SEGMENTS_OF_ONE_MAX} segmentos {name}.",
                    expression=str(bound[place.actions[0].resource]["resourceType"]),
                    http_status=413,
                )
            yield from lines

    def _segment(
        self, name: str, place: Place, bound: Bound, nth: int | None = None, own: str = ""
    ) -> Iterator[str]:
        """One segment that tells all, or several where two resources tell the same field differently."""
        told: list[Fields] = []
        for resource_name, table in dict.fromkeys((each.resource, each.map) for each in place.actions):
            resource = bound.get(resource_name)
            if resource is None or table.partition(".")[0] != name:
                continue
            # What others share with this segment has an item for each of them, in their order.
            shared = place.repeats and nth is None and resource_name != own
            fields = fields_of(table, resource, self._back, self._nth(place) if shared else nth)
            last = told[-1] if told else {}
            if nth is None or all(last.get(number, each) == each for number, each in fields.items()):
                told[-1:] = [_together(last, fields)]
            else:
                told.append(fields)
        if name == _ALWAYS and not place.optional and not any(told):
            told = [{1: [""]}]
        for each in filter(None, told):
            if not (place.optional and self._is_said_again(place, each)):
                yield self._line(name, place, each)

    def _is_said_again(self, place: Place, fields: Fields) -> bool:
        """A segment that may be absent, none of whose fields is its own: OBR says them too."""
        again = {
            (row.target, row.type)
            for _, other in self._places
            for each in other.actions
            if other is not place
            for row in field_table(each.map)
            if AGAIN in row.mark
        }
        own = (row for each in place.actions for row in field_table(each.map) if not row.value)
        return bool(again) and not fields.keys() & {
            int(row.source or 0) for row in own if (row.target, row.type) not in again
        }

    def _line(self, name: str, place: Place, fields: Fields) -> str:
        if name == "MSH":
            event: Tree = dict(enumerate(self._event.split("^"), start=1))
            fields = fields | {9: [event], 12: [VERSION], 18: ["UNICODE UTF-8"]}
        self._number(name, place, fields)
        self._back.segments[name] = {number: each[0] for number, each in fields.items()}
        return line(name, fields)

    def _nth(self, place: Place) -> int:
        return self._counts.get(place.number, 0)

    def _number(self, name: str, place: Place, fields: Fields) -> None:
        """The set id, which begins anew behind a segment that stands before it in the table."""
        count = self._nth(place) + 1
        self._counts = {number: each for number, each in self._counts.items() if number < place.number}
        self._counts[place.number] = count
        if has_set_id(name):
            fields[1] = [str(count)]


def alternatives(place: Place) -> list[str]:
    """The names that a segment at a place has under one condition or the other: who refers, who receives."""
    first = place.actions[0]
    others = [each.resource for each in place.actions if each.map == first.map and each.holds]
    return [first.resource, *(each for each in dict.fromkeys(others) if each != first.resource)]


def _is_another(name: str, place: Place, bound: Bound) -> bool:
    return name in alternatives(place) and any(each in bound for each in alternatives(place))


def _together(one: Fields, other: Fields) -> Fields:
    """What two resources say in one segment."""
    both = {**other, **one}
    for number in one.keys() & other.keys():
        both[number] = [merged(one[number][0], other[number][0]), *one[number][1:]]
    return both


def line(name: str, fields: Fields) -> str:
    texts = [
        STANDARD.repetition.join(encoded(each, STANDARD) for each in fields.get(number, []))
        for number in range(1, max(fields) + 1)
    ]
    if name == "MSH":
        return "|".join([f"MSH|{STANDARD.separators[1:]}", *texts[2:]])
    return "|".join([name, *texts])
