"""A conversation: what was asked, what was answered, and the facts it adds up to.

Facts are never stored, they follow from the turns: the same words give the same facts, whenever they are
read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from ayni.qhali.conversation.memory import kept
from ayni.qhali.conversation.questions import Question
from ayni.qhali.conversation.turns import Turn
from ayni.qhali.extraction import Age, Fact, Measurement, Severity, Status, Story
from ayni.qhali.extraction.persons import CHILD
from ayni.qhali.redflags import LEVELS, Evidence, Orientation, Persona, orient

TURN_CHARACTERS_MAX = 2000
"""A long voice message written out; more is no longer one answer."""

TURNS_MAX = 20
"""The planner asks twelve at most; more means that no program helps here."""

NOBODY = Persona()


@dataclass(frozen=True)
class Conversation:
    """The turns so far. `registered` is what is known of the sick person from elsewhere."""

    turns: tuple[Turn, ...] = ()
    registered: Persona = NOBODY

    def answered(self, question: Question, text: str, *, said_at: datetime) -> "Conversation":
        """The conversation with one more turn."""
        told = tuple(fact.concept for fact in self.facts if fact.status is Status.PRESENT)
        messages = tuple(turn.text for turn in self.turns if turn.question.is_open)
        turn = Turn(len(self.turns) + 1, question, text, said_at, Story(messages, told))
        return Conversation((*self.turns, turn), self.registered)

    def asked(self, question: Question) -> bool:
        """Whether a question was put already, alone or in a list."""
        return question.about in self._asked

    def answered_about(self, question: Question) -> bool:
        """Whether it was put and the answer speaks of it."""
        return question.about in self._answered

    def times_asked(self, question: Question) -> int:
        """How often a question was put."""
        return sum(turn.question == question for turn in self.turns)

    @cached_property
    def _asked(self) -> frozenset[str]:
        return frozenset(item.about for turn in self.turns for item in turn.question.parts)

    @cached_property
    def _answered(self) -> frozenset[str]:
        return frozenset(item.about for turn in self.turns for item in turn.answered)

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """One fact per concept, in the order in which the citizen first named them."""
        facts: dict[str, Fact] = {}
        for turn in self.turns:
            for fact in (*turn.facts, *_with_onset(turn, facts), *_with_severity(turn, facts)):
                facts[fact.concept] = _joined(facts.get(fact.concept), fact)
        return tuple(facts.values())

    @cached_property
    def last_said(self) -> tuple[Fact, ...]:
        """Every concept with the statuses of the last turn that speaks of it, corrections included."""
        spoken: dict[str, tuple[Fact, ...]] = {}
        for turn in self.turns:
            for concept in {fact.concept for fact in turn.facts}:
                spoken[concept] = tuple(fact for fact in turn.facts if fact.concept == concept)
        merged = {fact.concept: fact for fact in self.facts}
        return tuple(
            merged[fact.concept] if fact.status is merged[fact.concept].status else fact
            for facts in spoken.values()
            for fact in facts
        )

    @cached_property
    def affirmed(self) -> tuple[Fact, ...]:
        """The facts that are so and belong in the record, in the order in which they were named."""
        return tuple(fact for fact in self.facts if fact.status is Status.PRESENT and fact.is_recorded)

    @cached_property
    def age(self) -> Age | None:
        """The age of the sick person, when a turn tells it."""
        return next((turn.age for turn in self.turns if turn.age is not None), None)

    @property
    def _age_below(self) -> Age | None:
        """What the words for a sick child bound: a "bebé" is under two."""
        told = (turn.said.age_below for turn in self.turns if turn.said.subject == CHILD)
        return next(filter(None, told), None) if self.subject == CHILD else None

    @cached_property
    def subject(self) -> str:
        """Who is sick, by the last turn that names somebody, else by the first that says "I"."""
        subjects = [turn.said.subject for turn in self.turns]
        named = [subject for subject in subjects if subject not in ("self", "unknown")]
        return named[-1] if named else next((each for each in subjects if each != "unknown"), "unknown")

    @cached_property
    def persona(self) -> Persona:
        """Who is sick as far as registered; what is not registered, as told."""
        said = [turn.said.obstetric for turn in self.turns]
        weeks = next((each.gestation_weeks for each in said if each.gestation_weeks is not None), None)
        days = next((each.postpartum_days for each in said if each.postpartum_days is not None), None)
        known = self.registered
        return replace(
            known,
            age=known.age or self.age,
            age_below=self._age_below,
            gestation_weeks=weeks if known.gestation_weeks is None else known.gestation_weeks,
            postpartum_days=days if known.postpartum_days is None else known.postpartum_days,
        )

    @property
    def measured(self) -> tuple[Measurement, ...]:
        """Every measured value, in the order told."""
        return tuple(value for turn in self.turns for value in turn.said.measured)

    def evidence(self, today: date) -> Evidence:
        """What the conversation lets the rules know."""
        return Evidence(self.facts, self.persona, today, self.measured)

    def orientation(self, today: date) -> Orientation:
        """The most urgent orientation of all beginnings of the conversation: words never lower it."""
        return _orientation_of(self.turns, self.registered, today)


@kept
def _orientation_of(turns: tuple[Turn, ...], registered: Persona, today: date) -> Orientation:
    own = orient(Conversation(turns, registered).evidence(today))
    return _more_urgent(_orientation_of(turns[:-1], registered, today), own) if len(turns) > 1 else own


def _more_urgent(earlier: Orientation, later: Orientation) -> Orientation:
    """The more urgent; of equal ones the later, which knows more."""
    if earlier.level is None or later.level is None:
        return later if earlier.level is None else earlier
    return later if LEVELS.index(later.level) <= LEVELS.index(earlier.level) else earlier


def _with_onset(turn: Turn, before: Mapping[str, Fact]) -> Iterable[Fact]:
    """The onset answers for every symptom named so far that has none of its own."""
    if turn.onset is None:
        return []
    waiting = (fact for fact in before.values() if fact.status is Status.PRESENT and fact.since is None)
    return [replace(fact, since=turn.onset.since, duration=turn.onset.duration) for fact in waiting]


def _with_severity(turn: Turn, before: Mapping[str, Fact]) -> Iterable[Fact]:
    """How strong it is answers for the complaint, unless that was told."""
    if turn.severity is None:
        return []
    complaint = next((fact for fact in before.values() if fact.status is Status.PRESENT), None)
    if complaint is None or complaint.severity is not None:
        return []
    return [replace(complaint, severity=turn.severity)]


def _joined(earlier: Fact | None, later: Fact) -> Fact:
    """What is affirmed stays affirmed: later words may add onset and severity, never take a symptom away."""
    if earlier is None or earlier.status is not Status.PRESENT:
        return later
    if later.status is not Status.PRESENT:
        return earlier
    severities = (earlier.severity, later.severity)
    severity = Severity.SEVERE if Severity.SEVERE in severities else (later.severity or earlier.severity)
    onset = earlier if earlier.since is not None else later
    return replace(earlier, since=onset.since, duration=onset.duration, severity=severity)
