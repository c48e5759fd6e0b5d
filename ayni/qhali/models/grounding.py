"""Where the words that a model claims to quote stand in what the citizen wrote, if they stand there.

Three steps, each only when the one before finds nothing: the same characters; the same words, whatever
their accents, case and chat spelling; nearly the same words over a stretch of the same length.
"""

from collections.abc import Sequence
from difflib import SequenceMatcher

from ayni.qhali.extraction.words import Word, words_of

SIMILAR = 0.9
"""Below this share of equal characters it is another text, and not a slip of the pen."""

QUOTE_CHARACTERS_MAX = 300
NEGATIONS = frozenset(
    ["no", "ni", "sin", "nunca", "tampoco", "nada", "niega", "ningun", "ninguno", "ninguna", "jamas", "nadie"]
)


def place_of(quote: str, text: str) -> tuple[int, int] | None:
    """(start, end) in characters of the original text, None when the quote is not in it.

    A quote without a word of two letters would be found anywhere, and is nowhere.
    """
    quoted = _plain(quote)
    if len(quote) > QUOTE_CHARACTERS_MAX or not any(len(word.text) > 1 for word in quoted):
        return None
    exact = quote.strip()
    start = text.find(exact)
    if start >= 0:
        return start, start + len(exact)
    return _by_words(quoted, _plain(text))


def denies(quote: str) -> bool:
    """Whether the quoted words themselves deny something."""
    return not NEGATIONS.isdisjoint(word.text for word in words_of(quote))


def _plain(text: str) -> list[Word]:
    return [word for word in words_of(text) if word.text[:1].isalnum()]


def _by_words(quoted: Sequence[Word], words: Sequence[Word]) -> tuple[int, int] | None:
    sought = [word.text for word in quoted]
    windows = [words[at : at + len(sought)] for at in range(len(words) - len(sought) + 1)]
    for window in windows:
        if [word.text for word in window] == sought:
            return window[0].start, window[-1].end
    return _nearly(sought, windows)


def _nearly(sought: Sequence[str], windows: Sequence[Sequence[Word]]) -> tuple[int, int] | None:
    """The most similar window; one that denies more or less than the quote says something else."""
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(" ".join(sought))
    best, place = SIMILAR, None
    for window in windows:
        texts = [word.text for word in window]
        if NEGATIONS.intersection(texts) != NEGATIONS.intersection(sought):
            continue
        matcher.set_seq1(" ".join(texts))
        if matcher.quick_ratio() >= best and (ratio := matcher.ratio()) >= best:
            best, place = ratio, (window[0].start, window[-1].end)
    return place
