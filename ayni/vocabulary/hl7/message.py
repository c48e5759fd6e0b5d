"""An HL7 v2 message: read lazily over bytes that are never rewritten, or built segment by segment."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from types import MappingProxyType
from typing import Final

from ayni.vocabulary.hl7.dates import parse_timestamp
from ayni.vocabulary.hl7.encoding import ABSENT, Encoding, location_of_end
from ayni.vocabulary.hl7.errors import Hl7Error, PathError, data_type_error
from ayni.vocabulary.hl7.path import path, segment_path
from ayni.vocabulary.hl7.segment import Segment

_NO_FIELDS: Final[Mapping[int | str, str]] = MappingProxyType({})


class Message:
    """The segments of one message; `message["PID-3[2].4"]` reads and assigns plain text.

    Paths count from 1. Without a number, `OBX-5` is the first OBX and `PID-3` the first repetition.
    See `Segment` for what reading and assigning mean. Who must not alter what others read takes a `copy`.
    """

    __slots__ = ("_encoding", "_found", "_lines", "_names", "_terminator", "raw", "repairs")

    def __init__(
        self,
        lines: Sequence[str],
        written: Encoding,
        *,
        names: Sequence[str] = (),
        raw: bytes = b"",
        repairs: tuple[str, ...] = (),
        terminator: str = "\r",
    ) -> None:
        """Use `parse` or `new_message`. `names` are those of the lines, for who has them already.

        `terminator` ends the last segment; some senders leave it out.
        """
        self.raw = raw
        self.repairs = repairs
        self._encoding = written
        self._lines: list[str | Segment] = [*lines]  # a line becomes a Segment when it is first asked for
        self._names = [*names] or [line[:3] for line in lines]
        self._terminator = terminator
        self._found: dict[str, Segment] = {}  # by path: most paths ask for the same few segments

    def __repr__(self) -> str:
        return f"<Message {self.type} {self.control_id}>"  # never its content: it is patient data

    def __getitem__(self, at: str) -> str:
        where, place = path(at)
        segment = self._found.get(where) or self._find(where)
        return segment.read(place) if segment else ""

    def __setitem__(self, at: str, value: str) -> None:
        where, place = path(at)
        segment = self._found.get(where) or self._find(where) or self._append(where)
        segment.write(place, value)

    def __delitem__(self, at: str) -> None:
        """Take away what the path names, a whole segment too. What is absent is no error."""
        if isinstance(at, str) and "-" not in at:
            self._remove(at)
            return
        where, place = path(at)
        if segment := self._find(where):
            segment.delete(place)

    def segments(self, name: str | None = None) -> list[Segment]:
        """The segments in order: all, or those with that name."""
        return [self._segment(i) for i, each in enumerate(self._names) if name is None or each == name]

    def add(self, name: str, fields: Mapping[int | str, str] = _NO_FIELDS, *, after: str = "") -> Segment:
        """Add a segment at the end or behind the one that the path `after` names, such as `OBX[2]`.

        Keys are places such as `5`, `"5.1"` or `"3[2].4"`; values are plain text.
        """
        if name == "MSH" or segment_path(name)[0] != name:
            raise PathError("a path that is a segment name other than MSH", name)
        segment = Segment(name, self.encoding)
        for place, value in fields.items():
            segment[place] = value
        index = self._index_behind(after) if after else len(self._lines)
        self._lines.insert(index, segment)
        self._names.insert(index, name)
        self._found.clear()
        return segment

    def copy(self) -> "Message":
        """The same message on its own: changing one does not change the other."""
        return Message(
            self._encoded(),
            self.encoding,
            names=self._names,
            raw=self.raw,
            repairs=self.repairs,
            terminator=self._terminator,
        )

    def encode(self) -> bytes:
        """The bytes to send. Raises `Hl7Error` 102 where the character set lacks what was written."""
        text, written = "\r".join(self._encoded()) + self._terminator, self.encoding
        try:
            return text.encode(written.codec)
        except UnicodeEncodeError as error:
            raise _not_writable(text, error.start, written) from error

    @property
    def encoding(self) -> Encoding:
        """The separators, and the character set in which it is sent: that of MSH-18, also of a new one."""
        header = self._lines[0] if self._lines else ""
        return self._encoding if isinstance(header, str) else header.encoding

    @property
    def header(self) -> Segment:
        """MSH."""
        return self._segment(0)

    @property
    def control_id(self) -> str:
        return self["MSH-10"]

    @property
    def type(self) -> str:
        """Message code and event, e.g. `SIU^S12`; the code alone when there is no event."""
        code, event = self["MSH-9.1"], self["MSH-9.2"]
        return f"{code}^{event}" if code and event else code or event

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

    def _encoded(self) -> list[str]:
        return [line if isinstance(line, str) else line.encode() for line in self._lines]

    def _find(self, where: str) -> Segment | None:
        index = self._index(where)
        if index is None:
            return None
        segment = self._found[where] = self._segment(index)
        return segment

    def _index(self, where: str) -> int | None:
        name, number = segment_path(where)
        if name not in self._names:
            return None
        if number == 1:
            return self._names.index(name)
        places = (index for index, each in enumerate(self._names) if each == name)
        return next(islice(places, number - 1, None), None)

    def _segment(self, index: int) -> Segment:
        line = self._lines[index]
        if isinstance(line, str):
            line = self._lines[index] = Segment(line, self._encoding)
        return line

    def _index_behind(self, where: str) -> int:
        index = self._index(where)
        if index is None:
            raise PathError("the path of a segment of this message", where)
        return index + 1

    def _append(self, where: str) -> Segment:
        name, number = segment_path(where)
        count = self._names.count(name)
        if number > count + 1:
            raise PathError(f"at most segment {count + 1} of its name, with no gap", where)
        return self.add(name)

    def _remove(self, where: str) -> None:
        name, _ = segment_path(where)
        if name == "MSH":
            raise PathError("a segment other than MSH, which every message has", where)
        index = self._index(where)
        if index is not None:
            del self._lines[index], self._names[index]
            self._found.clear()


def _not_writable(text: str, index: int, written: Encoding) -> Hl7Error:
    location = location_of_end(text[:index], written)
    if text[index] in ABSENT:
        return data_type_error(
            "expected text that needs no separator or escape sequence, for MSH-2 lacks it",
            location,
            "El texto necesita un carácter de codificación que MSH-2 no tiene.",
        )
    return data_type_error(
        f"expected only characters of {written.codec}, the set of MSH-18",
        location,
        "El texto no cabe en el juego de caracteres de MSH-18.",
    )
