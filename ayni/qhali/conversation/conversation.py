"""A conversation: what was asked, what was answered, and the facts it adds up to.

Facts are always computed again from the turns: the same words give the same facts, whenever they are read.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from ayni.qhali.conversation.questions import AGE, SEVERE, SIGN, SINCE, Question
from ayni.qhali.extraction import Age, Fact, Severity, Status, extract, read_age, read_onset

TURN_CHARACTERS_MAX = 2000
"""A long voice message written out; more is no longer one answer."""

TURNS_MAX = 20
"""Open questions, onset and warning signs need nine at most; more means that no program helps here."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One answer to one question; `number` counts from 1."""

    number: int
    question: Question
    text: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Conversation:
    """The turns so far."""

    turns: tuple[Turn, ...] = ()

    def answered(self, question: Question, text: str, *, said_at: datetime) -> "Conversation":
        """The conversation with one more turn."""
        return Conversation((*self.turns, Turn(len(self.turns) + 1, question, text, said_at)))

    def asked(self, question: Question) -> bool:
        """Whether a question was put already."""
        return any(turn.question.id == question.id for turn in self.turns)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """One fact per concept, in the order in which the citizen first named them."""
        facts: dict[str, Fact] = {}
        for turn in self.turns:
            for fact in _facts_of(turn, facts):
                facts[fact.concept] = _joined(facts.get(fact.concept), fact)
        return tuple(facts.values())

    @property
    def symptoms(self) -> tuple[Fact, ...]:
        """The facts affirmed, the main complaint first."""
        return tuple(fact for fact in self.facts if fact.status is Status.PRESENT)

    @property
    def age(self) -> Age | None:
        """The age of the sick person, when a turn tells it."""
        ages = (read_age(turn.text, asked=turn.question.kind == AGE) for turn in self.turns)
        return next((age for age in ages if age is not None), None)


def _facts_of(turn: Turn, before: dict[str, Fact]) -> Iterable[Fact]:
    kind, concept = turn.question.kind, turn.question.concept
    asked = concept if kind in (SIGN, SEVERE) else None
    facts = extract(turn.text, turn=turn.number, asked=asked, today=turn.said_at.date())
    if kind == SINCE.id:
        return [*facts, *_with_onset(turn, before)]
    if asked is not None and asked not in {fact.concept for fact in facts}:
        facts = [*facts, _unanswered(turn, asked)]
    return [_graded(fact) if kind == SEVERE and fact.concept == asked else fact for fact in facts]


def _unanswered(turn: Turn, asked: str) -> Fact:
    """A warning sign that was asked and met with something else: doubtful, which is not absent."""
    end = len(turn.text)
    return Fact(concept=asked, status=Status.UNCERTAIN, quote=turn.text, turn=turn.number, start=0, end=end)


def _with_onset(turn: Turn, before: dict[str, Fact]) -> Iterable[Fact]:
    """The onset answers for every symptom named so far that has none of its own."""
    onset = read_onset(turn.text, turn.said_at.date())
    if onset is None:
        return []
    waiting = (fact for fact in before.values() if fact.status is Status.PRESENT and fact.since is None)
    return [replace(fact, since=onset.since) for fact in waiting]


def _graded(fact: Fact) -> Fact:
    """ "¿Es muy fuerte?" "no": it is there, and not severe."""
    if fact.status is Status.ABSENT:
        return replace(fact, status=Status.PRESENT, severity=Severity.MODERATE)
    severity = Severity.SEVERE if fact.status is Status.PRESENT else Severity.UNKNOWN
    return replace(fact, status=Status.PRESENT, severity=severity)


def _joined(earlier: Fact | None, later: Fact) -> Fact:
    """What is affirmed stays affirmed: later words may add onset and severity, never take a symptom away."""
    if earlier is None or earlier.status is not Status.PRESENT:
        return later
    if later.status is not Status.PRESENT:
        return earlier
    severities = (earlier.severity, later.severity)
    severity = Severity.SEVERE if Severity.SEVERE in severities else (later.severity or earlier.severity)
    return replace(earlier, since=earlier.since or later.since, severity=severity)
