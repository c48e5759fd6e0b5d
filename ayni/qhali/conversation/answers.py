"""The answer to a list, item by item: "1. no 2. sí, un poco", "1 y 3", "nada de eso", or in free words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ayni.qhali.conversation.questions import Question

_MARK = re.compile(
    r"(?:^|(?<=[\s;,.]))([1-9])\s*(?:[.):=-]+(?=\s|[^\d\s]|$)|(?=(?:s[ií]|no|nada)\b))", re.IGNORECASE
)
"""A number that begins an item: "1. sí", "2) no", "3 no"; "37.4" and "a las 3" begin none."""

_NUMBERS_ONLY = re.compile(r"\s*[1-9](?:\s*(?:,|y|e|\s)\s*[1-9])*\s*\.?\s*")
_ALL = re.compile(
    r"\s*(?:s[ií],?\s*)?(?:tod[oa]s?|todo eso|ambos|ambas|l[oa]s (?:dos|tres))\s*\.?\s*", re.IGNORECASE
)
_YES = re.compile(r"\s*s[ií]p?\b[\s.,]*(?:tengo|algo|uno|alguno|varios)?[\s.]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """What an answer says to one item: `text` from the character `start` on.

    `ticked`: it says so only by its number; `is_shared`: it is said to all items of a list at once.
    """

    item: Question
    text: str
    start: int
    ticked: bool | None = None
    is_shared: bool = False


def parts_of(question: Question, text: str) -> list[Part]:
    """The parts of an answer, in the order of the items that it speaks of; [] when it is not told apart."""
    if not question.items:
        return [Part(question, text, 0)]
    ticked = _ticked(question, text)
    if ticked:
        return [Part(item, text, 0, is_so) for item, is_so in ticked.items()]
    return list(_marked(question.items, text))


def _ticked(question: Question, text: str) -> dict[Question, bool]:
    """What is ticked by number, or all of it. What wants words cannot be ticked."""
    items = question.items
    if not question.choices:
        return {}
    if _NUMBERS_ONLY.fullmatch(text):
        numbers = {int(number) for number in re.findall("[1-9]", text)}
        return {item: place in numbers for place, item in enumerate(items, start=1)}
    return dict.fromkeys(items, True) if _ALL.fullmatch(text) else {}


def is_undirected_yes(text: str) -> bool:
    """ "Sí", to a list: to which of them?"""
    return _YES.fullmatch(text) is not None


def _marked(items: Sequence[Question], text: str) -> Iterator[Part]:
    """The stretches between the numbers; a number out of turn is a figure of the answer before it."""
    marks: list[tuple[int, int, int]] = []
    for mark in _MARK.finditer(text):
        number = int(mark[1])
        if number <= len(items) and number > (marks[-1][0] if marks else 0):
            marks.append((number, mark.start(), mark.end()))
    ends = [start for _, start, _ in marks[1:]] + [len(text)]
    for (number, _, start), end in zip(marks, ends, strict=False):
        stretch = text[start:end]
        inside = stretch.strip(" \n\r\t;,")
        yield Part(items[number - 1], inside, start + stretch.find(inside))
