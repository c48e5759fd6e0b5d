"""Words of a text as the rules see them, each remembering where it stands in the original."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import zip_longest

from ayni.qhali.extraction.spelling import key_of, stem_of, written_out

# Invisible characters inside a word are part of it, so that nobody hides a word from the rules with them.
LINE_BREAK = r"\r?\n|[\r\v\f\x85\u2028\u2029]"
INVISIBLE = "\u00ad\u200b-\u200f\u2060\ufeff"
_TOKEN = re.compile(
    rf"\d+(?:[.,]\d+)?|[^\W\d_](?:[\u0300-\u036f{INVISIBLE}]*[^\W\d_])*[\u0300-\u036f]*|[.,;:!?¿¡/%]|{LINE_BREAK}"
)
_INVISIBLE = re.compile(rf"[{INVISIBLE}]")
_LETTER_HELD_DOWN = re.compile(r"([^\W\d])\1{2,}")

OF_A_THING = frozenset({"un", "el", "mi", "su", "del", "al", "ese", "este", "otro", "tu", "mordio"})
BUT = "pero-"
"""How the "but" is kept apart: no phrase is written so."""

# Letters of other scripts that look like ours; for matching only, the quote keeps the original.
LOOKALIKES = str.maketrans("аеорсухіјѕԁһкмтвнгпαετορικνυχβμ", "aeopcyxijsdhkmtbhrnaetopiknyxbm")


@dataclass(frozen=True, slots=True)
class Word:
    """A folded word (or a figure, or one punctuation mark): characters `start` to `end` of the original.

    `text` is the word in lower case without accents, `stem` its spoken form without number, gender and
    diminutive, `sound` its spoken form whole. `begins_line`: a line break stands before it.
    """

    text: str
    stem: str
    sound: str
    start: int
    end: int
    begins_line: bool = False


def words_of(text: str) -> list[Word]:
    """The words and punctuation marks of a text, folded one by one: every offset stays the original's."""
    words = [Word(*_forms(found[0]), found.start(), found.end()) for found in _TOKEN.finditer(text)]
    words = [_with_its_h(word, following) for word, following in zip_longest(words, words[1:])]
    return [_no_dog(before, word) for before, word in zip([None, *words], words, strict=False)]


def in_one_line(words: Iterable[Word]) -> Iterator[Word]:
    """The words without line breaks, the first of each line marked.

    A telephone breaks lines where it likes, and two messages may be one sentence: what is said runs over a
    line break ("no puedo / respirar"). What takes something away, a denial or the past, ends there.
    """
    begins_line = False
    for word in words:
        if word.text == "\n":
            begins_line = True
        else:
            yield replace(word, begins_line=True) if begins_line else word
            begins_line = False


def _no_dog(before: Word | None, word: Word) -> Word:
    """ "Pero" sounds like "perro" as it is often typed; without a word of his before it, it is a "but"."""
    is_but = word.text == "pero" and (before is None or before.text not in OF_A_THING)
    return replace(word, stem=BUT, sound=BUT) if is_but else word


def _with_its_h(word: Word, following: Word | None) -> Word:
    """ "No e tenido": an "e" is an "and" only before an i."""
    is_and = word.text != "e" or following is None or following.text.startswith(("i", "hi"))
    return word if is_and else replace(word, text="he")


@lru_cache(maxsize=8192)
def _forms(word: str) -> tuple[str, str, str]:
    text = fold(word)
    return text, key_of(stem_of(text)), key_of(text)


def fold(word: str) -> str:
    """Lower case without accents (ñ stays), held-down letters let go, chat spellings written out."""
    if word.isspace():
        return "\n"
    composed = unicodedata.normalize("NFC", _INVISIBLE.sub("", word)).lower().translate(LOOKALIKES)
    plain = "".join(letter if letter == "ñ" else _base(letter) for letter in composed)
    return written_out(_LETTER_HELD_DOWN.sub(r"\1", plain))


def _base(letter: str) -> str:
    decomposed = unicodedata.normalize("NFKD", letter)
    return "".join(part for part in decomposed if not unicodedata.combining(part))
