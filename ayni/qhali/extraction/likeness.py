"""What a clause is most like, among many ways of saying each thing: the net below the phrases.

A phrase that nobody thought of is found by no table. Weights of words, of pairs of words and of pieces of
words, learnt from a corpus of clauses (`evaluations/learn_likeness.py`), say which concept a clause is most
like. What they find is a match like that of a phrase, with its words as the quote: cues deny it or put it in
the past, and rules make a level of it. The same words always give the same answer.
"""

import math
from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain, pairwise

import msgspec

from ayni.qhali.extraction.lexicon import Sense
from ayni.qhali.extraction.phrases import Match, Phrase
from ayni.qhali.extraction.tables import data
from ayni.qhali.extraction.words import Word

NOTHING, SO_NOW = "-", "+"
"""The class of the clauses that say nothing of a sickness, and that of those that say what is so now."""

LIKE_LEAST, SO_LEAST = -0.5, 0.2
"""How much a clause is like a concept, and like what is said of now, at least."""

CLAUSE_WORDS = 8
STEP_WORDS = 3
"""A longer clause, as in speech written without punctuation, is read in overlapping parts."""

WORDS_LEAST = 2
PIECES = (4, 5)
JOINTS = frozenset({"y", "e", "pero", "aunque", "porque"})
SHARE_OF_MOST = 0.3
"""Words that tell for a concept at least so much as the one that tells most are its words."""

Part = tuple[int, ...]
"""The positions of the words of a clause, or of a part of a long one."""


class Net(msgspec.Struct, frozen=True):
    """The learnt weights: of feature number f, those from `starts[f]` to `starts[f + 1]`, each for a class.

    A weight is a step of `scale`; all arrays are little-endian: `starts` has 32, `classes_of` 16, `steps`
    8 bits.
    """

    classes: list[str]
    bias: list[float]
    features: list[str]
    scale: float
    starts: bytes
    classes_of: bytes
    steps: bytes


@dataclass(frozen=True, slots=True)
class _Telling:
    """How much a word or a pair tells for "so now" and for or against each concept, by so many features."""

    so_now: float
    concepts: tuple[tuple[int, float], ...]
    features: int


@dataclass(frozen=True, slots=True)
class _Weights:
    """The net, ready for looking up."""

    net: Net
    so_now: int
    number: dict[str, int]
    starts: Sequence[int]
    classes_of: Sequence[int]
    steps: Sequence[int]

    def of(self, features: Set[str]) -> _Telling:
        """What features tell, one with the other."""
        total: defaultdict[int, int] = defaultdict(int)
        for number in (self.number[feature] for feature in features if feature in self.number):
            for at in range(self.starts[number], self.starts[number + 1]):
                total[self.classes_of[at]] += self.steps[at]
        so_now = total.pop(self.so_now, 0) * self.net.scale
        concepts = tuple((each, steps * self.net.scale) for each, steps in total.items())
        return _Telling(so_now, concepts, len(features))


@dataclass(frozen=True, slots=True)
class _Likeness:
    concept: str
    score: float
    used: Part


def likenesses(words: Sequence[Word], matches: Sequence[Match[Sense]]) -> list[Match[Sense]]:
    """A match for each clause that is most like a concept of which no phrase told.

    `matches` are those of all phrases, also of what is only a way of speaking: their words are understood.
    """
    taken = {at for match in matches for at in match.used}
    told = {match.phrase.meaning.code for match in matches}
    best: dict[str, _Likeness] = {}
    for part in parts(words):
        found = _most_like(words, part)
        if found is None or found.concept in told or not taken.isdisjoint(found.used):
            continue
        if found.concept not in best or found.score > best[found.concept].score:
            best[found.concept] = found
    return [Match(Phrase(Sense(each.concept), (), is_wide=False), each.used) for each in best.values()]


def parts(words: Sequence[Word]) -> Iterator[Part]:
    """The clauses, a long one in overlapping parts."""
    for clause in _clauses(words):
        last = max(len(clause) - CLAUSE_WORDS, 0)
        for begin in (*range(0, last, STEP_WORDS), last):
            part = clause[begin : begin + CLAUSE_WORDS]
            if len(part) >= WORDS_LEAST:
                yield part


def _clauses(words: Sequence[Word]) -> Iterator[Part]:
    clause: list[int] = []
    for at, word in enumerate(words):
        if word.text in JOINTS or not word.text[0].isalnum():
            yield tuple(clause)
            clause = []
        else:
            clause.append(at)
    yield tuple(clause)


def _most_like(words: Sequence[Word], part: Part) -> _Likeness | None:
    """The concept a clause is most like; None where it tells of none now."""
    by_word = [_of_word(words[at].stem, words[at].sound) for at in part]
    by_pair = [_of_pair(words[one].stem, words[other].stem) for one, other in pairwise(part)]
    length = math.sqrt(sum(each.features for each in (*by_word, *by_pair)))
    bias, classes, so_now = _weights().net.bias, _weights().net.classes, _weights().so_now
    if sum(each.so_now for each in (*by_word, *by_pair)) / length + bias[so_now] < SO_LEAST:
        return None
    scores: defaultdict[int, float] = defaultdict(float)
    for number, weight in chain.from_iterable(each.concepts for each in (*by_word, *by_pair)):
        scores[number] += weight
    ranked = [(total / length + bias[number], number) for number, total in scores.items()]
    score, most = max(ranked, default=(0.0, classes.index(NOTHING)))
    if classes[most] == NOTHING or score < LIKE_LEAST:
        return None
    return _Likeness(classes[most], score, _tellers(part, by_word, most))


def _tellers(part: Part, by_word: Sequence[_Telling], concept: int) -> Part:
    """The words that tell for a concept."""
    tells = [dict(each.concepts).get(concept, 0.0) for each in by_word]
    least = max(tells) * SHARE_OF_MOST
    return tuple(at for at, much in zip(part, tells, strict=True) if much >= least and much > 0) or part


def features_of_word(stem: str, sound: str) -> set[str]:
    """The word itself, and its pieces with its beginning and end marked."""
    whole = f"<{sound}>"
    pieces = {whole[at : at + size] for size in PIECES for at in range(len(whole) - size + 1)}
    return {stem, *(f"#{piece}" for piece in pieces)}


def feature_of_pair(one: str, other: str) -> str:
    """Two words that follow each other."""
    return f"{one}_{other}"


@lru_cache(maxsize=4096)
def _of_word(stem: str, sound: str) -> _Telling:
    return _weights().of(features_of_word(stem, sound))


@lru_cache(maxsize=4096)
def _of_pair(one: str, other: str) -> _Telling:
    return _weights().of({feature_of_pair(one, other)})


@cache
def _weights() -> _Weights:
    net = msgspec.msgpack.decode(data("likeness.msgpack").read_bytes(), type=Net)
    number = {feature: at for at, feature in enumerate(net.features)}
    so_now = net.classes.index(SO_NOW)
    return _Weights(
        net, so_now, number, array("I", net.starts), array("H", net.classes_of), array("b", net.steps)
    )
