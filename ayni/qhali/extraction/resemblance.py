"""How much a sentence resembles what people write in an emergency: the net below the phrases.

A phrase that nobody thought of is not found by any table. Weights of words, of pairs of words and of pieces
of words, learnt from invented cases (`evaluations/learn_resemblance.py`), say how much a sentence resembles
those of emergencies. It says nothing of what is wrong, only adds a sign with the sentence as its quote; a
floor makes a level of the sign. So it can raise a level and never lower one. The same words always give the
same sign.
"""

import math
from collections.abc import Iterable, Iterator, Sequence, Set
from functools import cache
from itertools import pairwise

from ayni.qhali.extraction.facts import Fact, Status
from ayni.qhali.extraction.phrasebook import SENTENCE_ENDS, Phrasebook
from ayni.qhali.extraction.phrases import phrases
from ayni.qhali.extraction.tables import data, families, headed_lines
from ayni.qhali.extraction.words import Word

EMERGENCY, LIFE = "resembles-emergency", "resembles-threat-to-life"
EMERGENCY_LEAST = 3.0
"""High: on a round that nobody had learnt from, the net found a third of the emergencies that the phrases
missed and raised no decoy and no everyday complaint; a lower one finds few more and alarms many."""

LIFE_LEAST = 0.0
"""Above it a sentence that resembles an emergency resembles level I more than level II."""

SURER = 0.3
"""Where phrases were understood as well, they tell the one level from the other better."""

JOINTS = frozenset({"pero", "aunque", "y", "e", "que", "pues", "mas"})
WORDS_LEAST = 7
"""A shorter sentence says too little to resemble anything; openings of a complaint are that short."""

PIECE_LETTERS = 4
Weights = dict[str, tuple[float, float]]


def resemblances(text: str, words: Sequence[Word], turn: int, understood: Set[int]) -> list[Fact]:
    """A sign for each sentence that resembles an emergency enough.

    `understood` are the characters where words of a phrase begin: a threat to life is said sooner of a
    sentence of which nothing was understood.
    """
    found: list[Fact] = []
    for sentence in (*sentences_of(words), *_lines_of(words)):
        emergency, life = scores(features(sentence))
        if len(sentence) < WORDS_LEAST or emergency <= EMERGENCY_LEAST:
            continue
        is_new = understood.isdisjoint(word.start for word in sentence)
        code = LIFE if life > (LIFE_LEAST if is_new else SURER) else EMERGENCY
        start, end = sentence[0].start, sentence[-1].end
        quote = text[start:end]
        found.append(Fact(concept=code, status=Status.PRESENT, quote=quote, turn=turn, start=start, end=end))
    return found


def _lines_of(words: Sequence[Word]) -> Iterator[list[Word]]:
    """Each line by itself, where there are several: two messages may be two things as well as one."""
    begins = [0, *(at for at, word in enumerate(words) if word.begins_line), len(words)]
    if len(begins) > 2:
        for begin, end in pairwise(begins):
            yield from sentences_of(words[begin:end])


def sentences_of(words: Sequence[Word]) -> Iterator[list[Word]]:
    """The words of each sentence, without punctuation and without what only makes less of it."""
    left_out = {at for match in _minimising().find(words) for at in range(match.first, match.last + 1)}
    sentence: list[Word] = []
    for at, word in enumerate(words):
        if word.text in SENTENCE_ENDS:
            yield from _without_joints(sentence)
            sentence = []
        elif word.text[0].isalnum() and at not in left_out:
            sentence.append(word)
    yield from _without_joints(sentence)


def _without_joints(sentence: list[Word]) -> Iterator[list[Word]]:
    """The sentence without the "pero" that joined it to what was left out; nothing when nothing is left."""
    while sentence and sentence[0].text in JOINTS:
        sentence = sentence[1:]
    while sentence and sentence[-1].text in JOINTS:
        sentence = sentence[:-1]
    if sentence:
        yield sentence


def features(sentence: Sequence[Word]) -> frozenset[str]:
    """What a sentence is made of: stems, neighbouring stems, and pieces of four letters over all of them."""
    stems = [word.stem for word in sentence]
    whole = " ".join(stems)
    pieces = (whole[at : at + PIECE_LETTERS] for at in range(len(whole) - PIECE_LETTERS + 1))
    pairs = (f"{one}_{other}" for one, other in pairwise(stems))
    return frozenset([*stems, *pairs, *(f"#{piece}" for piece in pieces)])


def scores(found: Iterable[str]) -> tuple[float, float]:
    """How much features resemble an emergency, and a threat to life rather than another emergency."""
    weights, named = _weights(), list(found)
    known = [weights[each] for each in named if each in weights]
    scale = math.sqrt(len(named) or 1)
    bias = weights[""]
    return (
        bias[0] + math.fsum(each[0] for each in known) / scale,
        bias[1] + math.fsum(each[1] for each in known) / scale,
    )


@cache
def _minimising() -> Phrasebook[None]:
    lines = (line for _, line in headed_lines(data("minimising.txt")))
    return Phrasebook(phrase for line in lines for phrase in phrases(line, None, families()))


@cache
def _weights() -> Weights:
    rows = (line.split("\t") for line in data("resemblance.tsv").read_text("utf-8").splitlines())
    return {feature: (float(emergency), float(life)) for feature, emergency, life in rows}
