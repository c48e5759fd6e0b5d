"""Level IV in two: home care with signs to return, or a visit at a set time.

`data/self_care.csv` says what heals by itself, a row for each way in which it does:

heals        symptoms and signs that may be cared for at home
days_max     when it is not older than so many days
from_months  and the person is of this age at least, and under 70 years
when         and this holds, in the language of the red flags; empty: always
unless       and this is not known to hold
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ayni.qhali.extraction import Fact, Severity, Status
from ayni.qhali.redflags.evidence import Evidence
from ayni.qhali.redflags.expression import Expression, parse

SELF_CARE, SCHEDULED_VISIT = "self-care", "scheduled-visit"
AGE_MAX_MONTHS = 70 * 12
"""The old are seen."""

BABY_MONTHS = 1
"""A "bebé" whose age nobody told may be so young."""

SEEN_ANYWAY = frozenset(
    {
        "pregnancy", "postpartum", "diabetes", "immunosuppressed", "heart-disease", "lung-disease", "cancer",
        "anticoagulant", "worsening", "unrelieved", "visit-request", "minor-visit", "repeat-contact",
        "recent-surgery",
    }
)  # fmt: skip
"""Who has one of these asks for a visit, or should have one, unless a row's `when` thinks of it."""


@dataclass(frozen=True, slots=True)
class HomeCare:
    """One row of the table."""

    heals: frozenset[str]
    days_max: int
    from_months: int
    when: Expression | None
    unless: Expression | None
    thinks_of: frozenset[str]

    def covers(self, fact: Fact, evidence: Evidence, circumstances: frozenset[str]) -> bool:
        """Whether this complaint of this person heals so."""
        return (
            fact.concept in self.heals
            and circumstances <= self.thinks_of
            and _is_new(fact, evidence, self.days_max)
            and _is_of_home_age(evidence, self.from_months)
            and (self.when is None or self.when.holds(evidence) is True)
            and (self.unless is None or self.unless.holds(evidence) is not True)
        )


@cache
def home_care() -> tuple[HomeCare, ...]:
    """The table, read once."""
    text = files("ayni.qhali.redflags").joinpath("data", "self_care.csv").read_text("utf-8")
    return tuple(map(_row, csv.DictReader(text.splitlines())))


def _row(row: dict[str, str]) -> HomeCare:
    when, unless = (parse(row[name]) if row[name] else None for name in ("when", "unless"))
    thinks_of = frozenset(atom.name for atom in when.atoms()) if when else frozenset[str]()
    heals = frozenset(row["heals"].split())
    return HomeCare(heals, int(row["days_max"]), int(row["from_months"]), when, unless, thinks_of)


@cache
def _heals() -> frozenset[str]:
    return frozenset[str]().union(*(row.heals for row in home_care()))


def disposition_of(evidence: Evidence) -> str:
    """Home care only when every complaint is one that heals by itself, is new and not strong."""
    complaints = [fact for fact in evidence.facts if fact.status is Status.PRESENT and _is_complaint(fact)]
    circumstances = frozenset(_circumstances(evidence))
    heals = all(_heals_at_home(fact, evidence, circumstances) for fact in complaints)
    return SELF_CARE if complaints and heals else SCHEDULED_VISIT


def _circumstances(evidence: Evidence) -> Iterable[str]:
    for code in SEEN_ANYWAY:
        fact = evidence.fact(code)
        if fact is not None and fact.status is Status.PRESENT:
            yield code
    if evidence.persona.is_pregnant:
        yield "pregnancy"


def _is_complaint(fact: Fact) -> bool:
    return fact.is_symptom or fact.concept in _heals()


def _heals_at_home(fact: Fact, evidence: Evidence, circumstances: frozenset[str]) -> bool:
    if fact.severity is Severity.SEVERE:
        return False
    return any(row.covers(fact, evidence, circumstances) for row in home_care())


def _is_new(fact: Fact, evidence: Evidence, days_max: int) -> bool:
    return fact.since is None or (evidence.today - fact.since).days <= days_max


def _is_of_home_age(evidence: Evidence, from_months: int) -> bool:
    age = evidence.persona.age
    if age is not None:
        return from_months <= age.months < AGE_MAX_MONTHS
    return evidence.persona.age_below is None or from_months <= BABY_MONTHS
