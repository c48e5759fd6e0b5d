"""A message as people read it: every value with its place and the name the standard gives it.

For the console and the command line. Never for logs: it is patient data.
"""

from collections.abc import Iterator
from typing import Final

from ayni.vocabulary.hl7.definitions import Definitions, Element, definitions, nearest
from ayni.vocabulary.hl7.encoding import Encoding
from ayni.vocabulary.hl7.message import Message
from ayni.vocabulary.hl7.segment import Segment

_UNKNOWN: Final = Element(name="", type="", required=False, most=0, length=0, table="")


def dump(message: Message) -> str:
    """A line per segment, field, component and subcomponent that holds something, indented; control
    characters are written as `\\x1b`.

    Names are those of the version of MSH-12, or of the nearest one that is described here.
    """
    names = _Names(definitions(nearest(message.version)), message.encoding)
    return "".join(f"{line}\n" for segment in message.segments() for line in names.segment(segment))


class _Names:
    def __init__(self, known: Definitions, written: Encoding) -> None:
        self._known = known
        self._written = written
        self._separators = (written.component, written.subcomponent)

    def segment(self, segment: Segment) -> Iterator[str]:
        definition = self._known.segments.get(segment.name)
        yield f"{segment.name}  {definition.name}" if definition else segment.name
        elements = definition.fields if definition else ()
        for number, text in enumerate(segment.fields_after(0), start=1):
            element = elements[number - 1] if number <= len(elements) else _UNKNOWN
            if text and segment.holds_separators(number):
                yield _line(f"{number}", element, text, depth=1)
            elif text:
                yield from self._field(text, str(number), element, _type_of(element, segment))

    def _field(self, text: str, number: str, element: Element, data_type: str) -> Iterator[str]:
        for repetition, part in enumerate(text.split(self._written.repetition), start=1):
            label = number if repetition == 1 else f"{number}[{repetition}]"
            yield from self._value(part, label, element, data_type, self._separators)

    def _value(
        self, text: str, label: str, element: Element, data_type: str, separators: tuple[str, ...]
    ) -> Iterator[str]:
        depth = 3 - len(separators)
        components = self._known.types.get(data_type, ()) if separators else ()
        if not text:
            return
        if not components and not any(separator in text for separator in separators):
            yield _line(label, element, self._written.unescape(text), depth)
            return
        yield _line(label, element, "", depth)
        for number, part in enumerate(text.split(separators[0]), start=1):
            inner = components[number - 1] if number <= len(components) else _UNKNOWN
            yield from self._value(part, f".{number}", inner, inner.type, separators[1:])


def _type_of(element: Element, segment: Segment) -> str:
    return segment[2] if element.type == "varies" and segment.name == "OBX" else element.type


def _line(label: str, element: Element, value: str, depth: int) -> str:
    shown = "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in value)
    return f"{'  ' * depth}{label:<4}  {': '.join(filter(None, [element.name, shown]))}".rstrip()
