"""Words that are almost a word of the tables: one or two letters wrong, missing, doubled or swapped.

Guarded, because most near words are simply other words: nothing up to five letters, one slip up to eight, two
from nine, the first letter right, and never a word of `not_typos.txt`. An index by deletions finds the
candidates (the idea of SymSpell), an optimal string alignment distance decides.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache

from ayni.qhali.extraction.spelling import key_of
from ayni.qhali.extraction.tables import data

LETTERS_MIN = 6
TWO_SLIPS_LETTERS_MIN = 9


def slips_allowed(word: str) -> int:
    """How many slips a word of this length may have."""
    if len(word) < LETTERS_MIN:
        return 0
    return 2 if len(word) >= TWO_SLIPS_LETTERS_MIN else 1


@cache
def not_typos() -> frozenset[str]:
    """How those words sound that are near to a word of the tables and mean something else."""
    lines = data("not_typos.txt").read_text("utf-8").splitlines()
    return frozenset(key_of(word) for line in lines if not line.startswith("#") for word in line.split())


class NearWords:
    """The words of a table, to be found by a misspelling of theirs."""

    def __init__(self, words: Iterable[str]) -> None:
        self._by_deletion: dict[str, list[str]] = defaultdict(list)
        for word in words:
            for shorter in _deletions(word, slips_allowed(word)):
                self._by_deletion[shorter].append(word)

    def near(self, word: str) -> list[str]:
        """The nearest words of the table within the slips that this word may have; [] when there is none."""
        slips = slips_allowed(word)
        found = {each for shorter in _deletions(word, slips) for each in self._by_deletion.get(shorter, ())}
        ranked = [(distance(word, each), each) for each in found if each[0] == word[0]]
        allowed = [(far, each) for far, each in ranked if far <= min(slips, slips_allowed(each))]
        nearest = min((far for far, _ in allowed), default=0)
        return [each for far, each in allowed if far == nearest]


def _deletions(word: str, slips: int) -> Iterator[str]:
    if not slips:
        return
    yield word
    shorter = {word}
    for _ in range(slips):
        shorter = {each[:at] + each[at + 1 :] for each in shorter for at in range(len(each))}
        yield from shorter


def distance(one: str, other: str) -> int:
    """Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours."""
    before, last = list[int](), list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        line = [row]
        for column, other_letter in enumerate(other, start=1):
            cost = letter != other_letter
            best = min(last[column] + 1, line[column - 1] + 1, last[column - 1] + cost)
            is_swap = row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == other_letter
            line.append(min(best, before[column - 2] + 1) if is_swap else best)
        before, last = last, line
    return last[-1]
