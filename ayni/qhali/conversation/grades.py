"""How strong, when that was the question: a word, or a figure of a scale to ten."""

import re
from collections.abc import Iterable

from ayni.qhali.extraction import Severity
from ayni.qhali.extraction.severity import severity_near
from ayni.qhali.extraction.words import words_of

OF_SEVERE = frozenset({"worst-ever", "cannot-stand", "unrelieved"})
"""Whoever says one of these when asked how strong it is has said it."""

_SCALE = re.compile(r"\s*(?:un|es|como|de)?\s*(10|[0-9])\s*(?:(?:/|de|sobre)\s*10)?\s*\.?\s*", re.IGNORECASE)
SEVERE_FROM, MODERATE_FROM = 7, 4
"""The bounds of the numeric rating scale for pain."""


def grade(text: str, heard: Iterable[str]) -> Severity | None:
    """The severity an answer gives; `heard` are the concepts it names. None when it gives none."""
    if not OF_SEVERE.isdisjoint(heard):
        return Severity.SEVERE
    if (scale := _SCALE.fullmatch(text)) is not None:
        figure = int(scale[1])
        if figure >= SEVERE_FROM:
            return Severity.SEVERE
        return Severity.MODERATE if figure >= MODERATE_FROM else Severity.MILD
    words = words_of(text)
    return severity_near(words, 0, len(words) - 1) if words else None
