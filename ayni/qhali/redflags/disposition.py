"""Level IV in two: home care with signs to return, or a visit at a set time."""

import csv
from functools import cache
from importlib.resources import files

from ayni.qhali.extraction import Fact, Severity, Status
from ayni.qhali.redflags.evidence import Evidence

SELF_CARE, SCHEDULED_VISIT = "self-care", "scheduled-visit"
AGES_MONTHS = (12, 70 * 12)
"""The very young and the old are seen."""

SEEN_ANYWAY = (
    "pregnancy", "postpartum", "diabetes", "immunosuppressed", "heart-disease", "lung-disease", "cancer",
    "worsening", "unrelieved", "visit-request", "repeat-contact", "recent-surgery",
)  # fmt: skip
"""Who has one of these asks for a visit, or should have one."""


@cache
def _days_max() -> dict[str, int]:
    text = files("ayni.qhali.redflags").joinpath("data", "self_care.csv").read_text("utf-8")
    return {row["code"]: int(row["days_max"]) for row in csv.DictReader(text.splitlines())}


def disposition_of(evidence: Evidence) -> str:
    """Home care only when every complaint is one that heals by itself, is new and not strong."""
    complaints = [fact for fact in evidence.facts if fact.status is Status.PRESENT and _is_complaint(fact)]
    needs_visit = any(evidence.fact(code) is not None and _is_so(evidence, code) for code in SEEN_ANYWAY)
    if needs_visit or evidence.persona.is_pregnant or not _is_of_home_age(evidence) or not complaints:
        return SCHEDULED_VISIT
    heals = all(_heals_at_home(fact, evidence) for fact in complaints)
    return SELF_CARE if heals else SCHEDULED_VISIT


def _is_so(evidence: Evidence, code: str) -> bool:
    fact = evidence.fact(code)
    return fact is not None and fact.status is Status.PRESENT


def _is_complaint(fact: Fact) -> bool:
    return fact.is_symptom or fact.concept in _days_max()


def _is_of_home_age(evidence: Evidence) -> bool:
    age = evidence.persona.age
    return age is None or AGES_MONTHS[0] <= age.months < AGES_MONTHS[1]


def _heals_at_home(fact: Fact, evidence: Evidence) -> bool:
    days = _days_max().get(fact.concept)
    if days is None or fact.severity is Severity.SEVERE:
        return False
    if fact.concept == "fever" and (fact.temperature_c or 0) >= 38.5:
        return False
    return fact.since is None or (evidence.today - fact.since).days <= days
