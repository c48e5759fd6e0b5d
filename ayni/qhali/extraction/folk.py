"""The people's own names for illnesses: kept word for word, answered with questions, never made a disease."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from ayni.qhali.extraction.phrasebook import Phrasebook
from ayni.qhali.extraction.phrases import phrases
from ayni.qhali.extraction.tables import data, families, headed_lines
from ayni.qhali.extraction.words import Word


@dataclass(frozen=True, slots=True)
class FolkTerm:
    """A name as the citizen said it (characters `start` to `end`), and the concepts worth asking about."""

    quote: str
    start: int
    end: int
    asks: tuple[str, ...]


@cache
def _terms() -> Phrasebook[tuple[str, ...]]:
    return Phrasebook(
        each
        for heading, line in headed_lines(data("folk_terms.txt"))
        for each in phrases(line, tuple(heading.split()), families())
    )


def folk_terms(text: str, words: Sequence[Word]) -> list[FolkTerm]:
    """Every such name in a text, in reading order."""
    spans = [(words[match.first].start, words[match.last].end, match) for match in _terms().find(words)]
    return [FolkTerm(text[start:end], start, end, match.phrase.meaning) for start, end, match in spans]
