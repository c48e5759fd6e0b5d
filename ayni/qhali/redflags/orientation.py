"""The orientation: how soon to be seen, which rules say so, and what to do meanwhile."""

from dataclasses import dataclass

from ayni.qhali.extraction import Severity, Status
from ayni.qhali.redflags.evidence import Evidence
from ayni.qhali.redflags.rules import Rule, rules

LEVELS = ("I", "II", "III", "IV")
"""Most urgent first."""

URGENT_LEVELS = LEVELS[:2]
"""Whoever has one of these is told to call or to go at once, on every page until the request ends."""

UNANSWERED_FLOOR = "III"
"""A warning sign that was asked and not answered is never less urgent than this."""

RETURN_ADVICE = "Si empeora o le falta el aire, vaya de inmediato al establecimiento."
ADVICE = {
    "I": "Llame ahora al 106 o vaya al establecimiento más cercano.",
    "II": "Vaya ahora a un servicio de emergencia.",
    "III": "Deben verle hoy, dentro de 24 horas.",
    "IV": "Puede esperar una cita.",
}


@dataclass(frozen=True, slots=True)
class Orientation:
    """`level` is None while no symptom is known: the assistant keeps asking."""

    level: str | None
    fired: tuple[Rule, ...]

    @property
    def advice(self) -> str:
        """What to do, most urgent first, in short sentences."""
        if self.level is None:
            return ""
        first_aid = list(dict.fromkeys(rule.advice for rule in self.fired if rule.level == self.level))
        closing = [] if self.level == "I" else [RETURN_ADVICE]
        return " ".join([ADVICE[self.level], *first_aid, *closing])


def orient(evidence: Evidence) -> Orientation:
    """The most urgent level of the rules that fire; without any, III or IV by what stayed unanswered."""
    statuses = {fact.status for fact in evidence.facts}
    if not statuses & {Status.PRESENT, Status.UNCERTAIN}:
        return Orientation(None, ())
    fired = sorted(
        (rule for rule in rules() if rule.holds(evidence)), key=lambda rule: LEVELS.index(rule.level)
    )
    floor = UNANSWERED_FLOOR if _has_unanswered_sign(evidence) else LEVELS[-1]
    levels = [rule.level for rule in fired] + [floor]
    return Orientation(min(levels, key=LEVELS.index), tuple(_once_each(fired)))


def _once_each(fired: list[Rule]) -> list[Rule]:
    """One rule per red flag: where it stands twice, the more urgent reading."""
    return list({rule.id: rule for rule in reversed(fired)}.values())[::-1]


def _has_unanswered_sign(evidence: Evidence) -> bool:
    doubtful = {
        fact.concept
        for fact in evidence.facts
        if fact.status is Status.UNCERTAIN or fact.severity is Severity.UNKNOWN
    }
    return any(rule.concepts & doubtful for rule in rules() if rule.holds(evidence) is None)
