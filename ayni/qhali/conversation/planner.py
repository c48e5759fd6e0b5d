"""What to ask next: what can still change the level, the most urgent first, then what the record needs.

A question is worth what its answer could do (see worth.py), less further down the clinician's list. Level I
stops the questions: the citizen is told what to do, and asked only where they are.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from ayni.qhali.conversation.administrative import administrative_question
from ayni.qhali.conversation.candidates import Candidates
from ayni.qhali.conversation.complaints import for_responders, screening
from ayni.qhali.conversation.conversation import Conversation
from ayni.qhali.conversation.hearing import is_well
from ayni.qhali.conversation.questions import (
    ADMINISTRATIVE,
    ASKED_AGE,
    ITEMS_MAX,
    NOTE,
    OPEN,
    OPEN_AGAIN,
    SINCE,
    SINCE_WHEN,
    TOPIC,
    Question,
    asking,
    for_the_record,
    named,
)
from ayni.qhali.conversation.turns import Turn
from ayni.qhali.extraction import Status
from ayni.qhali.extraction.bare_answer import answer_in
from ayni.qhali.redflags import LEVELS, URGENT_LEVELS

QUESTIONS_MAX = 12
"""After the opening. More is an interrogation, and people leave."""

QUESTIONS_URGENT_MAX = 5
"""Whoever has to go at once is not held back: only what could make it an emergency is still asked."""

SIGN_QUESTIONS_MAX = 5
SIGN_QUESTIONS_URGENT = 2
"""Whoever has to go at once is asked this many lists of signs before anything else."""

TOPICS_MAX = 5
"""Beside since when, and what was there before."""

TOPICS_TOGETHER = ITEMS_MAX

DANGER = 8.0
"""Half of one answer that makes level II, or of two that make level I: a sign that is worth less, because it
does less or is less likely here, is asked for the record."""

DANGER_URGENT = 2.0
"""Whoever must go now anyway is asked also for what is less likely, when it would make it an emergency."""

UNWELL = named("unwell")
SUDDEN = named("sudden-onset")
WHO, PLACE = named("who"), named("place")
BACKGROUND = tuple(named(name) for name in ("conditions", "medication", "allergies"))
"""What was there before the complaint; asked together, and early when an illness decides a red flag."""


def next_question(conversation: Conversation, today: date) -> Question | None:
    """The next question; None when the interview is over."""
    if not conversation.turns:
        return OPEN
    level = conversation.orientation(today).level
    if level == LEVELS[0]:
        return next(_whereabouts(conversation, today), None)
    if level is None:
        return next(_without_level(conversation, today), None)
    is_urgent = level in URGENT_LEVELS
    if len(conversation.turns) > (QUESTIONS_URGENT_MAX if is_urgent else QUESTIONS_MAX):
        return None
    interview = _Interview(conversation, Candidates(conversation, today, level))
    return next(interview.urgent() if is_urgent else interview.ordinary(), None)


def _whereabouts(conversation: Conversation, today: date) -> Iterator[Question]:
    """What helps to find and to help them, once: the advice stands above it and waits for nothing."""
    who = (WHO,) if conversation.subject == "unknown" else ()
    further = _untouched(conversation, for_responders(conversation.evidence(today)))
    if not conversation.asked(PLACE):
        yield asking((*who, PLACE, *further)[:ITEMS_MAX])


def _untouched(conversation: Conversation, topics: Iterable[Question]) -> list[Question]:
    """The topics that no question has touched, and of two that ask the same the first."""
    touched = {name for turn in conversation.turns for name in turn.question.topics}
    left: list[Question] = []
    for each in topics:
        if each.topics[0] not in touched:
            left.append(each)
            touched |= {*each.topics}
    return left


def topics_next(conversation: Conversation, today: date) -> tuple[Question, ...]:
    """When the next question is about topics of the record: all that are left, in their order; else ().

    The next question has the first of them, behind "since when" and the age where those are asked with them.
    """
    asked = next_question(conversation, today)
    if asked is None or any(
        part.kind != TOPIC and part not in (SINCE, SINCE_WHEN, ASKED_AGE) for part in asked.parts
    ):
        return ()
    level = conversation.orientation(today).level or LEVELS[-1]
    topics = _Interview(conversation, Candidates(conversation, today, level)).topics_left
    put = [part for part in asked.parts if part.kind == TOPIC]
    return tuple(topics) if put and put == topics[: len(put)] else ()


def _without_level(conversation: Conversation, today: date) -> Iterator[Question]:
    """Nothing is a symptom yet. Who names an illness, or what was swallowed, is asked as for a complaint."""
    candidates = Candidates(conversation, today, LEVELS[-1])
    if not candidates.names_complaint or any(map(_is_administrative, conversation.turns)):
        yield from _not_understood(conversation)
        return
    yield from _Interview(conversation, candidates).ordinary()
    if not conversation.asked(UNWELL):
        yield UNWELL


def _is_administrative(turn: Turn) -> bool:
    return turn.question.is_open and administrative_question(turn.text) is not None


def _not_understood(conversation: Conversation) -> Iterator[Question]:
    """What is no complaint gets its answer; else once more in their words, then the signs no one may miss.

    At last it is asked whether there is anything at all. Whoever says that they are well is asked no more.
    """
    last = conversation.turns[-1]
    if last.question.is_open:
        other = administrative_question(last.text)
        if other is not None and not conversation.asked(other):
            yield other
    if last.question.kind == ADMINISTRATIVE and answer_in(last.text) is Status.PRESENT:
        yield OPEN
    again = [turn for turn in conversation.turns if turn.question.is_open and turn.question != OPEN]
    if any(is_well(turn.text) for turn in again):
        return
    if not conversation.asked(OPEN_AGAIN):
        yield OPEN_AGAIN
    fresh = [each for each in screening() if not conversation.asked(each)]
    if fresh:
        yield asking(tuple(for_the_record(each) for each in fresh[:ITEMS_MAX]))
    elif not conversation.asked(UNWELL):
        yield UNWELL


def _is_of_complaint(item: Question) -> bool:
    return item.kind == TOPIC and item not in BACKGROUND


@dataclass(frozen=True)
class _Interview:
    """The order of the questions."""

    conversation: Conversation
    open: Candidates

    def ordinary(self) -> Iterator[Question]:
        """A danger sign or more, since when, more signs, the complaint, and what was there before it."""
        yield from self._reminder()
        if self._signs_asked == 0:
            yield from self._signs()
        yield from self._context()
        if self._signs_asked < SIGN_QUESTIONS_MAX:
            yield from self._signs()
        yield from self._topics()
        yield from self._together(BACKGROUND)
        yield from self._dangers()

    def urgent(self) -> Iterator[Question]:
        """What could make it an emergency, since when, what was there before, and the complaint."""
        yield from self._reminder()
        if self._signs_asked < SIGN_QUESTIONS_URGENT:
            yield from self._dangers(DANGER_URGENT)
        yield from self._context()
        yield from self._together(BACKGROUND)
        yield from self._dangers(DANGER_URGENT)
        yield from self._topics()

    def _reminder(self) -> Iterator[Question]:
        """A danger sign that was asked in a list and that the answer passed over, once more and alone."""
        asked = (item for turn in self.conversation.turns for item in turn.question.items)
        yield from (each for each in asked if each.kind != NOTE and self.open.worth.get(each, 0.0) >= DANGER)

    def _dangers(self, least: float = DANGER) -> Iterator[Question]:
        """More signs while one of them is a danger: an answer about something else may have opened a rule."""
        if max(self.open.worth.values(), default=0.0) >= least:
            yield from self._signs()

    @property
    def _signs_asked(self) -> int:
        """How many questions were about signs."""
        return sum(turn.question.is_of_signs for turn in self.conversation.turns)

    def _context(self) -> Iterator[Question]:
        """Since when and how old, unless told, with the most telling topics; once, after the first signs."""
        asked = self._parts_asked
        if {SINCE, SINCE_WHEN} & asked or any(_is_of_complaint(item) for item in asked):
            return
        age = () if self.open.evidence.persona.age is not None or ASKED_AGE in asked else (ASKED_AGE,)
        about = (*self._since, *age, *self.topics_left)[:TOPICS_TOGETHER]
        if about:
            yield asking(about)

    @property
    def _parts_asked(self) -> set[Question]:
        return {item for turn in self.conversation.turns for item in turn.question.parts}

    @property
    def _since(self) -> tuple[Question, ...]:
        """Since when, and how it began unless that was asked; () when it was told."""
        is_told = any(fact.since is not None for fact in self.conversation.affirmed[:1])
        if is_told or {SINCE, SINCE_WHEN} & self._parts_asked:
            return ()
        return (SINCE_WHEN if SUDDEN in self._parts_asked else SINCE,)

    def _signs(self) -> Iterator[Question]:
        """The worthiest signs, up to three together; anything else that is worth more comes alone."""
        fresh = [each for each in self.open.worth if not self.conversation.asked(each)]
        if not fresh:
            return
        if fresh[0] in BACKGROUND:
            yield from self._together(BACKGROUND)
        elif not fresh[0].is_of_signs:
            yield fresh[0]
        else:
            signs = [self._with_reason(each) for each in fresh if each.is_of_signs]
            yield asking(tuple(signs[:ITEMS_MAX]))

    def _with_reason(self, each: Question) -> Question:
        return each if self.open.worth[each] >= DANGER else for_the_record(each)

    @property
    def topics_left(self) -> list[Question]:
        """The topics of the complaint that are still asked, the most telling first."""
        left = TOPICS_MAX - sum(map(self.conversation.asked, self.open.topics))
        fresh = self._fresh((*self._since, *(each for each in self.open.topics if each not in BACKGROUND)))
        return [each for each in fresh if each.kind == TOPIC][: max(left, 0)]

    def _topics(self) -> Iterator[Question]:
        yield from self._together(self.topics_left)

    def _together(self, topics: Iterable[Question]) -> Iterator[Question]:
        """As many as fit of the topics that are left."""
        if fresh := self._fresh(topics):
            yield asking(tuple(fresh[:TOPICS_TOGETHER]))

    def _fresh(self, topics: Iterable[Question]) -> list[Question]:
        return _untouched(self.conversation, topics)
