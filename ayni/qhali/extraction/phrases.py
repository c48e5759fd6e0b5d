"""A small pattern language for everyday phrases, and its search.

A phrase is a row of words. `duel~` is any word that begins so, `dolor|duel~` is either, `*` leaves room for
up to four words. The tables of symptoms and cues are written in it, so that a clinician can extend them.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from typing import Generic, TypeVar

from ayni.qhali.extraction.words import Word

GAP_WORDS_MAX = 4
"""Room for "me duele bastante todo el lado de la cabeza", not for the next clause."""

GAP_STOPS = frozenset({".", ";", ":", "!", "?", "\n", "no", "ni", "sin", "pero", "aunque", "sino", "hace"})
NEGATIONS = frozenset({"no", "ni", "sin", "nunca", "jamas", "tampoco"})


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Step:
    """One word of a phrase: the exact spellings and the beginnings that fit it."""

    exact: frozenset[str]
    beginnings: tuple[str, ...]

    def fits(self, word: str) -> bool:
        """Whether a folded word is this step."""
        return word in self.exact or word.startswith(self.beginnings)

    def occurs(self, words: Set[str]) -> bool:
        """Whether one of these folded words is this step."""
        if not self.exact.isdisjoint(words):
            return True
        return bool(self.beginnings) and any(word.startswith(self.beginnings) for word in words)


@dataclass(frozen=True, slots=True)
class Phrase(Generic[T]):
    """One line of a table: `meaning` is what its words stand for; a None step is a gap."""

    meaning: T
    steps: tuple[Step | None, ...]
    is_protected: bool


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """A phrase found: `used` are the positions of its words in the list of words."""

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


def phrase(text: str, meaning: T) -> Phrase[T]:
    """Reads one phrase. One that holds a negation ("no puedo respirar") is protected: no cue may deny it."""
    steps = tuple(None if word == "*" else _step(word) for word in text.split())
    held = {word for step in steps if step for word in step.exact}
    return Phrase(meaning, steps, is_protected=bool(held & NEGATIONS))


def _step(word: str) -> Step:
    choices = word.split("|")
    return Step(
        exact=frozenset(choice for choice in choices if not choice.endswith("~")),
        beginnings=tuple(choice[:-1] for choice in choices if choice.endswith("~")),
    )


class Phrasebook(Generic[T]):
    """Finds its phrases in a list of words; they are indexed by the two letters they may begin with."""

    def __init__(self, phrases: Iterable[Phrase[T]]) -> None:
        self._by_beginning: dict[str, list[Phrase[T]]] = defaultdict(list)
        for each in phrases:
            first = each.steps[0]
            assert first is not None, "a phrase begins with a word"
            for beginning in {choice[:2] for choice in (*first.exact, *first.beginnings)}:
                self._by_beginning[beginning].append(each)

    def find(self, words: Sequence[Word]) -> list[Match[T]]:
        """The phrases found, in reading order; one whose words all belong to a longer phrase is left out."""
        texts = frozenset(word.text for word in words)
        possible = {text: self._beginning_with(text, texts) for text in texts}
        found = [
            Match(each, used)
            for position, word in enumerate(words)
            for each in possible[word.text]
            if (used := _follow(each.steps, words, position)) is not None
        ]
        return _without_swallowed(found)

    def _beginning_with(self, first: str, texts: Set[str]) -> list[Phrase[T]]:
        """The phrases that begin with this word and have a word of the text for each of their steps."""
        phrases = self._by_beginning.get(first[:2], ())
        return [each for each in phrases if all(step is None or step.occurs(texts) for step in each.steps)]


def _without_swallowed(found: Sequence[Match[T]]) -> list[Match[T]]:
    """Whatever swallows a match uses its first word too, so only the matches over that word are compared."""
    over: dict[int, list[Match[T]]] = defaultdict(list)
    for match in found:
        for position in match.used:
            over[position].append(match)
    return [match for match in found if not any(_swallows(other, match) for other in over[match.first])]


def _swallows(other: Match[T], match: Match[T]) -> bool:
    mine, theirs = set(match.used), set(other.used)
    return mine < theirs or (
        mine == theirs and other.phrase is not match.phrase and _comes_first(other, match)
    )


def _comes_first(other: Match[T], match: Match[T]) -> bool:
    """Two phrases over the same words: the one with fewer spellings per word says it more exactly."""
    return _looseness(other.phrase) < _looseness(match.phrase)


def _looseness(each: Phrase[T]) -> int:
    return sum(len(step.exact) + 10 * len(step.beginnings) for step in each.steps if step)


def _follow(steps: Sequence[Step | None], words: Sequence[Word], position: int) -> tuple[int, ...] | None:
    """The positions that the steps take from `position` on, or None when they do not fit."""
    if not steps:
        return ()
    if steps[0] is None:
        return _follow_after_gap(steps[1:], words, position)
    if position >= len(words) or not steps[0].fits(words[position].text):
        return None
    rest = _follow(steps[1:], words, position + 1)
    return None if rest is None else (position, *rest)


def _follow_after_gap(
    steps: Sequence[Step | None], words: Sequence[Word], position: int
) -> tuple[int, ...] | None:
    for skipped in range(GAP_WORDS_MAX + 1):
        rest = _follow(steps, words, position + skipped)
        if rest is not None:
            return rest
        if position + skipped < len(words) and words[position + skipped].text in GAP_STOPS:
            return None
    return None
