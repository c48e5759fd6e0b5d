"""text → facts. The interface stays when the rules grow or a model stands beside them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from ayni.qhali.extraction.assertion import STOPS, Assertions
from ayni.qhali.extraction.bare_answer import bare_answer
from ayni.qhali.extraction.facts import Fact, Severity, Status, read_table
from ayni.qhali.extraction.onset import Onset, onsets
from ayni.qhali.extraction.onset_of_list import Mention, with_onsets_of_lists
from ayni.qhali.extraction.phrases import Match, Phrasebook, phrase
from ayni.qhali.extraction.severity import severity_near
from ayni.qhali.extraction.words import Word, words_of

CLAUSE_ENDS = STOPS | {",", "y", "e"}

MENTIONS_MAX = 10
"""Who names the same thing oftener in one answer says nothing new by it. The bound is for each thing and not
for the answer: a flood of one word costs little, and a danger named after it is heard."""


@dataclass(frozen=True, slots=True)
class Sense:
    """What an everyday phrase means; some phrases are severe by themselves ("no puedo respirar")."""

    code: str
    severity: Severity | None


@cache
def _lexicon() -> Phrasebook[Sense]:
    return Phrasebook(
        phrase(row["phrase"], Sense(row["code"], Severity(row["severity"]) if row["severity"] else None))
        for row in read_table("lexicon.csv")
    )


def extract(text: str, *, turn: int, asked: str | None = None, today: date) -> list[Fact]:
    """The facts of one turn, in reading order.

    `asked` is the concept of the question just put, so that a bare "no" or "sí" is an answer to it.
    `today` is the day of the turn, from which "hace tres días" counts back.
    """
    words = words_of(text)
    matches = _lexicon().find(words)
    taken = frozenset(position for match in matches for position in match.used)
    reading = _Reading(text, words, Assertions(words, taken), onsets(words, today), turn)
    mentions = [Mention(match, reading.fact(match)) for match in _first_mentions(matches)]
    facts = with_onsets_of_lists(words, mentions, reading.onsets)
    if asked is not None and asked not in {fact.concept for fact in facts}:
        facts += bare_answer(text, words, taken, turn=turn, asked=asked)
    return _once_each(facts)


def _first_mentions(matches: Iterable[Match[Sense]]) -> Iterator[Match[Sense]]:
    """Every match up to the bound of its own sense."""
    mentions: Counter[Sense] = Counter()
    for match in matches:
        mentions[match.phrase.meaning] += 1
        if mentions[match.phrase.meaning] <= MENTIONS_MAX:
            yield match


@dataclass(frozen=True, slots=True)
class _Reading:
    """One text, with what is read of it as a whole and once."""

    text: str
    words: Sequence[Word]
    assertions: Assertions
    onsets: Sequence[Onset]
    turn: int

    def fact(self, match: Match[Sense]) -> Fact:
        """What one match says."""
        first, last = _clause(self.words, match)
        start, end = self.words[first].start, self.words[last].end
        sense = match.phrase.meaning
        return Fact(
            concept=sense.code,
            status=self.assertions.about(match),
            quote=self.text[start:end],
            turn=self.turn,
            start=start,
            end=end,
            since=next((each.since for each in self.onsets if start <= each.start and each.end <= end), None),
            severity=sense.severity or severity_near(self.words, match.first, match.last),
        )


def _clause(words: Sequence[Word], match: Match[Sense]) -> tuple[int, int]:
    """The clause around a match, so that the reader of the quote sees how it was said."""
    first, last = match.first, match.last
    while first > 0 and words[first - 1].text not in CLAUSE_ENDS:
        first -= 1
    while last + 1 < len(words) and words[last + 1].text not in CLAUSE_ENDS:
        last += 1
    while words[first].text in {"¿", "¡"} and first < match.first:
        first += 1
    return first, last


def _once_each(facts: Sequence[Fact]) -> list[Fact]:
    """One fact per concept and status: the citizen's first words for it, and the gravest of what they add."""
    once: dict[tuple[str, Status], Fact] = {}
    for fact in facts:
        first = once.setdefault((fact.concept, fact.status), fact)
        if fact.severity is Severity.SEVERE:
            once[fact.concept, fact.status] = replace(first, severity=Severity.SEVERE)
    return list(once.values())
