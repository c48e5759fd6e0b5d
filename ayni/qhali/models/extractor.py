"""A language model listens beside the rules: it may add what they did not hear, with the words for it."""

import json
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from ayni.qhali.extraction import Fact, Severity, Status, concept, concepts, read_onset
from ayni.qhali.models.grounding import denies, place_of
from ayni.qhali.models.language_model import HEAR_SECONDS, LanguageModel, NoAnswer
from ayni.qhali.models.ports import Beside, Heard, hear_by_rules
from ayni.qhali.models.pseudonyms import Pseudonyms
from ayni.qhali.models.turn_time import TurnTime

SENT_CHARACTERS_MAX = 2000
"""What one answer may hold; the rest of a longer text is heard by the rules alone."""


class ModelExtractor:
    """The extractor port by a model. The rules always listen too, and what they hear stays as it is.

    `known`: the names of the identity form, hidden from the model wherever they stand.
    """

    def __init__(self, model: LanguageModel | TurnTime, *, known: Iterable[str] = ()) -> None:
        self._model, self._known = model, tuple(known)

    def __call__(self, text: str, *, turn: int, asked: str | None, today: date) -> Heard:
        """What a turn says; by the rules alone when the model has no answer in time."""
        by_rules = hear_by_rules(text, turn=turn, asked=asked, today=today)
        pseudonyms = Pseudonyms(self._known)
        question = concept(asked).term if asked in concepts() else None
        said = {"asked": question, "answer": pseudonyms.hide(text[:SENT_CHARACTERS_MAX])}
        try:
            hearing = self._model.ask(
                "Hearing",
                instructions=_instructions(),
                said=json.dumps(said, ensure_ascii=False),
                seconds=HEAR_SECONDS,
            )
        except NoAnswer as none:
            return Heard(by_rules.understood, Beside(turn=turn, source=self._model.name, silence=none.reason))
        spoken_of = {fact.concept for fact in by_rules.understood.facts}
        check = _Check(text, turn, asked, today, pseudonyms, spoken_of)
        return Heard(by_rules.understood, check.beside(hearing, self._model.name))


@dataclass(frozen=True, slots=True)
class _Check:
    """One turn, against which everything a model says of it is checked.

    Of the concepts in `spoken_of` the rules have spoken.
    """

    text: str
    turn: int
    asked: str | None
    today: date
    pseudonyms: Pseudonyms
    spoken_of: Set[str]

    def beside(self, hearing: Any, source: str) -> Beside:
        """Of what a model said: what holds and is new."""
        facts = list(self._grounded(hearing.facts))
        is_urgent = hearing.level is not None and any(map(self._place, hearing.reasons))
        return Beside(
            turn=self.turn,
            source=source,
            added=_once_each(fact for fact in facts if fact.concept not in self.spoken_of),
            suggested=hearing.level if is_urgent else None,
            discarded=len(hearing.facts) - len(facts) + (hearing.level is not None and not is_urgent),
        )

    def _grounded(self, said: Iterable[Any]) -> Iterator[Fact]:
        for each in said:
            place = self._place(each.quote)
            if place is not None and self._is_believed(each, self.text[slice(*place)]):
                yield self._fact(each, *place)

    def _place(self, quote: str) -> tuple[int, int] | None:
        return place_of(self.pseudonyms.restore(quote), self.text)

    def _is_believed(self, said: Any, quote: str) -> bool:
        """An absence needs words that deny, or a question that they answer."""
        return said.status != Status.ABSENT or said.concept == self.asked or denies(quote)

    def _fact(self, said: Any, start: int, end: int) -> Fact:
        quote, status = self.text[start:end], Status(said.status)
        onset = None if status is Status.ABSENT else read_onset(quote, self.today)
        return Fact(
            concept=said.concept,
            status=status,
            quote=quote,
            turn=self.turn,
            start=start,
            end=end,
            since=onset.since if onset else None,
            duration=onset.duration if onset else None,
            severity=Severity(said.severity) if said.severity and status is Status.PRESENT else None,
            is_likely=status is Status.UNCERTAIN,
        )


def _once_each(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """One fact for each concept: what is there before what is not."""
    chosen: dict[str, Fact] = {}
    for fact in facts:
        if fact.concept not in chosen or fact.status is Status.PRESENT:
            chosen[fact.concept] = fact
    return tuple(chosen.values())


@cache
def _instructions() -> str:
    text = files("ayni.qhali.models").joinpath("data", "hear.md").read_text("utf-8")
    return text + "\n".join(f"{each.code}: {each.term}" for each in concepts().values())
