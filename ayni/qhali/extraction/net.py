"""A learnt linear net: what words tell for and against each class, as scripts of `evaluations/` learn it.

A text is made of features: stems, pairs of stems, and pieces of words. Its score for a class is the sum of
their weights over the square root of their number, and the bias of the class. The same words always give the
same score.
"""

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain, pairwise
from operator import add, sub

import msgspec

from ayni.qhali.extraction.tables import data
from ayni.qhali.extraction.words import Word

NOTHING = "-"
"""The class of the texts that say nothing of a sickness."""

PIECES = (4, 5)
CACHED_WORDS = 4096


class Weights(msgspec.Struct, frozen=True):
    """The weights of feature number f are those from `starts[f]` to `starts[f + 1]`, each for a class.

    A weight is a step of `scale`; all arrays are little-endian: `starts` has 32, `classes_of` 16, `steps` 8
    bits.
    """

    classes: list[str]
    bias: list[float]
    features: list[str]
    scale: float
    starts: bytes
    classes_of: bytes
    steps: bytes


@dataclass(frozen=True, slots=True)
class Telling:
    """How many steps a word or a pair tells for or against each class, by its number."""

    steps: Mapping[int, int]
    features: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What several of them tell for or against each class, by its number."""

    steps: Sequence[int]
    features: int

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(list(map(add, self.steps, other.steps)), self.features + other.features)

    def __sub__(self, other: "Tally") -> "Tally":
        return Tally(list(map(sub, self.steps, other.steps)), self.features - other.features)


UNKNOWN = Telling({}, 1)
"""What a pair tells that was in no text that was learnt from, as most are."""


class Net:
    """The weights of one file of the data, ready for looking up."""

    def __init__(self, name: str) -> None:
        self._told = msgspec.msgpack.decode(data(name).read_bytes(), type=Weights)
        self._number = {feature: at for at, feature in enumerate(self._told.features)}
        self._starts: Sequence[int] = array("I", self._told.starts)
        self._classes_of: Sequence[int] = array("H", self._told.classes_of)
        self._steps: Sequence[int] = array("b", self._told.steps)
        self.classes: Sequence[str] = self._told.classes
        self.nothing = self.classes.index(NOTHING)
        self.of_word = lru_cache(CACHED_WORDS)(self._of_word)
        self.of_feature = lru_cache(CACHED_WORDS)(self._of_feature)

    def tellings(self, words: Sequence[Word]) -> list[Telling]:
        """What each word and each pair tells; what is said again tells no more."""
        by_word = {(word.stem, word.sound): self.of_word(word.stem, word.sound) for word in words}
        pairs = {feature_of_pair(one.stem, other.stem) for one, other in pairwise(words)}
        numbers = [self._number.get(pair) for pair in pairs]
        known = (UNKNOWN if number is None else self.of_feature(number) for number in numbers)
        return [*by_word.values(), *known]

    def tally(self, tellings: Sequence[Telling]) -> Tally:
        """All of them together."""
        total = [0] * len(self.classes)
        for number, steps in chain.from_iterable(each.steps.items() for each in tellings):
            total[number] += steps
        return Tally(total, sum(each.features for each in tellings))

    def scores(self, tally: Tally) -> list[float]:
        """The score of each class, by its number."""
        step = self._told.scale / math.sqrt(tally.features or 1)
        return [steps * step + bias for steps, bias in zip(tally.steps, self._told.bias, strict=True)]

    def score(self, tellings: Sequence[Telling], number: int) -> float:
        """The score of one class."""
        steps = sum(each.steps.get(number, 0) for each in tellings)
        features = sum(each.features for each in tellings)
        return steps * self._told.scale / math.sqrt(features or 1) + self._told.bias[number]

    def _of_word(self, stem: str, sound: str) -> Telling:
        features = features_of_word(stem, sound)
        total: defaultdict[int, int] = defaultdict(int)
        for feature in features:
            number = self._number.get(feature)
            if number is not None:
                for of, steps in self._steps_of(number):
                    total[of] += steps
        return Telling(total, len(features))

    def _of_feature(self, number: int) -> Telling:
        return Telling(dict(self._steps_of(number)), 1)

    def _steps_of(self, number: int) -> Iterable[tuple[int, int]]:
        first, end = self._starts[number], self._starts[number + 1]
        return zip(self._classes_of[first:end], self._steps[first:end], strict=True)


@cache
def net(name: str) -> Net:
    """The net of a file of the data, read once."""
    return Net(name)


def features_of_word(stem: str, sound: str) -> set[str]:
    """The word itself, and its pieces with its beginning and end marked."""
    whole = f"<{sound}>"
    pieces = {whole[at : at + size] for size in PIECES for at in range(len(whole) - size + 1)}
    return {stem, *(f"#{piece}" for piece in pieces)}


def feature_of_pair(one: str, other: str) -> str:
    """Two words that follow each other."""
    return f"{one}_{other}"
