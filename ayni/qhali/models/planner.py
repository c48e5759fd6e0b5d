"""A language model may say which topic of the record is asked first, among those the rules ask anyway.

Nothing else moves: the danger signs, and every topic whose answer a red flag looks at; no interview gets more
questions than the rules allow.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files

from ayni.qhali.conversation import Conversation, Question, next_question
from ayni.qhali.conversation.planner import topics_next
from ayni.qhali.conversation.questions import asking, topic_rows
from ayni.qhali.models.language_model import PLAN_SECONDS, LanguageModel, NoAnswer
from ayni.qhali.models.turn_time import TurnTime
from ayni.qhali.redflags import URGENT_LEVELS


class ModelPlanner:
    """The planner port by a model, which gets the terms of what was understood and no word of the citizen."""

    def __init__(self, model: LanguageModel | TurnTime) -> None:
        self._model = model

    def __call__(self, conversation: Conversation, today: date) -> Question | None:
        """The rules' next question, or one with another topic in front."""
        by_rules = next_question(conversation, today)
        offered = orders(conversation, today)
        if len(offered) < 2:
            return by_rules
        said = {
            "understood": [fact.term for fact in conversation.affirmed],
            "topics": {name: topic_rows()[name]["ask"] for name in offered},
        }
        try:
            answer = self._model.ask(
                "FirstTopic",
                instructions=_instructions(),
                said=json.dumps(said, ensure_ascii=False),
                seconds=PLAN_SECONDS,
            )
        except NoAnswer:
            return by_rules
        return offered.get(answer.topic, by_rules)


def orders(conversation: Conversation, today: date) -> Mapping[str, Question]:
    """By the name of each topic that may come first, the question that is asked then.

    Empty where the next question is no such one, or urgent.
    """
    by_rules = next_question(conversation, today)
    topics = topics_next(conversation, today)
    if by_rules is None or conversation.orientation(today).level in URGENT_LEVELS:
        return {}
    before = [part for part in by_rules.parts if part not in topics]
    count = len(by_rules.parts) - len(before)
    movable = [each for each in topics if not _decides(each)]
    return {
        each.topics[0]: asking((*before, *_with_first(each, movable, topics)[:count])) for each in movable
    }


def as_planned(conversation: Conversation, today: date, planned: str) -> Question | None:
    """The next question; `planned` is the id of the one a planner chose, "" for none.

    Only what may come next by the rules is believed, whoever chose it.
    """
    by_rules = next_question(conversation, today)
    if not planned or by_rules is None or by_rules.id == planned:
        return by_rules
    allowed = {each.id: each for each in orders(conversation, today).values()}
    return allowed.get(planned, by_rules)


def _with_first(first: Question, movable: Sequence[Question], topics: Sequence[Question]) -> list[Question]:
    """The topics with this one before the others that move; those that do not move keep their places."""
    ordered = iter([first, *(each for each in movable if each != first)])
    return [next(ordered) if each in movable else each for each in topics]


def _decides(topic: Question) -> bool:
    """Whether a red flag looks at its answer."""
    return any(topic_rows()[name].get("denies") for name in topic.topics)


@cache
def _instructions() -> str:
    return files("ayni.qhali.models").joinpath("data", "plan.md").read_text("utf-8")
