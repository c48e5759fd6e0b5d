"""A question that is no complaint (hours, insurance, papers) gets an answer and no clinical record."""

from functools import cache

from ayni.qhali.conversation.conversation import Conversation
from ayni.qhali.conversation.questions import WHERE_TO_ASK, Question, administrative_rows, catalogue
from ayni.qhali.extraction.words import words_of


def administrative_question(text: str) -> Question | None:
    """What QHALI says to an administrative question; None for what is none, as far as its words tell."""
    said = _stems(text)
    for name, phrases in _phrases().items():
        if any(phrase in said for phrase in phrases):
            return catalogue()[f"administrative:{name}"]
    return None


def told_beside(conversation: Conversation) -> str:
    """What QHALI says to an administrative question that stands beside a complaint; "" without either.

    Only rows marked `beside` answer: other words, a day or an hour, belong to complaints as well.
    """
    if not (conversation.turns and conversation.affirmed):
        return ""
    asked = administrative_question(conversation.turns[-1].text)
    row = administrative_rows()[asked.id.partition(":")[2]] if asked else {}
    return f"{row['answer']} {WHERE_TO_ASK}" if row.get("beside") else ""


@cache
def _phrases() -> dict[str, list[str]]:
    return {name: [_stems(phrase) for phrase in row["words"]] for name, row in administrative_rows().items()}


def _stems(text: str) -> str:
    """The stems of a text between blanks, so that one text is searched for another."""
    return f" {' '.join(word.stem for word in words_of(text))} "
