"""The facts of a conversation and the closed list of concepts they may be about."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

from ayni.qhali.extraction.tables import read_table


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
    """One symptom, or a sign that rules ask about: `code` is its identifier everywhere, `cie10` may be ""."""

    code: str
    term: str
    cie10: str
    is_symptom: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing the citizen said.

    `quote` is the text between the characters `start` and `end` of turn number `turn` (from 1), as typed.
    `since` is the onset the citizen gave, `duration` the same as said (ISO 8601, `P2W`); never a guess.
    `site` is the part of the body as said.
    `is_likely`: said with "creo que", which is doubtful for the record and enough for a warning.
    """

    concept: str
    status: Status
    quote: str
    turn: int
    start: int
    end: int
    since: date | None = None
    duration: str | None = None
    severity: Severity | None = None
    site: str | None = None
    temperature_c: float | None = None
    is_likely: bool = False

    @property
    def term(self) -> str:
        """The Spanish term of the concept."""
        return concept(self.concept).term

    @property
    def is_symptom(self) -> bool:
        """Whether the concept is of the closed list, and not a sign such as a pregnancy."""
        return concept(self.concept).is_symptom

    @property
    def is_recorded(self) -> bool:
        """Whether it goes into the record by itself: symptoms, and the pregnancy they are read with."""
        return self.is_symptom or self.concept == "pregnancy"

    @property
    def cie10(self) -> str:
        """The CIE-10 code of the concept, "" where no honest code exists."""
        return concept(self.concept).cie10


@cache
def concepts() -> dict[str, Concept]:
    """Every concept by code: the symptoms of the closed list, and the signs that rules ask about."""
    return {
        row["code"]: Concept(row["code"], row["term_es"], row.get("cie10", ""), is_symptom)
        for name, is_symptom in (("symptoms.csv", True), ("signs.csv", False))
        for row in read_table(name)
    }


def concept(code: str) -> Concept:
    """The concept with this code; KeyError for a code that is not in the tables."""
    return concepts()[code]
