"""What to ask next: what can still change the level, the most urgent first, then what the record needs.

A question is worth what its answer could do (see worth.py), and a tenth of it when the complaint does not
make one think of it. Level I stops the questions: the citizen is told what to do.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

from ayni.qhali.conversation.candidates import Candidates
from ayni.qhali.conversation.complaints import screening
from ayni.qhali.conversation.conversation import Conversation
from ayni.qhali.conversation.hearing import is_well
from ayni.qhali.conversation.questions import (
    ITEMS_MAX,
    OF_SIGNS,
    OPEN,
    OPEN_AGAIN,
    SINCE,
    Question,
    asking,
    for_the_record,
    named,
)
from ayni.qhali.redflags import LEVELS, URGENT_LEVELS

QUESTIONS_MAX = 12
"""After the opening. More is an interrogation, and people leave."""

QUESTIONS_URGENT_MAX = 5
"""Whoever has to go at once is not held back: only what could make it an emergency is still asked."""

SIGN_QUESTIONS_MAX = 4
TOPICS_MAX = 4
TOPICS_TOGETHER = 2
"""Signs are ticked; a topic wants words, so fewer come together."""

DANGER = 5.0
"""Half of one answer that makes level II, or of two that make level I: a sign that is worth less, because it
does less or is less likely here, is asked for the record."""

UNWELL = named("unwell")
BACKGROUND = tuple(named(name) for name in ("conditions", "medication", "allergies"))
"""What was there before the complaint; asked together, and early when an illness decides a red flag."""


def next_question(conversation: Conversation, today: date) -> Question | None:
    """The next question; None when the interview is over."""
    if not conversation.turns:
        return OPEN
    level = conversation.orientation(today).level
    if level == LEVELS[0]:
        return None
    if level is None:
        return next(_not_understood(conversation), None)
    is_urgent = level in URGENT_LEVELS
    if len(conversation.turns) > (QUESTIONS_URGENT_MAX if is_urgent else QUESTIONS_MAX):
        return None
    interview = _Interview(conversation, Candidates(conversation, today, level))
    return next(interview.urgent() if is_urgent else interview.ordinary(), None)


def _not_understood(conversation: Conversation) -> Iterator[Question]:
    """Once more in their words; then the signs that no one may miss, and whether there is anything at all.

    Whoever says that they are well is asked no more.
    """
    again = [turn for turn in conversation.turns if turn.question == OPEN_AGAIN]
    if not again:
        yield OPEN_AGAIN
    elif not any(is_well(turn.text) for turn in again):
        fresh = [each for each in screening() if not conversation.asked(each)]
        if fresh:
            yield asking(tuple(for_the_record(each) for each in fresh[:ITEMS_MAX]))
        elif not conversation.asked(UNWELL):
            yield UNWELL


@dataclass(frozen=True)
class _Interview:
    """The order of the questions."""

    conversation: Conversation
    open: Candidates

    def ordinary(self) -> Iterator[Question]:
        """A danger sign or more, since when, more signs, the complaint, and what was there before it."""
        if self._signs_asked == 0:
            yield from self._signs()
        yield from self._since()
        if self._signs_asked < SIGN_QUESTIONS_MAX:
            yield from self._signs()
        yield from self._topics()
        yield from self._together(BACKGROUND, ITEMS_MAX)
        yield from self._dangers()

    def urgent(self) -> Iterator[Question]:
        """What could make it an emergency, since when, and the most telling of the complaint."""
        yield from self._dangers()
        yield from self._since()
        yield from self._topics()

    def _dangers(self) -> Iterator[Question]:
        """More signs while one of them is a danger: an answer about something else may have opened a rule."""
        if max(self.open.worth.values(), default=0.0) >= DANGER:
            yield from self._signs()

    @property
    def _signs_asked(self) -> int:
        """How many questions were about signs."""
        return sum(_is_of_signs(turn.question) for turn in self.conversation.turns)

    def _since(self) -> Iterator[Question]:
        is_told = any(fact.since is not None for fact in self.conversation.affirmed[:1])
        if not is_told and not self.conversation.asked(SINCE):
            yield SINCE

    def _signs(self) -> Iterator[Question]:
        """The worthiest signs, up to three together; anything else that is worth more comes alone."""
        first = next(iter(self.open.worth), None)
        if first in BACKGROUND:
            yield from self._together(BACKGROUND, ITEMS_MAX)
        elif first is not None and (not _is_of_signs(first) or self.conversation.asked(first)):
            yield first
        elif first is not None:
            signs = (each for each in self.open.worth if _is_of_signs(each))
            fresh = (each for each in signs if not self.conversation.asked(each))
            yield asking(tuple(self._with_reason(each) for each in islice(fresh, ITEMS_MAX)))

    def _with_reason(self, each: Question) -> Question:
        return each if self.open.worth[each] >= DANGER else for_the_record(each)

    def _topics(self) -> Iterator[Question]:
        left = TOPICS_MAX - sum(map(self.conversation.asked, self.open.topics))
        about = (each for each in self.open.topics if each not in BACKGROUND)
        yield from self._together(about, min(TOPICS_TOGETHER, left))

    def _together(self, topics: Iterable[Question], most: int) -> Iterator[Question]:
        """The topics that no question has touched, as many as fit."""
        touched = {name for turn in self.conversation.turns for name in turn.question.topics}
        fresh = [each for each in topics if touched.isdisjoint(each.topics)]
        if fresh and most > 0:
            yield asking(tuple(fresh[:most]))


def _is_of_signs(question: Question) -> bool:
    return all(each.kind in OF_SIGNS for each in question.parts)
