"""A small pattern language for everyday phrases, and its search.

A phrase is a row of words: `duel~` is any word that begins so, `dolor|duel~` is either, `@head` is a family
of words, `*` leaves room for a few, `sin_parar` ties words inside an alternative. `a & b` finds two things
that belong together in either order ("dolor & cabeza"), `a + b` two things said in one breath. A word stands
for all its spellings that sound alike, for its plural, gender and diminutive; `=cara` only for itself. Small
words ("el", "me", "muy") may stand between two words. The tables of symptoms and cues are written in it, so
that a clinician can read and extend them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Generic, TypeVar

from ayni.qhali.extraction.beginnings import beginnings_of
from ayni.qhali.extraction.spelling import key_of, keys_of_beginning, spellings_of, stem_of
from ayni.qhali.extraction.words import Word

GAP = "*"
NO_VERBS: Mapping[str, Sequence[str]] = {}
NEGATIONS = frozenset({"no", "ni", "sin", "nunca", "jamas", "jama", "tampoco", "tampok", "nada", "ya"})
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Step:
    """One word of a phrase: `stems`, `sounds` (of exact words) and `beginnings` that fit it."""

    stems: frozenset[str]
    sounds: frozenset[str]
    beginnings: tuple[str, ...]

    def fits(self, word: Word) -> bool:
        """Whether a word is this step."""
        is_named = word.stem in self.stems or word.sound in self.sounds
        return is_named or not beginnings_of(word.sound).isdisjoint(self.beginnings)

    @property
    def is_negation(self) -> bool:
        """Whether it is a word that denies."""
        return not NEGATIONS.isdisjoint(self.stems)

    @property
    def looseness(self) -> int:
        """How much it leaves open: of two phrases over the same words the tighter one counts."""
        return len(self.stems) + len(self.sounds) + 10 * len(self.beginnings)


Run = tuple["Step | None", ...]


@dataclass(frozen=True, slots=True)
class Phrase(Generic[T]):
    """One line of a table: `meaning` is what its words stand for; a None step is a gap."""

    meaning: T
    runs: tuple[Run, ...]
    is_wide: bool

    @property
    def steps(self) -> Iterator[Step]:
        """Every word of it."""
        return (each for run in self.runs for each in run if each is not None)


Families = Mapping[str, Sequence[str]]


def phrases(
    text: str, meaning: T, families: Families, verbs: Mapping[str, Sequence[str]] = NO_VERBS
) -> Iterator[Phrase[T]]:
    """The phrases one line stands for; KeyError for an unknown family, ValueError for an empty side.

    `verbs`: each form of a verb with all of its forms, for tables where one stands for all. A word that is a
    phrase by itself is mostly a name ("costado", "pasmado") and stands for itself.
    """
    sides = re.split(" [&+] ", text)
    verbs = verbs if " " in text.strip() else NO_VERBS
    for variant in product(*(list(_variants(side.split(), families, verbs)) for side in sides)):
        runs = tuple(tuple(None if word == GAP else step(word) for word in side) for side in variant)
        if not all(runs) or any(run[0] is None for run in runs):
            raise ValueError(f"a phrase begins with a word: {text!r}")
        yield Phrase(meaning, runs, is_wide=" + " in text)


def turned_round(phrase: Phrase[T]) -> Iterator[Phrase[T]]:
    """The phrase in the other order, as the highlands say it: "mi sentido he perdido", "hablar no puedo".

    Only of two parts; a negation stays with the word it stands before.
    """
    if len(phrase.runs) != 1:
        return
    run = phrase.runs[0]
    denies = [step is not None and step.is_negation for step in run]
    if any(denies) and (denies.index(True) > 0 or None not in run or run.index(None) < 2):
        return
    if None not in run and len(run) == 2:
        yield Phrase(phrase.meaning, (run[::-1],), is_wide=False)
    elif run.count(None) == 1:
        at = run.index(None)
        yield Phrase(phrase.meaning, (run[:at], run[at + 1 :]), is_wide=False)


def _variants(
    words: Sequence[str], families: Families, verbs: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, ...]]:
    """Each word with its alternatives of one word together, and each of several words by itself."""
    choices = []
    for word in words:
        spellings = list(_spellings(word, families))
        single = "|".join(_in_every_form(each, verbs) for each in spellings if "_" not in each)
        tied = [
            tuple(_in_every_form(part, verbs) for part in each.split("_"))
            for each in spellings
            if "_" in each
        ]
        choices.append([(single,), *tied] if single else tied)
    for choice in product(*choices):
        yield tuple(word for part in choice for word in part)


def _in_every_form(word: str, verbs: Mapping[str, Sequence[str]]) -> str:
    return "|".join(verbs.get(word, (word,)))


@cache
def step(text: str) -> Step:
    spellings = [each for word in text.split("|") for each in spellings_of(word)]
    beginnings = [each.removesuffix("~") for each in spellings if each.endswith("~")]
    words = [each for each in spellings if not each.endswith("~")]
    return Step(
        stems=frozenset(_stem_key(each) for each in words if not each.startswith("=")),
        sounds=frozenset(key_of(each.removeprefix("=")) for each in words if each.startswith("=")),
        beginnings=tuple(sorted({key for each in beginnings for key in keys_of_beginning(each)})),
    )


@cache
def _stem_key(word: str) -> str:
    """Words of the tables stand in many phrases, and every form of a verb in each of its own."""
    return key_of(stem_of(word))


def _spellings(text: str, families: Families) -> Iterator[str]:
    for each in text.split("|"):
        if each.startswith("@"):
            yield from _spellings("|".join(families[each[1:]]), families)
        else:
            yield each


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """A phrase found: `used` are the positions of its words in the list of words, in order."""

    phrase: Phrase[T]
    used: tuple[int, ...]

    @property
    def first(self) -> int:
        """Position of its first word."""
        return self.used[0]

    @property
    def last(self) -> int:
        """Position of its last word."""
        return self.used[-1]
