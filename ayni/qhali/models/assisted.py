"""A conversation in which a model may have listened too. It can only make the orientation more urgent."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from ayni.qhali.conversation import Conversation, Question
from ayni.qhali.extraction import Fact, Status
from ayni.qhali.models.ports import Extractor, Heard, hear_by_rules
from ayni.qhali.redflags import LEVELS, Orientation, orient

_SIGNS = ("sign", "severity")


@dataclass(frozen=True)
class AssistedConversation(Conversation):
    """The turns, and what was heard in each beside the rules. `listen` hears the next one."""

    heard: tuple[Heard, ...] = ()
    listen: Extractor = hear_by_rules

    def answered(self, question: Question, text: str, *, said_at: datetime) -> "AssistedConversation":
        """The conversation with one more turn. In an emergency nobody waits for a model."""
        after = self.by_rules.answered(question, text, said_at=said_at)
        is_emergency = after.orientation(said_at.date()).level == LEVELS[0]
        listen = hear_by_rules if is_emergency else self.listen
        asked = question.concept if question.kind in _SIGNS else None
        heard = listen(text, turn=len(after.turns), asked=asked, today=said_at.date())
        return AssistedConversation(after.turns, self.registered, (*self.heard, heard), self.listen)

    @cached_property
    def by_rules(self) -> Conversation:
        """The same conversation as if there were no model."""
        return Conversation(self.turns, self.registered)

    @cached_property
    def added(self) -> tuple[Fact, ...]:
        """What only a model heard: of concepts on which the rules hear nothing in any turn."""
        spoken_of = {fact.concept for fact in self.by_rules.facts}
        added: dict[str, Fact] = {}
        for fact in (each for heard in self.heard for each in heard.added):
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
        """The more urgent of the rules' own orientation and the one with a model's facts and suggestion."""
        own = self.by_rules.orientation(today)
        suggested = [heard.suggested for heard in self.heard if heard.suggested in LEVELS]
        most = min(suggested, key=LEVELS.index, default=None)
        raised = orient(self.evidence(today), suggested=most)
        if raised.level is None or (own.level and LEVELS.index(own.level) <= LEVELS.index(raised.level)):
            return own
        return Orientation(raised.level, raised.fired, raised.disposition, from_model=True)
