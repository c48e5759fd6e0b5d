"""What is known about one person, asked in three values: True, False, and None for unknown."""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from ayni.qhali.extraction import Age, Fact, Measurement, Severity, Status, concept
from ayni.qhali.redflags.expression import Atom
from ayni.qhali.redflags.kleene import Truth

MONTHS_PER_YEAR = 12
CHILDBED_DAYS = 60
"""So long after birth a woman's danger signs are those of childbed: 42 days, and late sepsis after it."""

UNTOLD = (None, Severity.UNKNOWN)
COMPARED: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
MEASURED = ("temperature", "spo2", "glucose", "breaths", "haemoglobin", "systolic", "diastolic")
OF_PERSON = ("age", "weeks", "altitude")
WHOLE = ("any-symptom", "sex")
SITUATIONS = ("pregnancy", "postpartum")


@dataclass(frozen=True, slots=True)
class Persona:
    """Who is sick, as far as registered or told. `sex` is FHIR's `female` or `male`; None is unknown.

    `age_below` bounds an age that nobody told: a "bebé" is under two.
    """

    age: Age | None = None
    sex: str | None = None
    is_pregnant: bool | None = None
    gestation_weeks: int | None = None
    postpartum_days: int | None = None
    altitude_m: float | None = None
    age_below: Age | None = None


def check(atom: Atom) -> None:
    """Raises KeyError for a concept that does not exist: its rule would never fire, silently."""
    if atom.kind == "compare" or (atom.kind == "unknown" and atom.name in (*MEASURED, *OF_PERSON)):
        if atom.name not in (*MEASURED, *OF_PERSON):
            raise KeyError(atom.name)
    elif atom.name not in WHOLE:
        concept(atom.name)


@dataclass(frozen=True)
class Evidence:
    """The facts of a conversation, what was measured, the person, and the day to count from."""

    facts: tuple[Fact, ...]
    persona: Persona
    today: date
    measured: tuple[Measurement, ...] = ()

    @cached_property
    def _by_concept(self) -> dict[str, Fact]:
        """The fact of each concept that counts: what was affirmed before what was not."""
        chosen: dict[str, Fact] = {}
        for fact in self.facts:
            if fact.concept not in chosen or _is_affirmed(fact):
                chosen[fact.concept] = fact
        return chosen

    def fact(self, code: str) -> Fact | None:
        """What was said about a concept, None when nothing was."""
        return self._by_concept.get(code)

    @cached_property
    def affirmed(self) -> frozenset[str]:
        """Every concept that is there and every value that was measured."""
        present = {code for code, fact in self._by_concept.items() if _is_affirmed(fact)}
        return frozenset(
            present | {value.kind for value in self.measured} | ({"any-symptom"} if present else set())
        )

    def says(self, atom: Atom) -> Truth:
        """Whether a condition holds; None when nobody has said."""
        if atom.kind == "compare":
            value = self._value(atom.name)
            return self._by_bound(atom) if value is None else COMPARED[atom.comparison](value, _bound(atom))
        if atom.kind == "unknown":
            return self._is_unknown(atom.name)
        if atom.kind == "is":
            return None if self.persona.sex is None else self.persona.sex == atom.comparison
        if atom.name == "any-symptom":
            return any(fact.status is Status.PRESENT and fact.is_symptom for fact in self.facts) or None
        return self._situation(atom) if atom.name in SITUATIONS else self._symptom(atom)

    def _by_bound(self, atom: Atom) -> Truth:
        """What is known of an age of which only a bound is: under two is under five, and not over thirty."""
        below = self.persona.age_below
        if atom.name != "age" or below is None or below.months > _bound(atom):
            return None
        return atom.comparison in ("<", "<=")

    def _value(self, name: str) -> float | None:
        if name == "age":
            return None if self.persona.age is None else float(self.persona.age.months)
        if name == "weeks":
            return self.persona.gestation_weeks
        if name == "altitude":
            return self.persona.altitude_m
        values = [each.value for each in self.measured if each.kind == name]
        return values[-1] if values else None

    def _is_unknown(self, name: str) -> bool:
        if name in (*MEASURED, *OF_PERSON):
            return self._value(name) is None
        if name in SITUATIONS:
            return self._situation(Atom("has", name)) is None
        fact = self.fact(name)
        return fact is None or _status_holds(fact) is None

    def _situation(self, atom: Atom) -> Truth:
        """Pregnancy and childbed: told now, or registered; a man has neither."""
        if self.persona.sex == "male":
            return False
        if atom.name == "postpartum" and self.persona.postpartum_days is not None:
            return self.persona.postpartum_days <= CHILDBED_DAYS
        if atom.name == "postpartum" and self._was_long_ago(atom.name):
            return False
        registered = self.persona.is_pregnant if atom.name == "pregnancy" else None
        told = self._symptom(atom)
        return told if told is True or registered is None else registered

    def _was_long_ago(self, name: str) -> bool:
        """Whether a birth was told that is no longer childbed."""
        fact = self.fact(name)
        since = fact.since if fact is not None else None
        return since is not None and (self.today - since).days > CHILDBED_DAYS

    def _symptom(self, atom: Atom) -> Truth:
        fact = self.fact(atom.name)
        holds = None if fact is None else _status_holds(fact)
        if fact is None or holds is not True:
            return holds
        if atom.kind == "severe":
            return None if fact.severity in UNTOLD else fact.severity is Severity.SEVERE
        if atom.kind == "for":
            return None if fact.since is None else (self.today - fact.since).days >= atom.amount
        if atom.kind == "within":
            return fact.since is None or (self.today - fact.since).days <= atom.amount
        return True


def _is_affirmed(fact: Fact) -> bool:
    return _status_holds(fact) is True


def _status_holds(fact: Fact) -> Truth:
    """Past, others' and thought of say nothing of now; "creo que…" is enough for a warning."""
    if fact.status is Status.PRESENT or (fact.status is Status.UNCERTAIN and fact.is_likely):
        return True
    return False if fact.status is Status.ABSENT else None


def _bound(atom: Atom) -> float:
    return atom.amount * MONTHS_PER_YEAR if atom.unit == "y" else atom.amount
