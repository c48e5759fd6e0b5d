"""What a clause is most like, among many ways of saying each thing: the net below the phrases.

A phrase that nobody thought of is found by no table. Weights learnt from a corpus of clauses
(`evaluations/learn_likeness.py`) say which concept a clause is most like. What they find is a match like that
of a phrase, with its words as the quote: cues deny it or put it in the past, and rules make a level of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ayni.qhali.extraction.lexicon import Sense
from ayni.qhali.extraction.net import Telling, net
from ayni.qhali.extraction.phrases import Match, Phrase
from ayni.qhali.extraction.words import Word

FILE = "likeness.msgpack"
SO_NOW = "+"
"""The class of the clauses that say what is so now, whatever it is."""

LIKE_LEAST, SO_LEAST = -0.5, 0.2
"""How much a clause is like a concept, and like what is said of now, at least."""

CLAUSE_WORDS = 8
STEP_WORDS = 4
"""A longer clause, as in speech written without punctuation, is read in overlapping parts."""

WORDS_LEAST = 2
JOINTS = frozenset({"y", "e", "pero", "aunque", "porque"})
SHARE_OF_MOST = 0.3
"""Words that tell for a concept at least so much as the one that tells most are its words."""

Part = tuple[int, ...]
"""The positions of the words of a clause, or of a part of a long one."""


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
        found = None if taken.issuperset(part) else _most_like(words, part)
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
    learnt = net(FILE)
    tellings = learnt.tellings([words[at] for at in part])
    so_now = len(learnt.classes) - 1
    if learnt.score(tellings, so_now) < SO_LEAST:
        return None
    scores = learnt.scores(learnt.tally(tellings))
    most = max(range(so_now), key=scores.__getitem__)
    if most == learnt.nothing or scores[most] < LIKE_LEAST:
        return None
    by_word = [learnt.of_word(words[at].stem, words[at].sound) for at in part]
    return _Likeness(learnt.classes[most], scores[most], _tellers(part, by_word, most))


def _tellers(part: Part, by_word: Sequence[Telling], concept: int) -> Part:
    """The words that tell for a concept."""
    tells = [each.steps.get(concept, 0) for each in by_word]
    least = max(tells) * SHARE_OF_MOST
    return tuple(at for at, much in zip(part, tells, strict=True) if much >= least and much > 0) or part
