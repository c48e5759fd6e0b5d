"""What became of the rows of a file: loaded, repaired with a reason, refused with a reason and a place."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, Literal

from ayni.vocabulary.terminology.errors import TerminologyError

FINDINGS_MAX: Final = 1_000
"""Findings kept with their places; beyond, only the counts per reason go on. More is read by nobody."""
FOUND_CHARACTERS_MAX: Final = 60

Reason = Literal[
    "blanks",  # around the text, or ones that are not seen
    "twice-encoded",  # CÃ³lera
    "lost-letter",  # the file has U+FFFD, or a byte that is no text
    "spreadsheet-mark",  # ="00006206" or '00006206
    "spreadsheet-number",  # 6206.0
    "leading-zeros",
    "trailing-zeros",
    "code-form",  # another way to write the same code
    "decimal-comma",
    "coordinates",
    "unknown-state",
    "same-row-again",
    "not-a-code",
    "missing",
    "not-a-date",
    "another-row",  # the same code with other content
    "row-length",
    "quoting",
    "control-character",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One cell, or a whole row when `column` is empty. `line` counts from 1, as an editor does."""

    file: str
    line: int
    column: str
    reason: Reason
    expected: str
    found: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" + (f" [{self.column}]" if self.column else "")
        return f"{place}: expected {self.expected}, found {self.found} ({self.reason})"


class UnreadableFile(TerminologyError):
    """The file as a whole: too large, a workbook instead of text, no header, a quote that never closes."""

    issue = "structure"
    http_status = 400


class RefusedRow(Exception):
    """Raised and caught in this room only."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding


@dataclass
class Report:
    """Collects while a file is read."""

    file: str
    repaired: list[Finding] = field(default_factory=list)
    refused: list[Finding] = field(default_factory=list)
    repaired_counts: Counter[str] = field(default_factory=Counter)
    refused_counts: Counter[str] = field(default_factory=Counter)

    def finding(self, line: int, column: str, reason: Reason, expected: str, found: str) -> Finding:
        """A finding of this file; a long `found` is cut."""
        if len(found) > FOUND_CHARACTERS_MAX:
            found = found[:FOUND_CHARACTERS_MAX] + "…"
        return Finding(
            file=self.file,
            line=line,
            column=column,
            reason=reason,
            expected=expected,
            found=found or "nothing",
        )

    def repair(self, finding: Finding) -> None:
        """Notes what was put right."""
        self.repaired_counts[finding.reason] += 1
        if len(self.repaired) < FINDINGS_MAX:
            self.repaired.append(finding)

    def refuse(self, finding: Finding) -> None:
        """Notes a row that is not loaded."""
        self.refused_counts[finding.reason] += 1
        if len(self.refused) < FINDINGS_MAX:
            self.refused.append(finding)
