"""A conversation in which a model may have listened too. It can only make the orientation more urgent."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from ayni.qhali.conversation import Conversation, Question, Turn
from ayni.qhali.conversation.questions import OF_SIGNS, YES_NO
from ayni.qhali.extraction import Fact, Status
from ayni.qhali.models.ports import Beside, Extractor, hear_by_rules
from ayni.qhali.redflags import LEVELS, Orientation, orient

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class AssistedConversation(Conversation):
    """The turns, and what was heard in some of them beside the rules. `listen` hears the next one."""

    beside: tuple[Beside, ...] = ()
    listen: Extractor = hear_by_rules

    def answered(self, question: Question, text: str, *, said_at: datetime) -> "AssistedConversation":
        """The conversation with one more turn. In an emergency nobody waits for a model."""
        after = self.by_rules.answered(question, text, said_at=said_at)
        is_emergency = after.orientation(said_at.date()).level == LEVELS[0]
        heard = None if is_emergency else self._beside(after.turns[-1])
        beside = self.beside if heard is None else (*self.beside, heard)
        return AssistedConversation(after.turns, self.registered, beside, self.listen)

    def _beside(self, turn: Turn) -> Beside | None:
        if self.listen is hear_by_rules or _is_only_a_choice(turn):
            return None  # the turn itself is heard by them
        asked = turn.question.concept if turn.question.kind in OF_SIGNS else None
        return self.listen(turn.text, turn=turn.number, asked=asked, today=turn.said_at.date()).beside

    @cached_property
    def by_rules(self) -> Conversation:
        """The same conversation as if there were no model."""
        return Conversation(self.turns, self.registered)

    @cached_property
    def added(self) -> tuple[Fact, ...]:
        """What only a model heard: of concepts on which the rules hear nothing in any turn."""
        spoken_of = {fact.concept for fact in self.by_rules.facts}
        added: dict[str, Fact] = {}
        for fact in (each for heard in self.beside for each in heard.added):
            is_new = fact.concept not in added or fact.status is Status.PRESENT
            if fact.concept not in spoken_of and is_new:
                added[fact.concept] = fact
        return tuple(added.values())

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """The rules' facts, then what only a model heard."""
        return (*self.by_rules.facts, *self.added)

    @cached_property
    def last_said(self) -> tuple[Fact, ...]:
        """The rules' latest statuses, then what only a model heard."""
        return (*self.by_rules.last_said, *self.added)

    def orientation(self, today: date) -> Orientation:
        """The most urgent of the rules' own and of each beginning with what a model heard: never lowered."""
        most = self.by_rules.orientation(today)
        for end in range(self._first_heard, len(self.turns) + 1):
            raised = self._until(end)._with_model(today)
            if raised.level is not None and _is_more_urgent(raised.level, most.level):
                most = Orientation(raised.level, raised.fired, raised.disposition, from_model=True)
        return most

    @property
    def _first_heard(self) -> int:
        """The first turn in which a model had a part; one after the last where it had none."""
        turns = (each.turn for each in self.beside if each.added or each.suggested)
        return min(turns, default=len(self.turns) + 1)

    def _until(self, end: int) -> "AssistedConversation":
        beside = tuple(each for each in self.beside if each.turn <= end)
        return AssistedConversation(self.turns[:end], self.registered, beside)

    def _with_model(self, today: date) -> Orientation:
        suggested = [each.suggested for each in self.beside if each.suggested in LEVELS]
        return orient(self.evidence(today), suggested=min(suggested, key=LEVELS.index, default=None))


def _is_only_a_choice(turn: Turn) -> bool:
    """Whether an answer is a number, or words of the buttons: there is nothing to add, so nothing is sent."""
    asked = (turn.question, *turn.question.parts)
    offered = [choice.text for choices in (YES_NO, *(each.choices for each in asked)) for choice in choices]
    tapped = {"si", *_WORD.findall(" ".join(offered).casefold())}
    return all(word.isdecimal() or word in tapped for word in _WORD.findall(turn.text.casefold()))


def _is_more_urgent(level: str, than: str | None) -> bool:
    return than is None or LEVELS.index(level) < LEVELS.index(than)
