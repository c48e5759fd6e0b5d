"""What is known about one person, asked in three values: True, False, and None for unknown."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from ayni.qhali.extraction import Age, Fact, Severity, Status, concept

_ATOM = re.compile(
    r"(?P<severe>severe )?(?P<name>[a-z-]+)(?:(?P<comparison>>=|<)(?P<amount>\d+)(?P<unit>[dmy]))?"
)
MONTHS_PER_YEAR = 12
UNTOLD = (None, Severity.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Persona:
    """Who is sick, as far as known. `sex` is FHIR's `female` or `male`."""

    age: Age | None = None
    sex: str | None = None


@dataclass(frozen=True, slots=True)
class Atom:
    """One condition of a rule. `days_min` is the least time since onset; the age bounds are in months."""

    name: str
    is_severe: bool = False
    days_min: int | None = None
    months_min: int | None = None
    months_below: int | None = None


@cache
def atom(text: str) -> Atom:
    """Reads `severe dyspnea`, `productive-cough>=15d`, `age<5y`; ValueError for anything else."""
    found = _ATOM.fullmatch(text)
    if found is None:
        raise ValueError(f"not a condition of a red flag: {text!r}")
    name, amount = found["name"], int(found["amount"] or 0)
    if name == "age":
        months = amount * (MONTHS_PER_YEAR if found["unit"] == "y" else 1)
        is_least = found["comparison"] == ">="
        return Atom(name, months_min=months if is_least else None, months_below=None if is_least else months)
    if name != "any-symptom":
        concept(name)  # a rule about a concept that does not exist would never fire, silently
    return Atom(name, bool(found["severe"]), days_min=amount if found["amount"] else None)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The facts of a conversation (one per concept), the person, and the day to count from."""

    facts: tuple[Fact, ...]
    persona: Persona
    today: date

    def fact(self, code: str) -> Fact | None:
        """What was said about a concept, None when nothing was."""
        return next((fact for fact in self.facts if fact.concept == code), None)

    def holds(self, text: str) -> bool | None:
        """Whether a condition holds; None when nobody has said. Past, doubtful, others' stay unknown."""
        condition = atom(text)
        if condition.name == "age":
            return self._age_holds(condition)
        if condition.name == "any-symptom":
            return any(fact.status is Status.PRESENT for fact in self.facts) or None
        if condition.name == "pregnancy" and self.persona.sex == "male":
            return False
        fact = self.fact(condition.name)
        if fact is None or fact.status not in (Status.PRESENT, Status.ABSENT):
            return None
        return False if fact.status is Status.ABSENT else self._qualifiers_hold(condition, fact)

    def _age_holds(self, condition: Atom) -> bool | None:
        age = self.persona.age
        if age is None:
            return None
        if condition.months_min is not None:
            return age.months >= condition.months_min
        return condition.months_below is not None and age.months < condition.months_below

    def _qualifiers_hold(self, condition: Atom, fact: Fact) -> bool | None:
        if condition.is_severe:
            return None if fact.severity in UNTOLD else fact.severity is Severity.SEVERE
        if condition.days_min is not None:
            return None if fact.since is None else (self.today - fact.since).days >= condition.days_min
        return True


def all_hold(values: Sequence[bool | None]) -> bool | None:
    """Kleene's "and"."""
    if False in values:
        return False
    return None if None in values else True


def count_holds(values: Iterable[bool | None], least: int) -> bool | None:
    """Whether at least so many hold (with 1: Kleene's "or")."""
    listed = list(values)
    if listed.count(True) >= least:
        return True
    return None if listed.count(True) + listed.count(None) >= least else False
