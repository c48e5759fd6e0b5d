"""An HL7 v2 message: read lazily over bytes that are never rewritten, or built segment by segment."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from ayni.vocabulary.hl7.dates import parse_timestamp
from ayni.vocabulary.hl7.encoding import Encoding, location_of_end
from ayni.vocabulary.hl7.errors import Hl7Error, data_type_error
from ayni.vocabulary.hl7.path import path
from ayni.vocabulary.hl7.segment import Segment

_NO_FIELDS: Final[Mapping[int | str, str]] = MappingProxyType({})


class Message:
    """The segments of one message; `message["PID-3[2].4"]` reads and assigns plain text.

    Paths count from 1. Without a number, `OBX-5` is the first OBX and `PID-3` the first repetition.
    See `Segment` for what reading and assigning mean.
    """

    def __init__(
        self,
        segments: list[Segment],
        written: Encoding,
        *,
        raw: bytes = b"",
        repairs: tuple[str, ...] = (),
        terminator: str = "\r",
    ) -> None:
        """Use `parse` or `new_message`. `terminator` ends the last segment; some senders leave it out."""
        self.raw = raw
        self.repairs = repairs
        self.encoding = written
        self._segments = segments
        self._terminator = terminator

    def __repr__(self) -> str:
        return f"<Message {self.type} {self.control_id}>"  # never its content: it is patient data

    def __getitem__(self, at: str) -> str:
        name, number, place = path(at)
        if place is None:
            raise _no_field(at)
        segment = self._find(name, number)
        return "" if segment is None else segment.read(place)

    def __setitem__(self, at: str, value: str) -> None:
        name, number, place = path(at)
        if place is None:
            raise _no_field(at)
        segment = self._find(name, number) or self._append(name, number)
        segment.write(place, value)

    def __delitem__(self, at: str) -> None:
        """Take away what the path names, a whole segment too. What is absent is no error."""
        name, number, place = path(at)
        segment = self._find(name, number)
        if segment is None:
            return
        if place is not None:
            segment.delete(place)
        elif name == "MSH":
            raise ValueError("a message cannot be without MSH")
        else:
            self._segments.remove(segment)

    def segments(self, name: str | None = None) -> list[Segment]:
        """The segments in order: all, or those with that name."""
        return [segment for segment in self._segments if name is None or segment.name == name]

    def add(self, name: str, fields: Mapping[int | str, str] = _NO_FIELDS) -> Segment:
        """Append a segment. Keys are places such as `5`, `"5.1"` or `"3[2].4"`; values are plain text."""
        if name == "MSH" or path(name) != (name, 0, None):
            raise ValueError(f"expected a path that is a segment name other than MSH, found {name!r}")
        segment = Segment(name, self.encoding)
        for place, value in fields.items():
            segment[place] = value
        self._segments.append(segment)
        return segment

    def encode(self) -> bytes:
        """The bytes to send. Raises `Hl7Error` 102 where the character set lacks what was written."""
        text = "\r".join([segment.encode() for segment in self._segments]) + self._terminator
        try:
            return text.encode(self.encoding.codec)
        except UnicodeEncodeError as error:
            raise _not_in_charset(text[: error.start], self.encoding) from error

    @property
    def control_id(self) -> str:
        return self["MSH-10"]

    @property
    def type(self) -> str:
        """Message code and event, e.g. `SIU^S12`; the code alone when there is no event."""
        return "^".join(filter(None, (self["MSH-9.1"], self["MSH-9.2"])))

    @property
    def structure(self) -> str:
        return self["MSH-9.3"]

    @property
    def version(self) -> str:
        return self["MSH-12"]

    @property
    def processing_id(self) -> str:
        return self["MSH-11"]

    @property
    def timestamp(self) -> datetime | None:
        """When the sender made the message. Raises `Hl7Error` 102 when MSH-7 is no time."""
        text = self["MSH-7"]
        return parse_timestamp(text, location="MSH^1^7") if text else None

    def _find(self, name: str, number: int) -> Segment | None:
        for segment in self._segments:
            if segment.name == name:
                if number <= 1:
                    return segment
                number -= 1
        return None

    def _append(self, name: str, number: int) -> Segment:
        count = len(self.segments(name))
        if number > count + 1:
            raise ValueError(f"{name}[{number}] would leave a gap: there are {count}")
        return self.add(name)


def _no_field(at: str) -> ValueError:
    return ValueError(f"expected a path with a field, such as {at}-1")


def _not_in_charset(before: str, written: Encoding) -> Hl7Error:
    return data_type_error(
        f"expected only characters of {written.codec}, the set of MSH-18",
        location_of_end(before, written),
        "El texto no cabe en el juego de caracteres de MSH-18.",
    )
