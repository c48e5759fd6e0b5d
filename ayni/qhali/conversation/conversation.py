"""A conversation: what was asked, what was answered, and the facts it adds up to.

Facts are never stored, they follow from the turns: the same words give the same facts, whenever they are
read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from ayni.qhali.conversation.questions import Question
from ayni.qhali.conversation.turns import Turn
from ayni.qhali.extraction import Age, Fact, Severity, Status

TURN_CHARACTERS_MAX = 2000
"""A long voice message written out; more is no longer one answer."""

TURNS_MAX = 20
"""Open questions, onset and warning signs need nine at most; more means that no program helps here."""


@dataclass(frozen=True)
class Conversation:
    """The turns so far."""

    turns: tuple[Turn, ...] = ()

    def answered(self, question: Question, text: str, *, said_at: datetime) -> "Conversation":
        """The conversation with one more turn."""
        return Conversation((*self.turns, Turn(len(self.turns) + 1, question, text, said_at)))

    def asked(self, question: Question) -> bool:
        """Whether a question was put already."""
        return any(turn.question.id == question.id for turn in self.turns)

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """One fact per concept, in the order in which the citizen first named them."""
        facts: dict[str, Fact] = {}
        for turn in self.turns:
            for fact in (*turn.facts, *_with_onset(turn, facts)):
                facts[fact.concept] = _joined(facts.get(fact.concept), fact)
        return tuple(facts.values())

    @cached_property
    def affirmed(self) -> tuple[Fact, ...]:
        """The facts that are so, symptoms and situations, in the order in which they were named."""
        return tuple(fact for fact in self.facts if fact.status is Status.PRESENT)

    @cached_property
    def age(self) -> Age | None:
        """The age of the sick person, when a turn tells it."""
        return next((turn.age for turn in self.turns if turn.age is not None), None)


def _with_onset(turn: Turn, before: Mapping[str, Fact]) -> Iterable[Fact]:
    """The onset answers for every symptom named so far that has none of its own."""
    if turn.onset is None:
        return []
    waiting = (fact for fact in before.values() if fact.status is Status.PRESENT and fact.since is None)
    return [replace(fact, since=turn.onset.since) for fact in waiting]


def _joined(earlier: Fact | None, later: Fact) -> Fact:
    """What is affirmed stays affirmed: later words may add onset and severity, never take a symptom away."""
    if earlier is None or earlier.status is not Status.PRESENT:
        return later
    if later.status is not Status.PRESENT:
        return earlier
    severities = (earlier.severity, later.severity)
    severity = Severity.SEVERE if Severity.SEVERE in severities else (later.severity or earlier.severity)
    return replace(earlier, since=earlier.since or later.since, severity=severity)
