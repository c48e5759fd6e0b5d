"""One segment of a message, split into fields only when somebody reads it."""

from typing import Final

from ayni.vocabulary.hl7.encoding import Encoding
from ayni.vocabulary.hl7.path import Place, nth, place, with_nth

_HEADERS: Final = frozenset({"MSH", "BHS", "FHS"})
"""Segments whose first two fields are the separators themselves."""


class Segment:
    """A named line of fields. `segment["5.1"]` reads and assigns plain text, unescaped and escaped for you.

    Reading a place that names no component gives its first leaf, so a field that became a composite in a
    later version reads as before (v2.5.1, 2.8.2). What is absent reads as "". Assigning replaces the
    whole of what the place names: `"5"` the first repetition of field 5, `"5.1"` one component.
    """

    __slots__ = ("_encoding", "_fields", "_text", "name")

    def __init__(self, text: str, encoding: Encoding) -> None:
        self.name = text[:3]
        self._text = text
        self._encoding = encoding
        self._fields: list[str] | None = None

    def __repr__(self) -> str:
        return f"<Segment {self.name}>"  # never its fields: they are patient data

    def __getitem__(self, key: int | str) -> str:
        return self.read(place(key))

    def __setitem__(self, key: int | str, value: str) -> None:
        self.write(place(key), value)

    def __delitem__(self, key: int | str) -> None:
        self.delete(place(key))

    def field(self, number: int) -> str:
        """A whole field as it is sent, with its separators and escape sequences."""
        fields = self._fields or self._split()
        return fields[number] if number < len(fields) else ""

    def fields_after(self, number: int) -> list[str]:
        """The fields that follow `number`, as they are sent."""
        return (self._fields or self._split())[number + 1 :]

    def repetitions(self, field: int) -> list["Repetition"]:
        """The repetitions of a field, none when it is empty."""
        text = self.field(field)
        count = text.count(self._encoding.repetition) + 1 if text else 0
        return [Repetition(self, field, number) for number in range(1, count + 1)]

    def read(self, at: Place) -> str:
        """The plain text of one leaf, "" when absent."""
        number, repetition, component, subcomponent = at
        fields = self._fields or self._split()
        text = fields[number] if number < len(fields) else ""
        if not text or (number < 3 and self.holds_separators(number)):
            return text
        encoding = self._encoding
        # Most fields hold no separator and most reads want the first part; asking first halves their time.
        if repetition > 1:
            text = nth(text, encoding.repetition, repetition)
        elif encoding.repetition in text:
            text = text.partition(encoding.repetition)[0]
        if component > 1:
            text = nth(text, encoding.component, component)
        elif encoding.component in text:
            text = text.partition(encoding.component)[0]
        if subcomponent > 1:
            text = nth(text, encoding.subcomponent, subcomponent)
        elif encoding.subcomponent in text:
            text = text.partition(encoding.subcomponent)[0]
        return encoding.unescape(text) if encoding.escape_mark in text else text

    def write(self, at: Place, value: str) -> None:
        """Put plain text at a place, with the fields, repetitions and components up to it."""
        number, repetition, component, subcomponent = at
        encoding = self._encoding
        text = encoding.escape(value)
        fields = self._fields or self._split()
        before = fields[number] if number < len(fields) else ""
        repeated = repetition > 1 or encoding.repetition in before
        if component:
            whole = nth(before, encoding.repetition, repetition or 1) if repeated else before
            if subcomponent:
                part = nth(whole, encoding.component, component)
                text = with_nth(part, encoding.subcomponent, subcomponent, text)
            text = with_nth(whole, encoding.component, component, text)
        if repeated:
            text = with_nth(before, encoding.repetition, repetition or 1, text)
        self._put(number, text)

    def delete(self, at: Place) -> None:
        """Take away a field, a repetition (the later ones move up) or the text of a component."""
        number, repetition, component, _ = at
        if component:
            whole = nth(self.field(number), self._encoding.repetition, repetition or 1)
            if nth(whole, self._encoding.component, component):
                self.write(at, "")
        elif repetition:
            separator = self._encoding.repetition
            left = self.field(number).split(separator)
            del left[repetition - 1 : repetition]
            self._put(number, separator.join(left))
        elif self.field(number):
            self._put(number, "")

    def encode(self) -> str:
        """The segment as it is sent, without its terminator. Untouched fields are as they came."""
        if self._fields is None:
            return self._text
        if self.name in _HEADERS:
            return self._encoding.field.join([self.name, *self._fields[2:]])
        return self._encoding.field.join(self._fields)

    def _put(self, number: int, text: str) -> None:
        if number < 3 and self.holds_separators(number):
            raise ValueError("MSH-1 and MSH-2 are the separators; they cannot be changed in place")
        fields = self._fields or self._split()
        if number >= len(fields):
            fields += [""] * (number + 1 - len(fields))
        fields[number] = text

    def _split(self) -> list[str]:
        fields = self._text.split(self._encoding.field)
        if self.name in _HEADERS:
            fields.insert(1, self._encoding.field)  # MSH-1 is the separator itself
        self._fields = fields
        return fields

    def holds_separators(self, number: int) -> bool:
        """Whether this field is MSH-1, MSH-2 or their like in a batch, which nothing splits or escapes."""
        return number < 3 and self.name in _HEADERS


class Repetition:
    """One repetition of a field: `repetition["4.1"]` is component 4, subcomponent 1."""

    __slots__ = ("_field", "_number", "_segment")

    def __init__(self, segment: Segment, field: int, number: int) -> None:
        self._segment = segment
        self._field = field
        self._number = number

    def __getitem__(self, key: int | str) -> str:
        return self._segment.read(self._place(key))

    def __setitem__(self, key: int | str, value: str) -> None:
        self._segment.write(self._place(key), value)

    def _place(self, key: int | str) -> Place:
        return place(f"{self._field}[{self._number}].{key}")
