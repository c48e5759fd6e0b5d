"""Words of a text as the rules see them, each remembering where it stands in the original."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_TOKEN = re.compile(r"[^\W_]+[\u0300-\u036f\w]*|[.,;:!?¿¡\n]")
_LETTER_HELD_DOWN = re.compile(r"([^\W\d])\1{2,}")

CHAT_SPELLINGS = {
    "q": "que",
    "k": "que",
    "xq": "porque",
    "pq": "porque",
    "tb": "tambien",
    "tmp": "tampoco",
    "d": "de",
    "ta": "esta",
    "bb": "bebe",
    "toy": "estoy",
}


@dataclass(frozen=True, slots=True)
class Word:
    """A folded word (or one punctuation mark) and its characters `start` to `end` in the original text."""

    text: str
    start: int
    end: int


def words_of(text: str) -> list[Word]:
    """The words and punctuation marks of a text, folded one by one: every offset stays the original's."""
    return [Word(fold(found[0]), found.start(), found.end()) for found in _TOKEN.finditer(text)]


@lru_cache(maxsize=4096)
def fold(word: str) -> str:
    """Lower case without accents (ñ stays), held-down letters let go, chat spellings written out."""
    composed = unicodedata.normalize("NFC", word.lower())
    plain = "".join(letter if letter == "ñ" else _base(letter) for letter in composed)
    plain = _LETTER_HELD_DOWN.sub(r"\1", plain)
    return CHAT_SPELLINGS.get(plain, plain)


def _base(letter: str) -> str:
    decomposed = unicodedata.normalize("NFKD", letter)
    return "".join(part for part in decomposed if not unicodedata.combining(part))
