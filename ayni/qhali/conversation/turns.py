"""One answer to one question, and what it says by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from ayni.qhali.conversation.answers import Part, is_undirected_yes, parts_of
from ayni.qhali.conversation.grades import grade
from ayni.qhali.conversation.hearing import Hearing
from ayni.qhali.conversation.memory import forget, kept
from ayni.qhali.conversation.questions import AGE, SINCE, SINCE_WHEN, Question
from ayni.qhali.extraction import (
    BEGINS,
    Age,
    Fact,
    Onset,
    Severity,
    Status,
    Story,
    Understanding,
    read_age,
    read_onset,
    understand,
)
from ayni.qhali.extraction.bare_answer import answer_in

SEVERITY = "topic:severity"


@dataclass(frozen=True, slots=True)
class Turn:
    """One answer to one question; `number` counts from 1, `story` is what it goes on from."""

    number: int
    question: Question
    text: str
    said_at: datetime
    story: Story = BEGINS

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The facts of this answer alone; a warning sign that was asked always has one."""
        return _understood(self).said.facts

    @property
    def onset(self) -> Onset | None:
        """The answer to "since when", None for another question or no answer to it."""
        return _understood(self).onset

    @property
    def age(self) -> Age | None:
        """The age of the sick person, when the answer tells it."""
        return _understood(self).said.age

    @property
    def severity(self) -> Severity | None:
        """The answer to "how strong is it", None for another question or no answer to it."""
        return _understood(self).severity

    @property
    def said(self) -> Understanding:
        """Everything else it says: who is sick, what was measured, how far a pregnancy is."""
        return _understood(self).said

    @property
    def is_undirected(self) -> bool:
        """A "yes" to a list, which leaves open to what."""
        return bool(self.question.items) and is_undirected_yes(self.text)

    @property
    def answered(self) -> Sequence[Question]:
        """What the answer speaks of: of a list the items that it tells apart, names or does not know."""
        is_unknown = answer_in(self.text) is not None
        heard = {fact.concept for fact in self.facts if is_unknown or fact.status is not Status.UNCERTAIN}
        named = (item for item in self.question.items if not item.is_of_signs or item.concept in heard)
        return [part.item for part in self.parts] or list(named)

    @property
    def parts(self) -> list[Part]:
        """The answer item by item; [] for a list whose answer cannot be told apart."""
        return parts_of(self.question, self.text)


@dataclass(frozen=True, slots=True)
class _Understood:
    said: Understanding
    onset: Onset | None
    severity: Severity | None


@kept
def _understood(turn: Turn) -> _Understood:
    """What a turn says, worked out once and not at each look."""
    day = turn.said_at.date()
    hearing = Hearing(turn.number, turn.text, day, turn.story)
    said = _list_heard(turn, hearing) if turn.question.items else hearing.hear(turn.parts[0])
    for part in turn.parts:
        if part.item.kind == AGE:
            said = replace(said, age=read_age(part.text, asked=True))
    return _Understood(
        said=said,
        onset=_onset(turn, day),
        severity=next((grade(part.text, ()) for part in turn.parts if part.item.id == SEVERITY), None),
    )


def _onset(turn: Turn, day: date) -> Onset | None:
    """The answer to "since when", asked alone or in a list; a list not told apart is read whole."""
    asked = {SINCE, SINCE_WHEN}.intersection(turn.question.parts)
    if not asked:
        return None
    told = [part.text for part in turn.parts if part.item in asked] if turn.parts else [turn.text]
    return read_onset(told[0], day) if told else None


def _list_heard(turn: Turn, hearing: Hearing) -> Understanding:
    """A list item by item; in free words what they name, or what they say to all when they name none."""
    if turn.parts:
        return _together([hearing.hear(part) for part in turn.parts])
    free = understand(turn.text, turn=turn.number, today=hearing.today)
    asked = {item.concept for item in turn.question.items}
    if turn.is_undirected or (turn.question.is_of_signs and asked & {fact.concept for fact in free.facts}):
        return free
    return _together([hearing.hear(Part(item, turn.text, 0, is_shared=True)) for item in turn.question.items])


def _together(heard: Sequence[Understanding]) -> Understanding:
    """What the parts of one answer add up to. Whoever they name beside is not who is sick."""
    return Understanding(
        facts=tuple(fact for each in heard for fact in each.facts),
        measured=tuple(value for each in heard for value in each.measured),
        obstetric=next((each.obstetric for each in heard if any(_told(each))), heard[0].obstetric),
        folk_terms=tuple(term for each in heard for term in each.folk_terms),
    )


def _told(each: Understanding) -> tuple[bool, bool]:
    return each.obstetric.gestation_weeks is not None, each.obstetric.postpartum_days is not None


def forget_turns() -> None:
    """Leaves no words of anybody in memory; they are read again when they are needed."""
    forget()
