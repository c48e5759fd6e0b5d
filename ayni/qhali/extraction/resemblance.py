"""What a whole story is most like, among stories of each red flag: the net below the rules.

Some emergencies are said by no single phrase: "el lunes los dedos como con espinas, hoy no me puedo parar".
Weights learnt from invented stories (`evaluations/learn_resemblance.py`) say which red flag the story so far
is most like, and how much more than one that needs no hurry. It says nothing of what is wrong, only adds a
sign with a sentence as its quote; a floor makes a level of the sign. So it can raise a level and never lower
one.
"""

from collections.abc import Iterator, Sequence
from functools import cache, reduce
from operator import add

from ayni.qhali.extraction.facts import Fact, Status
from ayni.qhali.extraction.net import Tally, net
from ayni.qhali.extraction.phrasebook import SENTENCE_ENDS, Phrasebook
from ayni.qhali.extraction.phrases import phrases
from ayni.qhali.extraction.tables import data, families, headed_lines
from ayni.qhali.extraction.words import Word, in_one_line, words_of

FILE = "resemblance.msgpack"
EMERGENCY, LIFE = "resembles-emergency", "resembles-threat-to-life"
SIGNS = {"I": LIFE, "II": EMERGENCY}
AHEAD_LEAST = -0.3
"""So far the red flag a story is most like may stay behind saying nothing of one."""

LIFE_BEHIND = 0.1
"""Where a threat to life is so little behind another emergency, it is the one to reckon with."""

WORDS_LEAST = 7
"""A shorter text says too little to be like anything."""

SENTENCE_WORDS_LEAST = 3
BEFORE_CHARACTERS_MAX = 1500
"""So much of what was said before is read again with a new message."""

JOINTS = frozenset({"pero", "aunque", "y", "e", "que", "pues", "mas"})


def resemblances(text: str, words: Sequence[Word], turn: int, before: Sequence[str] = ()) -> list[Fact]:
    """A sign where the story so far, `before` and this message, is like an emergency; else nothing."""
    earlier = " . ".join(before)[-BEFORE_CHARACTERS_MAX:]
    own = list(sentences_of(words))
    told = [*sentences_of(list(in_one_line(words_of(earlier)))), *own]
    if not own or sum(map(len, told)) < WORDS_LEAST:
        return []
    ahead, red_flags = likest(told)
    level = "I" if ahead["I"] >= ahead["II"] - LIFE_BEHIND else "II"
    if ahead[level] < AHEAD_LEAST:
        return []
    learnt = net(FILE)
    sentence = max(own, key=lambda each: learnt.score(learnt.tellings(each), red_flags[level]))
    start, end = sentence[0].start, sentence[-1].end
    sign, quote = SIGNS[level], text[start:end]
    return [Fact(concept=sign, status=Status.PRESENT, quote=quote, turn=turn, start=start, end=end)]


Likest = tuple[dict[str, float], dict[str, int]]
"""For level I and II: how far its likest red flag is ahead of saying nothing, and the class of it."""


def likest(story: Sequence[Sequence[Word]]) -> Likest:
    """What a story of so many sentences is most like: as a whole, or without the one that says least of it.

    So a sentence more never takes away what the others say.
    """
    distinct = {tuple(word.stem for word in sentence): sentence for sentence in story}
    learnt = net(FILE)
    tallies = [learnt.tally(learnt.tellings(sentence)) for sentence in distinct.values()]
    whole = reduce(add, tallies)
    without_one = [whole - each for each in tallies] if len(tallies) > 1 else []
    return max((_likest(each) for each in (whole, *without_one)), key=lambda each: max(each[0].values()))


def _likest(tally: Tally) -> Likest:
    scores = net(FILE).scores(tally)
    red_flags = {level: max(numbers, key=scores.__getitem__) for level, numbers in _of_levels().items()}
    return {level: scores[of] - scores[net(FILE).nothing] for level, of in red_flags.items()}, red_flags


@cache
def _of_levels() -> dict[str, list[int]]:
    """The numbers of the classes of each level; a class is "RF40:I"."""
    numbered = [(each.partition(":")[2], number) for number, each in enumerate(net(FILE).classes)]
    return {level: [number for of, number in numbered if of == level] for level in SIGNS}


def sentences_of(words: Sequence[Word]) -> Iterator[list[Word]]:
    """The words of each sentence, without punctuation and without what only makes less of it.

    A sentence of two words ("soy mujer", "buenas tardes") is left out: it says who somebody is, or nothing.
    """
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
    if len(sentence) >= SENTENCE_WORDS_LEAST:
        yield sentence


@cache
def _minimising() -> Phrasebook[None]:
    lines = (line for _, line in headed_lines(data("minimising.txt")))
    return Phrasebook(phrase for line in lines for phrase in phrases(line, None, families()))
