"""The four places where a language model may stand beside the rules, and what the rules do in each.

The red-flag engine and the record builder are no ports: no model ever stands there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from ayni.qhali.conversation import Conversation, Question, next_question
from ayni.qhali.extraction import Fact, Understanding, understand
from ayni.qhali.redflags import Orientation

SPANISH = "es"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What a language model heard in turn number `turn`, beside the rules.

    `source` is the model's name. `added` are facts about concepts of which the rules say nothing, each with
    its quote; `suggested` is the level (I to IV) it would give, for which it had to quote a reason.
    `discarded` counts what it said without words for it; `silence` is why it has no part in this, empty
    otherwise.
    """

    turn: int
    source: str
    added: tuple[Fact, ...] = ()
    suggested: str | None = None
    discarded: int = 0
    silence: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """What one turn says. `understood` is what the rules hear, always, untouched by any model.

    `beside` is what a model made of it, None when none was asked.
    """

    understood: Understanding
    beside: Beside | None = None


class Extractor(Protocol):
    """Words → facts. Never raises for what somebody wrote or a model answered."""

    def __call__(self, text: str, *, turn: int, asked: str | None, today: date) -> Heard:
        """What turn number `turn` says; `asked` is the concept of the question it answers."""


class Planner(Protocol):
    """Conversation → next question."""

    def __call__(self, conversation: Conversation, today: date) -> Question | None:
        """The next question, None when nothing that could be asked would change the level."""


class Phraser(Protocol):
    """What was decided → what the citizen reads. It decides nothing."""

    def __call__(self, orientation: Orientation, question: Question | None, facts: tuple[Fact, ...]) -> str:
        """The reply: it holds the orientation's advice and the question's text, word by word."""


class Translator(Protocol):
    """Texts for the citizen in another language."""

    def __call__(self, text: str, language: str) -> str | None:
        """The text in a language (BCP 47), None when nobody who may has translated it."""


def hear_by_rules(text: str, *, turn: int, asked: str | None, today: date) -> Heard:
    """The offline extractor."""
    return Heard(understand(text, turn=turn, asked=asked, today=today))


def phrase_by_rules(orientation: Orientation, question: Question | None, facts: tuple[Fact, ...]) -> str:
    """The offline phraser: the advice, then the question, one below the other."""
    return "\n".join(text for text in (orientation.advice, question.text if question else "") if text)


def translate_by_rules(text: str, language: str) -> str | None:
    """The offline translator: Spanish stays Spanish. Nobody has signed a text in another language yet."""
    return text if language.partition("-")[0].lower() == SPANISH else None


def _nothing() -> None:
    """The rules have no time to keep."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Who does what in one conversation; by default the rules do all of it.

    `begin_turn` gives the models the time of another turn, for ports that serve more than one.
    """

    extractor: Extractor = hear_by_rules
    planner: Planner = next_question
    phraser: Phraser = phrase_by_rules
    translator: Translator = translate_by_rules
    begin_turn: Callable[[], None] = _nothing


OFFLINE = Ports()
