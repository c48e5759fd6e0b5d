"""One answer to one question, and what it says by itself."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from ayni.qhali.conversation.questions import AGE, SEVERE, SIGN, SINCE, Question
from ayni.qhali.extraction import (
    Age,
    Fact,
    Onset,
    Severity,
    Status,
    Understanding,
    read_age,
    read_onset,
    understand,
)

UNDERSTOOD_MAX = 256
"""Turns of the conversations under way; each page of a conversation looks at all of its turns."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One answer to one question; `number` counts from 1."""

    number: int
    question: Question
    text: str
    said_at: datetime

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The facts of this answer alone; a warning sign that was asked always has one."""
        return _understood(self).facts

    @property
    def onset(self) -> Onset | None:
        """The answer to "since when", None for another question or no answer to it."""
        return _understood(self).onset

    @property
    def age(self) -> Age | None:
        """The age of the sick person, when the answer tells it."""
        return _understood(self).age

    @property
    def said(self) -> Understanding:
        """Everything else it says: who is sick, what was measured, how far a pregnancy is."""
        return _understood(self).said


@dataclass(frozen=True, slots=True)
class _Understood:
    facts: tuple[Fact, ...]
    onset: Onset | None
    age: Age | None
    said: Understanding


@lru_cache(maxsize=UNDERSTOOD_MAX)
def _understood(turn: Turn) -> _Understood:
    """What a turn says, worked out once and not at each look."""
    kind, concept = turn.question.kind, turn.question.concept
    asked = concept if kind in (SIGN, SEVERE) else None
    said = understand(turn.text, turn=turn.number, asked=asked, today=turn.said_at.date())
    return _Understood(
        facts=tuple(_facts(turn, said.facts, asked)),
        onset=read_onset(turn.text, turn.said_at.date()) if kind == SINCE.id else None,
        age=read_age(turn.text, asked=True) if kind == AGE else said.age,
        said=said,
    )


def forget_turns() -> None:
    """Leaves no words of anybody in memory; they are read again when they are needed."""
    _understood.cache_clear()


def _facts(turn: Turn, facts: tuple[Fact, ...], asked: str | None) -> Iterator[Fact]:
    if asked is not None and asked not in {fact.concept for fact in facts}:
        facts = (*facts, _unanswered(turn, asked))
    for fact in facts:
        yield _graded(fact) if turn.question.kind == SEVERE and fact.concept == asked else fact


def _unanswered(turn: Turn, asked: str) -> Fact:
    """A warning sign that was asked and met with something else: doubtful, which is not absent."""
    end = len(turn.text)
    return Fact(concept=asked, status=Status.UNCERTAIN, quote=turn.text, turn=turn.number, start=0, end=end)


def _graded(fact: Fact) -> Fact:
    """ "¿Es muy fuerte?" "no": it is there, and not severe."""
    if fact.status is Status.ABSENT:
        return replace(fact, status=Status.PRESENT, severity=Severity.MODERATE)
    severity = Severity.SEVERE if fact.status is Status.PRESENT else Severity.UNKNOWN
    return replace(fact, status=Status.PRESENT, severity=severity)
