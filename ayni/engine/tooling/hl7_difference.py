"""Two HL7 v2 messages side by side, by segment and field, with the names the standard gives them."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from ayni.engine.tooling.difference import Difference, Items, paired
from ayni.vocabulary.hl7 import Encoding, Message, Segment
from ayni.vocabulary.hl7.definitions import Definitions, Element, definitions, nearest

_UNKNOWN = Element(name="", type="", required=False, most=0, length=0, table="")


def hl7_differences(expected: Message, found: Message) -> Iterator[Difference]:
    """Every place where they differ; names are those of the version the expected one is in."""
    known = definitions(nearest(expected.version))
    ours, theirs = expected.segments(), found.segments()
    for one, other in paired(_items(ours), _items(theirs)):
        if one is None or other is None:
            yield _segment_alone(ours, theirs, one, other, known)
        else:
            yield from _Fields(known, _label(ours, one), ours[one], theirs[other]).differences()


def _items(segments: list[Segment]) -> Items:
    return Items([each.encode() for each in segments], [each.name for each in segments])


def _label(segments: list[Segment], index: int) -> str:
    """The name of a segment, with its number where it is not the only one: `OBX[3]`."""
    name = segments[index].name
    same = [number for number, each in enumerate(segments) if each.name == name]
    return name if len(same) == 1 else f"{name}[{same.index(index) + 1}]"


def _segment_alone(
    ours: list[Segment], theirs: list[Segment], one: int | None, other: int | None, known: Definitions
) -> Difference:
    side, index = (ours, one) if one is not None else (theirs, other or 0)
    segment, definition = side[index], known.segments.get(side[index].name)
    text, name = segment.encode(), definition.name if definition else ""
    expected, found = (text, None) if one is not None else (None, text)
    return Difference(_label(side, index), expected, found, name)


class _Fields:
    """Two segments of one name."""

    def __init__(self, known: Definitions, label: str, expected: Segment, found: Segment) -> None:
        self._known, self._label, self._expected, self._found = known, label, expected, found
        self._written: Encoding = expected.encoding

    def differences(self) -> Iterator[Difference]:
        """Field by field, then by repetition, component and subcomponent."""
        if self._written.separators != self._found.encoding.separators:
            yield Difference(self._label, self._expected.encode(), self._found.encode())
            return
        pairs = zip_longest(self._expected.fields_after(0), self._found.fields_after(0), fillvalue="")
        for number, (ours, theirs) in enumerate(pairs, start=1):
            if ours != theirs:
                yield from self._field(number, ours, theirs)

    def _field(self, number: int, ours: str, theirs: str) -> Iterator[Difference]:
        place, element = f"{self._label}-{number}", self._element(number)
        if self._expected.holds_separators(number):
            yield Difference(place, ours, theirs, element.name)
            return
        mark = self._written.repetition
        pairs = zip_longest(ours.split(mark), theirs.split(mark), fillvalue="")
        for repetition, pair in enumerate(pairs, start=1):
            at = place if repetition == 1 else f"{place}[{repetition}]"
            separators = (self._written.component, self._written.subcomponent)
            yield from self._value(at, element, element.name, pair, separators)

    def _value(
        self, place: str, element: Element, name: str, pair: Sequence[str], separators: tuple[str, ...]
    ) -> Iterator[Difference]:
        if pair[0] == pair[1]:
            return
        if not separators or not any(separators[0] in text for text in pair):
            yield Difference(place, pair[0] or None, pair[1] or None, name)
            return
        components = self._known.types.get(element.type, ())
        ours, theirs = (text.split(separators[0]) for text in pair)
        parts = zip_longest(ours, theirs, fillvalue="")
        for number, inner in enumerate(parts, start=1):
            component = components[number - 1] if number <= len(components) else _UNKNOWN
            called = " · ".join(filter(None, (name, component.name)))
            yield from self._value(f"{place}.{number}", component, called, inner, separators[1:])

    def _element(self, number: int) -> Element:
        definition = self._known.segments.get(self._expected.name)
        if definition is None or number > len(definition.fields):
            return _UNKNOWN
        element = definition.fields[number - 1]
        is_open = element.type == "varies" and self._expected.name == "OBX"
        return Element(element.name, self._expected[2], False, 0, 0, "") if is_open else element
