"""Where in the body a symptom is, in the citizen's words."""

from collections.abc import Sequence

from ayni.qhali.extraction.tables import family
from ayni.qhali.extraction.words import Word

REACH_WORDS = 3
SIDES = ("derech", "izquierd", "bajo", "baja", "arriba", "abajo", "atras", "adelante")


def site_near(text: str, words: Sequence[Word], first: int, last: int) -> str | None:
    """The part of the body named in the words `first` to `last`, with its side; None when none is named."""
    places = family("sites")
    at = next((at for at in range(first, last + 1) if places.fits(words[at])), None)
    if at is None:
        return None
    end = at
    for following in range(at + 1, min(at + 1 + REACH_WORDS, len(words))):
        if words[following].text.startswith(SIDES):
            end = following
    return text[words[at].start : words[end].end]
