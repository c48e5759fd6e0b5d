"""Finds the phrases of a table in a text: an index from words to phrases, then the order of words."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from ayni.qhali.extraction.beginnings import beginnings_of
from ayni.qhali.extraction.phrases import Match, Phrase, Step
from ayni.qhali.extraction.typos import NearWords, not_typos
from ayni.qhali.extraction.words import Word

T = TypeVar("T")
Used = tuple[int, ...]
"""Positions of words, in order."""

GAP_WORDS_MAX = 4
"""Room for "me duele bastante todo el lado de la cabeza", not for the next clause."""

BACK_WORDS_MAX = 3
""""La cabeza me está doliendo": what stands before its verb stands close to it."""

BREATH_WORDS_MAX = 10
"""What is said within so many words is said of the same thing."""

INFINITIVES = ("ar", "er", "ir")
CLITICS = ("", "se", "me", "le", "lo", "la")
TO_DO = tuple(ending + clitic for ending in INFINITIVES for clitic in CLITICS)
"""How the name of something to do ends: "dormir", "pararme"."""

FILLERS_MAX = 3
SENTENCE_ENDS = frozenset({".", "!", "?", ";"})
HARD_STOPS = frozenset({".", ";", ":", "!", "?", "¿", "¡", "pero", "aunque", "sino", "excepto", "salvo"})
SOFT_STOPS = frozenset({",", "y", "e", "o", "u", "/"})
PARTS = ("lado", "lados", "parte", "partes", "cuerpo", "boca")
FILLERS = frozenset(
    [
        "el",
        "la",
        "los",
        "las",
        "lo",
        "un",
        "una",
        "unos",
        "unas",
        "mi",
        "mis",
        "su",
        "sus",
        "tu",
        "me",
        "se",
        "le",
        "les",
        "nos",
        "te",
        "del",
        "de",
        "al",
        "en",
        "a",
        "muy",
        "bien",
        "mas",
        "tan",
        "como",
        "pues",
        "asi",
        "ya",
        "todo",
        "toda",
        "todos",
        "todas",
        "este",
        "esta",
        "esto",
        "ese",
        "esa",
        "eso",
        "esos",
        "estos",
        "mismo",
        "misma",
        "medio",
        "media",
        "harto",
        "harta",
        "mucho",
        "mucha",
        "bastante",
        "demasiado",
        "un",
        "poco",
        "poquito",
        "siempre",
        "tambien",
        "toditito",
        "todito",
        "nomas",
        "ahi",
        "que",
        "algo",
        "puro",
        "pura",
        "señorita",
        "señor",
        "doctor",
        "doctora",
        "doctorcito",
        "señito",
    ]
)
"""Small words that may stand between two words of a phrase."""


NumberedRun = tuple[int | None, ...]
"""A run whose words are the numbers of their steps: a number is found quicker than a step."""


@dataclass(frozen=True, slots=True)
class _Numbered(Generic[T]):
    """A phrase with the numbers of its steps: all of them, and run by run."""

    phrase: Phrase[T]
    steps: frozenset[int]
    runs: tuple[NumberedRun, ...]

    @classmethod
    def of(cls, phrase: Phrase[T], numbers: Mapping[Step, int]) -> "_Numbered[T]":
        runs = tuple(tuple(None if step is None else numbers[step] for step in run) for run in phrase.runs)
        return cls(phrase, frozenset(each for run in runs for each in run if each is not None), runs)


class Phrasebook(Generic[T]):
    """The phrases of one table. `sites` are words that may be listed between the two sides of an &."""

    def __init__(
        self,
        phrases: Iterable[Phrase[T]],
        sites: Step | None = None,
        hides: Callable[[T, T], bool] = lambda one, other: True,
        *,
        reads_typos_of: Callable[[T], bool] = lambda meaning: False,
    ) -> None:
        self._phrases = list(phrases)
        self._steps = {step: number for number, step in enumerate(_distinct(self._phrases))}
        self._by_stem = _index(self._steps, "stems")
        self._by_sound = _index(self._steps, "sounds")
        self._by_beginning = _index(self._steps, "beginnings")
        self._sites, self._hides = sites, hides
        read = [phrase for phrase in self._phrases if reads_typos_of(phrase.meaning)]
        self._near = NearWords(
            dict.fromkeys(stem for phrase in read for step in phrase.steps for stem in step.stems)
        )
        self._by_anchor = self._anchored()
        self._anchors = frozenset(self._by_anchor)
        self.steps_of = lru_cache(maxsize=8192)(self._steps_of)

    def _anchored(self) -> dict[int, list[_Numbered[T]]]:
        """Each phrase under the one of its steps that fewest phrases share."""
        numbered = [_Numbered.of(phrase, self._steps) for phrase in self._phrases]
        shared = Counter(step for each in numbered for step in each.steps)
        anchored: dict[int, list[_Numbered[T]]] = defaultdict(list)
        for each in numbered:
            anchored[min(each.steps, key=lambda step: (shared[step], step))].append(each)
        return anchored

    def _steps_of(self, stem: str, sound: str) -> frozenset[int]:
        """The steps that a word fits, or the word that it is a slip of."""
        fits = self._known_steps_of(stem, sound)
        if fits or sound in not_typos():
            return fits
        return frozenset(step for near in self._near.near(stem) for step in self._by_stem[near])

    def _known_steps_of(self, stem: str, sound: str) -> frozenset[int]:
        return frozenset(
            [
                *self._by_stem.get(stem, ()),
                *self._by_sound.get(sound, ()),
                *(step for each in beginnings_of(sound) for step in self._by_beginning.get(each, ())),
            ]
        )

    def find(self, words: Sequence[Word]) -> list[Match[T]]:
        """The phrases in reading order; one whose words all belong to a longer one is left out."""
        fits = [self.steps_of(word.stem, word.sound) for word in words]
        occurring = frozenset().union(*fits)
        text = _Text(words, fits, self._sites)
        found = [
            Match(each.phrase, used)
            for step in occurring & self._anchors
            for each in self._by_anchor[step]
            if each.steps <= occurring
            for used in text.occurrences(each)
        ]
        return sorted(self._without_swallowed(found), key=lambda match: match.used)

    def _without_swallowed(self, found: Sequence[Match[T]]) -> list[Match[T]]:
        """Whatever swallows a match uses its first word too: only the matches over that word are compared."""
        over: dict[int, list[Match[T]]] = defaultdict(list)
        for match in found:
            for position in match.used:
                over[position].append(match)
        return [
            match for match in found if not any(self._swallows(other, match) for other in over[match.first])
        ]

    def _swallows(self, other: Match[T], match: Match[T]) -> bool:
        return self._hides(other.phrase.meaning, match.phrase.meaning) and _covers(other, match)


def _with_others(
    used: Used, others: Sequence[list[Used]], are_near: Callable[[Used, Used], bool]
) -> Used | None:
    """The nearest place of each other run that belongs to the first."""
    for places in others:
        near = [place for place in places if set(used).isdisjoint(place) and are_near(used, place)]
        if not near:
            return None
        used = tuple(sorted({*used, *min(near, key=lambda place: abs(place[0] - used[0]))}))
    return used


def _may_stand_in_a_gap(text: str) -> bool:
    return text not in HARD_STOPS and text not in SOFT_STOPS


def _distinct(phrases: Iterable[Phrase[T]]) -> list[Step]:
    return list(dict.fromkeys(step for phrase in phrases for step in phrase.steps))


def _index(steps: dict[Step, int], attribute: str) -> dict[str, list[int]]:
    index: dict[str, list[int]] = defaultdict(list)
    for step, number in steps.items():
        for literal in getattr(step, attribute):
            index[literal].append(number)
    return index


class _Text:
    """One text with the steps that each of its words fits."""

    def __init__(self, words: Sequence[Word], fits: Sequence[Set[int]], sites: Step | None) -> None:
        self._texts = [word.text for word in words]
        self._fits = fits
        self._is_site = [sites is not None and sites.fits(word) for word in words]

    def occurrences(self, phrase: _Numbered[T]) -> Iterator[Used]:
        """The positions of each place where the phrase stands."""
        found = [list(self._places(run)) for run in phrase.runs]
        are_near = self._are_in_one_breath if phrase.phrase.is_wide else self._are_near
        for one in found[0]:
            used = _with_others(one, found[1:], are_near)
            if used is not None:
                yield used

    def _are_in_one_breath(self, one: Used, other: Used) -> bool:
        first, last = (one, other) if one[0] < other[0] else (other, one)
        between = self._texts[first[-1] + 1 : last[0]]
        return len(between) <= BREATH_WORDS_MAX and SENTENCE_ENDS.isdisjoint(between) and first != last

    def _are_near(self, one: Used, other: Used) -> bool:
        """Whether two runs speak of each other: `one` before `other` over a list, or `other` close before."""
        if one[-1] < other[0]:
            return self._leads_to(one[-1] + 1, other[0])
        return other[-1] < one[0] and self._stands_before(other[-1] + 1, one[0], one)

    def _leads_to(self, first: int, end: int) -> bool:
        between = self._texts[first:end]
        if not HARD_STOPS.isdisjoint(between):
            return False
        if SOFT_STOPS.isdisjoint(between) and not any(self._is_place(at) for at in range(first, end)):
            is_close = sum(text not in FILLERS for text in between) <= GAP_WORDS_MAX
            return is_close and len(between) <= BREATH_WORDS_MAX
        listed = (self._is_site[at] or self._texts[at] in SOFT_STOPS | FILLERS for at in range(first, end))
        return any(self._is_site[first:end]) and all(listed)

    def _is_place(self, at: int) -> bool:
        """A part of the body, and not only "el lado" or "la parte" of one."""
        return self._is_site[at] and self._texts[at] not in PARTS

    def _stands_before(self, first: int, end: int, one: Used) -> bool:
        between = self._texts[first:end]
        is_close = end - first <= BACK_WORDS_MAX and (HARD_STOPS | SOFT_STOPS).isdisjoint(between)
        if is_close and self._texts[one[0]] == "no":
            return self._no_verb_follows(one[-1] + 1)  # "hablar no puedo", not "… no puedo dormir"
        return is_close and not self._has_its_own(one[-1] + 1)

    def _no_verb_follows(self, at: int) -> bool:
        """ "Orinar no puede ocho horas ya": what is denied stood before, and nothing to do comes after."""
        following = self._texts[at : at + 1]
        return not following or (not following[0].endswith(TO_DO) and following[0] not in FILLERS)

    def _has_its_own(self, at: int) -> bool:
        """ "Los ojos rojos me duele la cabeza": the pain has a place of its own."""
        for position in range(at, min(at + FILLERS_MAX, len(self._texts))):
            if self._is_site[position]:
                return True
            if self._texts[position] not in FILLERS:
                return False
        return False

    def _places(self, run: NumberedRun) -> Iterator[Used]:
        first = run[0]
        for position, steps in enumerate(self._fits):
            if first in steps:
                used = self._follow(run[1:], position + 1)
                if used is not None:
                    yield (position, *used)

    def _follow(self, steps: NumberedRun, position: int) -> Used | None:
        """The positions that the steps take from `position` on, or None when they do not fit."""
        if not steps:
            return ()
        if steps[0] is None:
            return self._follow_within(steps[1:], position, GAP_WORDS_MAX, _may_stand_in_a_gap)
        return self._follow_within(steps, position, FILLERS_MAX, FILLERS.__contains__)

    def _follow_within(
        self, steps: NumberedRun, position: int, room: int, may_skip: Callable[[str], bool]
    ) -> Used | None:
        number = steps[0]
        for at in range(position, min(position + room + 1, len(self._texts))):
            if number in self._fits[at]:
                rest = self._follow(steps[1:], at + 1)
                if rest is not None:
                    return (at, *rest)
            if not may_skip(self._texts[at]):
                return None
        return None


def _covers(other: Match[T], match: Match[T]) -> bool:
    """Whether a match has every word of another and says more, or the same more tightly."""
    mine, theirs = set(match.used), set(other.used)
    if mine == theirs:
        return other.phrase is not match.phrase and _looseness(other.phrase) < _looseness(match.phrase)
    return mine < theirs


def _looseness(each: Phrase[T]) -> int:
    return sum(step.looseness for step in each.steps)
