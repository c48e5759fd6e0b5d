"""A language model may open a reply with one sentence; advice and question stay the rules', word by word."""

import json
from functools import cache
from importlib.resources import files

import structlog

from ayni.qhali.conversation import Question
from ayni.qhali.extraction import Fact, Status
from ayni.qhali.models.language_model import PHRASE_SECONDS, LanguageModel, NoAnswer
from ayni.qhali.models.must_not import objection
from ayni.qhali.models.ports import phrase_by_rules
from ayni.qhali.models.turn_time import TurnTime
from ayni.qhali.redflags import URGENT_LEVELS, Orientation

log = structlog.get_logger()

NAMED_MAX = 4
"""More than four complaints in one sentence are a list."""


class ModelPhraser:
    """The phraser port by a model, which gets the terms of what was understood and no word of the citizen."""

    def __init__(self, model: LanguageModel | TurnTime) -> None:
        self._model = model

    def __call__(self, orientation: Orientation, question: Question | None, facts: tuple[Fact, ...]) -> str:
        """The reply; the rules' own when it is urgent, when the model is silent or says what it must not."""
        reply = phrase_by_rules(orientation, question, facts)
        told = [fact for fact in facts if fact.status is Status.PRESENT and fact.is_recorded][:NAMED_MAX]
        if orientation.level is None or orientation.level in URGENT_LEVELS or not told:
            return reply
        opening = self._opening([fact.term for fact in told])
        if opening is None:
            return reply
        if (why := objection(opening, facts)) is not None:
            log.warning("the model's sentence is not shown", why=why)
            return reply
        return f"{opening}\n{reply}"

    def _opening(self, terms: list[str]) -> str | None:
        said = json.dumps(terms, ensure_ascii=False)
        try:
            answer = self._model.ask(
                "Opening", instructions=_instructions(), said=said, seconds=PHRASE_SECONDS
            )
        except NoAnswer:
            return None
        sentence: str = answer.sentence.strip()
        return sentence


@cache
def _instructions() -> str:
    return files("ayni.qhali.models").joinpath("data", "open.md").read_text("utf-8")
