"""In which district a person says to be, when the conversation has asked where they are."""

import re
from functools import cache

from ayni.qhali.conversation import Conversation, Turn
from ayni.qhali.conversation.questions import named
from ayni.vocabulary.peru import District, districts
from ayni.vocabulary.spelling import folded

PLACE = named("place")


def told_district(conversation: Conversation) -> District | None:
    """The district in the answer to the question for the place; None when it was not asked or names none.

    Only that answer is read: in other words Jesús is an exclamation and Magdalena somebody's name.
    """
    answers = (_answer(turn) for turn in conversation.turns if PLACE in turn.question.parts)
    return next(filter(None, map(district_in, answers)), None)


def _answer(turn: Turn) -> str:
    """What a turn says to the question for the place; of a list not told apart, all of it."""
    return next((part.text for part in turn.parts if part.item == PLACE), turn.text)


def district_in(text: str) -> District | None:
    """The district that words name.

    A place is told from the small to the large, "caserío San Juan, Llapa, San Miguel": the last name counts,
    and one that is a province's too only when it stands alone.
    """
    said = [_by_name()[name] for name in _names().findall(folded(text))]
    small = [each for each in said if each.name != each.province]
    return next(reversed(small or said), None)


@cache
def _by_name() -> dict[str, District]:
    """Of the two called Santa Cruz the second, which is a province's capital."""
    return {folded(each.name): each for each in districts()}


@cache
def _names() -> re.Pattern[str]:
    longest_first = sorted(_by_name(), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b")
