"""The facts of a conversation and the closed list of concepts they may be about."""

import csv
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files


class Status(StrEnum):
    """What the citizen says about a concept. A concept never mentioned has no fact: unknown is not absent."""

    PRESENT = "present"
    ABSENT = "absent"
    PAST = "past"
    UNCERTAIN = "uncertain"
    OTHER_PERSON = "other-person"
    HYPOTHETICAL = "hypothetical"


class Severity(StrEnum):
    """How strong, when the citizen says so."""

    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"
    UNKNOWN = "unknown"  # asked, and not told


@dataclass(frozen=True, slots=True)
class Concept:
    """One symptom or situation: `code` is the identifier used in every system, `cie10` may be ""."""

    code: str
    term: str
    cie10: str
    is_symptom: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing the citizen said.

    `quote` is the text between the characters `start` and `end` of turn number `turn` (from 1), as typed.
    `since` is the onset the citizen gave, never a guess.
    """

    concept: str
    status: Status
    quote: str
    turn: int
    start: int
    end: int
    since: date | None = None
    severity: Severity | None = None

    @property
    def term(self) -> str:
        """The Spanish term of the concept."""
        return concept(self.concept).term

    @property
    def is_symptom(self) -> bool:
        """Whether the concept is a symptom, and not a situation such as a pregnancy."""
        return concept(self.concept).is_symptom

    @property
    def cie10(self) -> str:
        """The CIE-10 code of the concept, "" where no honest code exists."""
        return concept(self.concept).cie10


@cache
def concepts() -> dict[str, Concept]:
    """Every concept by code: the symptoms, and the situations that rules ask about (pregnancy)."""
    return {
        row["code"]: Concept(row["code"], row["term_es"], row["cie10"], is_symptom)
        for name, is_symptom in (("symptoms.csv", True), ("situations.csv", False))
        for row in read_table(name)
    }


def concept(code: str) -> Concept:
    """The concept with this code; KeyError for a code that is not in the tables."""
    return concepts()[code]


def read_table(name: str) -> list[dict[str, str]]:
    """The rows of one of this package's CSV tables."""
    text = files("ayni.qhali.extraction").joinpath("data", name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
