"""One segment of a message, split into its fields. A `Message` makes one only when somebody asks for it."""

from collections.abc import Iterator
from typing import Final

from ayni.vocabulary.hl7.encoding import Encoding, in_charset
from ayni.vocabulary.hl7.path import Place, nth, part, place, with_nth

_HEADERS: Final = frozenset({"MSH", "BHS", "FHS"})
"""Segments whose first two fields are the separators themselves."""

_CHARSETS: Final = 18  # the field of MSH that says how the message is encoded


class Segment:
    """A named line of fields. `segment["5.1"]` reads and assigns plain text, unescaped and escaped for you.

    Reading a place that names no component gives its first leaf, so a field that became a composite in a
    later version reads as before (v2.5.1, 2.8.2). What is absent reads as "". Assigning replaces the
    whole of what the place names: `"5"` the first repetition of field 5, `"5.1"` one component.
    """

    __slots__ = ("_fields", "_text", "encoding", "name")

    def __init__(self, text: str, encoding: Encoding) -> None:
        self.name = text[:3]
        self.encoding = encoding
        self._text = text
        self._fields = text.split(encoding.field)
        if self.name in _HEADERS:
            self._fields.insert(1, encoding.field)  # MSH-1 is the separator itself

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
        fields = self._fields
        return fields[number] if number < len(fields) else ""

    def fields_after(self, number: int) -> list[str]:
        """The fields that follow `number`, as they are sent."""
        return self._fields[number + 1 :]

    def repetitions(self, field: int) -> "Repetitions":
        """The repetitions of a field, none when it is empty."""
        return Repetitions(self, field)

    def read(self, at: Place) -> str:
        """The plain text of one leaf, "" when absent."""
        number, repetition, component, subcomponent = at
        fields = self._fields
        text = fields[number] if number < len(fields) else ""
        if not text or (number < 3 and self.holds_separators(number)):
            return text
        encoding = self.encoding
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
        if not isinstance(value, str):
            raise TypeError(f"expected text, found {type(value).__name__}")
        number, repetition, component, subcomponent = at
        encoding = self.encoding
        # Separators are punctuation: a plain word is told sooner than it is searched.
        text = value if value.isalnum() else encoding.escape(value)
        fields = self._fields
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

    def write_field(self, number: int, text: str) -> None:
        """Put a whole field as it is sent, such as `field` gives it for a message of the same separators.

        Nothing is escaped. Raises ValueError for text that would not stay one field.
        """
        if self.encoding.field in text or "\r" in text:
            raise ValueError("expected the text of one field, found the end of a field in it")
        self._put(place(number)[0], text)

    def delete(self, at: Place) -> None:
        """Take away a field, a repetition (the later ones move up) or the text of a component.

        What is absent is no error and changes nothing.
        """
        number, repetition, component, subcomponent = at
        text, separator = self.field(number), self.encoding.repetition
        if component:
            part = nth(nth(text, separator, repetition or 1), self.encoding.component, component)
            if nth(part, self.encoding.subcomponent, subcomponent) if subcomponent else part:
                self.write(at, "")
        elif text:
            left = text.split(separator) if repetition else []
            del left[repetition - 1 : repetition]
            self._put(number, separator.join(left))

    def encode(self) -> str:
        """The segment as it is sent, without its terminator. Untouched fields are as they came."""
        if not self._text:
            is_header = self.name in _HEADERS
            sent = [self.name, *self._fields[2:]] if is_header else self._fields
            self._text = self.encoding.field.join(sent)
        return self._text

    def _put(self, number: int, text: str) -> None:
        if number < 3 and self.holds_separators(number):
            raise ValueError("MSH-1 and MSH-2 are the separators; they cannot be changed in place")
        if number == _CHARSETS and self.name == "MSH":
            self.encoding = in_charset(self.encoding, text)
        fields = self._fields
        if number >= len(fields):
            fields += [""] * (number + 1 - len(fields))
        fields[number] = text
        self._text = ""  # no longer true: `encode` writes it anew

    def holds_separators(self, number: int) -> bool:
        """Whether this field is MSH-1, MSH-2 or their like in a batch, which nothing splits or escapes."""
        return number < 3 and self.name in _HEADERS


class Repetitions:
    """The repetitions of one field: a sequence that makes each when it is asked for.

    A megabyte of separators holds a million of them; as objects they would take a hundred megabytes.
    """

    __slots__ = ("_field", "_parts", "_segment")

    def __init__(self, segment: Segment, field: int) -> None:
        text = segment.field(field)
        self._segment = segment
        self._field = field
        self._parts = text.split(segment.encoding.repetition) if text else []

    def __len__(self) -> int:
        return len(self._parts)

    def __iter__(self) -> Iterator["Repetition"]:
        return map(self.__getitem__, range(len(self._parts)))

    def __getitem__(self, index: int) -> "Repetition":
        """Like that of a list: counted from 0, or from the end below it."""
        number = range(1, len(self._parts) + 1)[index]
        return Repetition(self._segment, self._field, number, self._parts[index])


class Repetition:
    """One repetition of a field: `repetition["4.1"]` is component 4, subcomponent 1.

    It keeps its own text, so that walking through many of them looks at each only once.
    """

    __slots__ = ("_alone", "_field", "_number", "_segment", "_whole")

    def __init__(self, segment: Segment, field: int, number: int, text: str) -> None:
        """Use `Segment.repetitions`. `text` is repetition `number` of `field` as it stands now."""
        self._segment = segment
        self._field = field
        self._number = number
        self._whole = segment.field(field)
        self._alone = self._segment_of(text)

    def __getitem__(self, key: int | str) -> str:
        whole = self._segment.field(self._field)
        if whole != self._whole:  # written since
            self._whole = whole
            self._alone = self._segment_of(nth(whole, self._segment.encoding.repetition, self._number))
        return self._alone.read((1, 1, *part(key)))

    def __setitem__(self, key: int | str, value: str) -> None:
        self._segment.write((self._field, self._number, *part(key)), value)

    def _segment_of(self, text: str) -> Segment:
        """One of a single field, which holds this repetition alone."""
        return Segment(f"ZZZ{self._segment.encoding.field}{text}", self._segment.encoding)
