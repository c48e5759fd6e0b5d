"""What could be asked of one person now, and what each answer is worth."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property

from ayni.qhali.conversation.complaints import Presented, in_turn, presented, screening, screening_topics
from ayni.qhali.conversation.conversation import Conversation
from ayni.qhali.conversation.questions import ASKED_AGE, NOTE, SEVERE, TOPIC, Question, catalogue, topic_rows
from ayni.qhali.conversation.worth import worths
from ayni.qhali.extraction import Status
from ayni.qhali.extraction.persons import CHILD
from ayni.qhali.redflags import Evidence
from ayni.qhali.redflags.expression import Atom, Expression, parse

OF_USE, OF_USE_LEAST = 7.0, 0.5
"""What an associated sign is worth to the record when it can change no level: at the head of the clinician's
list nearly as much as a danger sign, and further down never less than the second."""

FURTHER_DOWN = 0.75
"""What each place further down the clinician's list leaves of the worth: it is less likely."""

OFF_COMPLAINT = 0.004
"""What is left of the worth of a sign that the complaint does not make one think of: only what would make an
emergency by itself is still asked, after all others."""

LEAST = 0.3
"""Below it nothing is asked."""


@dataclass(frozen=True)
class Candidates:
    """The open questions of a conversation. `level` is what the conversation has come to."""

    conversation: Conversation
    today: date
    level: str

    @cached_property
    def evidence(self) -> Evidence:
        """What is known."""
        return self.conversation.evidence(self.today)

    @cached_property
    def complaints(self) -> list[Presented]:
        """The rows of the complaint table that this person presents."""
        return presented(self.evidence)

    @cached_property
    def topics(self) -> list[Question]:
        """What the record wants of these complaints, the most telling first."""
        told = [(each.start, each.row.topics) for each in self.complaints]
        unknown = [] if self.names_complaint else [(0, screening_topics())]
        by_place = in_turn([*told, *unknown])
        return [each for each in by_place if self._makes_sense(each)]

    @cached_property
    def worth(self) -> Mapping[Question, float]:
        """Each open question about signs with what it is worth, the worthiest first."""
        told = [(each.start, each.row.signs) for each in self.complaints]
        of_complaint = in_turn([*told, *self._screening])
        thought_of = frozenset(name for each in of_complaint for name in _conditions(each))
        by_name = worths(self.evidence, self.level, thought_of)
        worth = {
            each: max(OF_USE_LEAST, max(OF_USE, _best(each, by_name)) * FURTHER_DOWN**place)
            for each, place in of_complaint.items()
        }
        for other in filter(None, map(_question_of, by_name)):
            worth.setdefault(other, OFF_COMPLAINT * _best(other, by_name))
        if self.conversation.subject == CHILD:
            worth = (
                {ASKED_AGE: 0.0} | worth | {ASKED_AGE: _best(ASKED_AGE, by_name)}
            )  # before all of its worth
        ranked = sorted(worth, key=lambda each: -worth[each])
        return {each: worth[each] for each in ranked if worth[each] >= LEAST and self._is_open(each)}

    @property
    def _screening(self) -> list[tuple[int, tuple[Question, ...]]]:
        """For a complaint that no row knows, what is asked of whom we do not understand."""
        return [] if self.names_complaint else [(0, screening())]

    @property
    def names_complaint(self) -> bool:
        """Whether a row of the table knows something of what was said."""
        return any(each.row.of for each in self.complaints)

    def _is_open(self, each: Question) -> bool:
        """Whether nobody has said, and it can be asked of this person."""
        if not self._makes_sense(each):
            return False
        if each.kind == TOPIC:
            return not self.conversation.asked(each)
        if each == ASKED_AGE:
            return self.evidence.persona.age is None and not self.conversation.asked(each)
        return not self.conversation.answered_about(each) and self._is_unsaid(each)

    def _makes_sense(self, each: Question) -> bool:
        return not each.unless or _condition(each.unless).holds(self.evidence) is not True

    def _is_unsaid(self, each: Question) -> bool:
        code = each.concept or ""
        fact = self.evidence.fact(code)
        if each.kind == SEVERE:
            return fact is not None and fact.status is Status.PRESENT and fact.severity is None
        is_in_doubt = fact is not None and fact.status is Status.UNCERTAIN and self.conversation.asked(each)
        return (fact is None or is_in_doubt) and self.evidence.says(Atom("has", code)) is None


def _best(each: Question, by_name: Mapping[str, float]) -> float:
    return max((by_name.get(name, 0.0) for name in _conditions(each)), default=0.0)


def _conditions(each: Question) -> Iterator[str]:
    """The conditions of rules that an answer tells of, by their names in worth.py."""
    if each.kind == TOPIC:
        yield from topic_rows()[each.topics[0]].get("denies", ())
    elif each.kind == SEVERE:
        yield f"severe {each.concept}"
    elif each.concept:
        yield each.concept


@cache
def _question_of(name: str) -> Question | None:
    """The question that tells of a condition; None for what no citizen can say."""
    return _by_condition().get(name)


@cache
def _by_condition() -> dict[str, Question]:
    asked = (each for each in catalogue().values() if each.kind != NOTE)
    return {name: each for each in asked for name in _conditions(each)}


@cache
def _condition(text: str) -> Expression:
    return parse(text)
