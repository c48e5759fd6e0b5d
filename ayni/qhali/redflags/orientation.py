"""The orientation: how soon to be seen, which rules say so, and what to do meanwhile.

The level is the most urgent of red flags, floors, what a model suggests and what the citizen asks for.
Nothing here lowers it; only a clinician does, in the record.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ayni.qhali.extraction import Fact, Severity, Status
from ayni.qhali.redflags.disposition import SCHEDULED_VISIT, disposition_of
from ayni.qhali.redflags.evidence import Evidence
from ayni.qhali.redflags.expression import Atom
from ayni.qhali.redflags.rules import LEVELS, Rule, floors, rules

URGENT_LEVELS = LEVELS[:2]
"""Whoever has one of these is told to call or to go at once, on every page until the request ends."""

UNANSWERED_FLOOR = "III"
"""A warning sign that was asked and not answered is never less urgent than this."""

REPEAT_CONTACT = "repeat-contact"
COMPLAINTS = frozenset(
    {"minor-skin", "minor-complaint", "unwell", "folk-illness"}
    | {"swallowed-object", "hernia", "dark-urine", "light-hurts", "high-glucose", "bleeding-gums", "tearing"}
    | {"sprain", "nappy-rash", "teething", "period-pain", "sunburn", "stye", "contact-rash", "spit-up"}
    | {"athletes-foot", "minor-visit"}
)
"""Signs that are a complaint by themselves, without a symptom of the closed list."""

RETURN_ADVICE = "Si empeora o le falta el aire, vaya de inmediato al establecimiento."
ADVICE = {
    "I": "Llame ahora al 106 o vaya al establecimiento más cercano.",
    "II": "Vaya ahora a un servicio de emergencia.",
    "III": "Deben verle hoy, dentro de 24 horas.",
    "IV": "Puede esperar una cita.",
}
SELF_CARE_ADVICE = "Puede cuidarse en casa; si no mejora, pida una cita."


@dataclass(frozen=True, slots=True)
class Orientation:
    """`level` is None while nothing clinical is known: the assistant keeps asking.

    `fired` holds the rules behind it, the most urgent first; `disposition` of level IV is `scheduled-visit`
    or `self-care`; `from_model`: only a model asked for this level, so a person looks at it first.
    """

    level: str | None
    fired: tuple[Rule, ...]
    disposition: str | None = None
    from_model: bool = False

    @property
    def advice(self) -> str:
        """What to do, most urgent first, in short sentences."""
        if self.level is None:
            return ""
        first_aid = list(dict.fromkeys(rule.advice for rule in self.fired if rule.level == self.level))
        general = ADVICE[self.level] if self.disposition in (None, SCHEDULED_VISIT) else SELF_CARE_ADVICE
        closing = [] if self.level == "I" else [RETURN_ADVICE]
        return " ".join([general, *first_aid, *closing])


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a rule fired, or what it still lacks: the facts it saw and the conditions nobody has answered."""

    rule: Rule
    facts: tuple[Fact, ...]
    undecided: tuple[Atom, ...]


def orient(evidence: Evidence, *, suggested: str | None = None, requested: str | None = None) -> Orientation:
    """The most urgent level of red flags, floors, a model's suggestion and the citizen's request.

    `suggested` and `requested` may be anything: what is no level counts for nothing, and neither lowers.
    """
    fired = _fired(evidence)
    if not _is_clinical(evidence) and not fired:
        return Orientation(None, ())
    own = _raised_when_told_again(_most_urgent([*(rule.level for rule in fired), _floor(evidence)]), evidence)
    level = _most_urgent([own, *(each for each in (suggested, requested) if each in LEVELS)])
    return Orientation(
        level,
        fired,
        disposition_of(evidence) if level == LEVELS[-1] else None,
        from_model=LEVELS.index(level) < LEVELS.index(own),
    )


def _fired(evidence: Evidence) -> tuple[Rule, ...]:
    possible = (rule for rule in (*rules(), *floors()) if not evidence.affirmed.isdisjoint(rule.triggers))
    holding = [rule for rule in possible if rule.holds(evidence)]
    return tuple(_once_each(sorted(holding, key=lambda rule: LEVELS.index(rule.level))))


def _is_clinical(evidence: Evidence) -> bool:
    return any(
        fact.status in (Status.PRESENT, Status.UNCERTAIN) and (fact.is_recorded or fact.concept in COMPLAINTS)
        for fact in evidence.facts
    )


def _most_urgent(levels: Iterable[str]) -> str:
    return min(levels, key=LEVELS.index)


def _raised_when_told_again(level: str, evidence: Evidence) -> str:
    """RF100: who comes again for the same is one level more urgent (BMJ Qual Saf 33:375)."""
    is_again = REPEAT_CONTACT in evidence.affirmed
    return LEVELS[max(0, LEVELS.index(level) - 1)] if is_again and level != LEVELS[-1] else level


def _floor(evidence: Evidence) -> str:
    return UNANSWERED_FLOOR if _has_unanswered_sign(evidence) else LEVELS[-1]


def _once_each(fired: Sequence[Rule]) -> list[Rule]:
    """One rule per red flag: where it stands twice, the more urgent reading."""
    return list({rule.id: rule for rule in reversed(fired)}.values())[::-1]


def _has_unanswered_sign(evidence: Evidence) -> bool:
    doubtful = {fact.concept for fact in evidence.facts if _was_asked_in_vain(fact)}
    return (
        any(rule.concepts & doubtful for rule in rules() if rule.holds(evidence) is None)
        if doubtful
        else False
    )


def _was_asked_in_vain(fact: Fact) -> bool:
    return (fact.status is Status.UNCERTAIN and not fact.is_likely) or fact.severity is Severity.UNKNOWN


def reasons(evidence: Evidence) -> tuple[Reason, ...]:
    """For each rule that fires: the facts that it saw."""
    return tuple(_reason(rule, evidence) for rule in _fired(evidence))


def still_possible(evidence: Evidence, level: str | None) -> tuple[Reason, ...]:
    """The red flags more urgent than a level that an answer could still raise, most urgent first."""
    more_urgent = LEVELS[: LEVELS.index(level)] if level in LEVELS else LEVELS
    undecided = [rule for rule in rules() if rule.level in more_urgent and rule.holds(evidence) is None]
    return tuple(
        _reason(rule, evidence) for rule in sorted(undecided, key=lambda rule: LEVELS.index(rule.level))
    )


def _reason(rule: Rule, evidence: Evidence) -> Reason:
    seen = tuple(fact for name in sorted(rule.concepts) if (fact := evidence.fact(name)) is not None)
    return Reason(rule, seen, rule.undecided(evidence))
