"""A message while it is mapped: its fields, where the reader is, and what could not be carried over."""

import re
from datetime import tzinfo

from ayni.vocabulary.hl7 import FINDINGS_MAX, Finding, Hl7Error, Message, Segment
from ayni.vocabulary.hl7.dates import LIMA, parse_timestamp
from ayni.vocabulary.maps.to_fhir.scope import Scope

NULL = '""'
"""What a sender writes to empty a field (HL7 v2.5.1, chapter 2.5.3)."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Reading:
    """One message and the place in it that is read now.

    Depth 0 is a repetition of a field, 1 a component, 2 a subcomponent.
    """

    def __init__(self, message: Message) -> None:
        written = message.encoding
        self.message = message
        self.repetition = written.repetition
        self.separators = (written.component, written.subcomponent)
        self.blank = written.component + written.subcomponent + written.repetition + " "
        self.escape_mark = written.escape_mark
        self.unescape = written.unescape
        self.findings: list[Finding] = []
        self.segment = message.header
        self.number = 1  # of the segment among those with its name
        self.field_number = 0
        self.repetition_number = 0
        self.scope = Scope()
        self._firsts: dict[str, Segment | None] = {}
        self._zone: tzinfo | None = None

    def enter(self, segment: Segment, number: int, scope: Scope) -> None:
        self.segment = segment
        self.number = number
        self.scope = scope
        self.field_number = self.repetition_number = 0

    def field(self, name: str, number: int) -> str:
        """A whole field of the segment at hand or of the one with that name in the groups around it.

        A segment that is in no group can ask for one that comes later.
        """
        segment = self.segment if self.segment.name == name else self.scope.segment(name)
        if segment is None and self.scope.around is None:
            segment = self._first(name)
        return segment.field(number) if segment else ""

    def _first(self, name: str) -> Segment | None:
        if name not in self._firsts:
            self._firsts[name] = next(iter(self.message.segments(name)), None)
        return self._firsts[name]

    def component(self, field: str, number: int) -> str:
        """A component of the first repetition of a field."""
        first = field.partition(self.repetition)[0]
        parts = first.split(self.separators[0], number)
        return self.leaf(parts[number - 1], 1) if len(parts) >= number else ""

    def parts(self, text: str, depth: int) -> list[str]:
        """What a value of this depth consists of; a leaf of itself."""
        return text.split(self.separators[depth]) if depth < 2 else [text]

    def leaf(self, text: str, depth: int) -> str:
        """The plain text of a value, of its first part where it has several; "" for an explicit null."""
        for separator in self.separators[depth:]:
            if separator in text:
                text = text.partition(separator)[0]
        if text == NULL:
            return ""
        return self.plain(text)

    def plain(self, text: str) -> str:
        """Without escapes, blanks around it and the control characters that no FHIR string may hold."""
        if text.isalnum():  # most are
            return text
        text = (self.unescape(text) if self.escape_mark in text else text).strip()
        return text if text.isprintable() else _CONTROL.sub("", text).strip()

    @property
    def zone(self) -> tzinfo:
        """The clock of times without offset: that of MSH-7, else Peru's."""
        if self._zone is None:
            text = self.component(self.message.header.field(7), 1)
            try:
                self._zone = parse_timestamp(text).tzinfo or LIMA
            except Hl7Error:
                self._zone = LIMA
        return self._zone

    @property
    def location(self) -> str:
        """The field at hand, as ERR-2 has it."""
        numbers = [self.number, self.field_number, self.repetition_number]
        return "^".join([self.segment.name, *(str(number) for number in numbers if number)])

    def report(self, code: int, reason: str, text: str) -> None:
        """A value that does not reach FHIR, or not whole. The finding never quotes it."""
        finding = Finding(code, self.location, text, reason, "W")
        if len(self.findings) < FINDINGS_MAX and finding not in self.findings:
            self.findings.append(finding)
