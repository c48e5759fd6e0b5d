"""What a sentence of a model may not hold, whatever it was asked for: the citizen reads it next to an advice.

No diagnosis, dose, promise, link, number, question, level, or symptom that was not told.
"""

import re
from collections.abc import Iterable
from datetime import date

from ayni.qhali.extraction import Fact, understand
from ayni.qhali.extraction.words import words_of
from ayni.qhali.models.wordlists import phrases_under

WORDS_MAX = 20
KINDS = ("diagnosis", "medicine", "promise", "level", "person")

ANY_DAY = date(2000, 1, 1)
"""When something began is not compared."""

_LETTERS = re.compile(r"[A-Za-zÁÉÍÓÚÜÑáéíóúüñ ,;¡!.]+")
_ONE_SENTENCE = re.compile(r"[^.!]+[.!]?")


def objection(sentence: str, facts: Iterable[Fact]) -> str | None:
    """Why a sentence is not shown, in one word; None when it may be. `facts` is what was understood."""
    if not _LETTERS.fullmatch(sentence):
        return "letters"
    if not _ONE_SENTENCE.fullmatch(sentence) or len(sentence.split()) > WORDS_MAX:
        return "length"
    return speaks_of(sentence, *KINDS) or ("untold" if _invents(sentence, facts) else None)


def speaks_of(text: str, *kinds: str) -> str | None:
    """The first of these kinds (headings of the word list) that a text has a word of, None for none."""
    words = tuple(word.text for word in words_of(text))
    return next((kind for kind in kinds if _says(words, kind)), None)


def _says(words: tuple[str, ...], kind: str) -> bool:
    phrases = phrases_under("must_not.txt", kind)
    return any(_begins(words[at:], phrase) for at in range(len(words)) for phrase in phrases)


def _begins(words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    return len(words) >= len(phrase) and all(
        word.startswith(wanted[:-1]) if wanted.endswith("~") else word == wanted
        for word, wanted in zip(words, phrase, strict=False)
    )


def _invents(sentence: str, facts: Iterable[Fact]) -> bool:
    """Whether our own reading of the sentence finds what the citizen did not say, or says otherwise."""
    told = {(fact.concept, fact.status) for fact in facts}
    named = understand(sentence, turn=1, today=ANY_DAY).facts
    return any((fact.concept, fact.status) not in told for fact in named)
