"""What `validate` and `BatchFile.findings` notice, and where.

Source: HL7 v2.5.1, chapter 2.15.5 (ERR-2 location, ERR-3, ERR-4) and table 0357.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

from ayni.vocabulary.hl7.errors import Severity

FINDINGS_MAX: Final = 200  # more than a person reads; noise must not become a gigabyte of findings


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as the standard says: the fields of an `Hl7Error`, but nobody is stopped by it.

    Neither `text` (Spanish, for people) nor `reason` (English, for engineers) quotes what was found: it may
    be patient data.
    """

    code: int  # of table 0357
    location: str  # ERR-2, e.g. `PID^1^5^1^1`
    text: str
    reason: str
    severity: Severity = "E"
    application_code: str = ""


class Location(NamedTuple):
    """A location as it deepens: segment, its sequence, field, repetition, component, subcomponent."""

    segment: str
    numbers: tuple[int, ...]

    def inside(self, number: int) -> "Location":
        return Location(self.segment, (*self.numbers, number))

    @property
    def notation(self) -> str:
        """As ERR-2 has it."""
        return "^".join([self.segment, *map(str, self.numbers)])

    def __str__(self) -> str:
        """As a path of `Message`, first ones left out: `OBX[3]-5.2`."""
        sequence, field, repetition, *rest = (*self.numbers, 0, 0)[: max(3, len(self.numbers))]
        text = self.segment + (f"[{sequence}]" if sequence > 1 else "")
        text += f"-{field}" if field else ""
        text += f"[{repetition}]" if repetition > 1 else ""
        return ".".join([text, *map(str, rest)])

    def finding(self, code: int, text: str, reason: str, severity: Severity = "E") -> Finding:
        """`text` and `reason` may name this location as `{}`."""
        return Finding(code, self.notation, text.format(self), reason.format(self), severity)


def at_most(findings: Iterator[Finding], whole: Location) -> list[Finding]:
    """The first `FINDINGS_MAX`; where there are more, the last of them says so of the `whole`."""
    found = list(islice(findings, FINDINGS_MAX + 1))
    if len(found) > FINDINGS_MAX:
        more = whole.finding(0, "Hay más observaciones.", f"only {FINDINGS_MAX} are listed", "I")
        found[FINDINGS_MAX - 1 :] = [more]
    return found
