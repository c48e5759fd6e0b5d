"""What a check of a resource notices, and where, in English and in Spanish.

Source: FHIR R4, sections 3.1.7 (OperationOutcome) and 2.9.1.2 (the simple FHIRPath of `expression`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Literal, NamedTuple

Severity = Literal["fatal", "error", "warning", "information"]

FINDINGS_MAX: Final = 200  # more than a person reads; noise must not become a gigabyte of findings


class Phrase(NamedTuple):
    """The same words for an engineer and for the people who use the screens."""

    english: str
    spanish: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as the standard or a profile says.

    Nothing of it quotes a value that was found, which may be patient data: codes, kinds and counts only.
    """

    issue: str  # a code of FHIR's issue-type value set
    place: str  # FHIRPath from the root, e.g. `Patient.name[0].family`
    expected: Phrase
    found: Phrase
    severity: Severity = "error"

    @property
    def reason(self) -> str:
        """For engineers, in English."""
        return f"expected {self.expected.english}, found {self.found.english}"

    @property
    def text(self) -> str:
        """For people, in Spanish."""
        return f"Se esperaba {self.expected.spanish}; se encontró {self.found.spanish}."

    def outcome_issue(self) -> dict[str, Any]:
        """This finding as an element of OperationOutcome.issue."""
        return {
            "severity": self.severity,
            "code": self.issue,
            "details": {"text": self.text},
            "diagnostics": self.reason,
            "expression": [self.place],
        }


class Problem:
    """A finding whose place is still being built, from the inside out.

    What is right costs nothing: only what is wrong learns its place, while the walk returns to the root.
    """

    __slots__ = ("expected", "found", "issue", "parts", "severity")

    def __init__(
        self, issue: str, expected: Phrase, found: Phrase, *parts: str, severity: Severity = "error"
    ) -> None:
        self.issue = issue
        self.expected = expected
        self.found = found
        self.parts = [*parts]  # innermost first
        self.severity = severity

    def finding(self, root: str) -> Finding:
        place = root + "".join(reversed(self.parts))
        return Finding(self.issue, place, self.expected, self.found, self.severity)


def inside(problems: list[Problem], part: str) -> list[Problem]:
    """The problems, one level further out: `part` is `.name` or `[0]`."""
    for problem in problems:
        problem.parts.append(part)
    return problems


def at_most(problems: Iterable[Problem], root: str) -> tuple[Finding, ...]:
    """The first `FINDINGS_MAX`; where there are more, the last of them says so."""
    found = [problem.finding(root) for problem in islice(problems, FINDINGS_MAX + 1)]
    if len(found) > FINDINGS_MAX:
        limit = Phrase(f"at most {FINDINGS_MAX} findings", f"un máximo de {FINDINGS_MAX} observaciones")
        found[FINDINGS_MAX - 1 :] = [
            Finding("too-costly", root, limit, Phrase("more", "más"), severity="information")
        ]
    return tuple(found)
