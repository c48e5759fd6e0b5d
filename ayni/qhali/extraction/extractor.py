"""text → facts. The interface stays when the rules grow or a model stands beside them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from ayni.qhali.extraction.assertion import STOPS, Assertions
from ayni.qhali.extraction.bare_answer import bare_answer
from ayni.qhali.extraction.facts import Fact, Severity, Status, read_table
from ayni.qhali.extraction.onset import onsets
from ayni.qhali.extraction.phrases import Match, Phrasebook, phrase
from ayni.qhali.extraction.severity import severity_near
from ayni.qhali.extraction.words import Word, words_of

CLAUSE_ENDS = STOPS | {",", "y", "e"}


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
    assertions = Assertions(words, taken)
    facts = [_fact(text, words, match, assertions, turn, today) for match in matches]
    if asked is not None and asked not in {fact.concept for fact in facts}:
        facts += bare_answer(text, words, taken, turn=turn, asked=asked)
    return _once_each(facts)


def _fact(
    text: str, words: Sequence[Word], match: Match[Sense], assertions: Assertions, turn: int, today: date
) -> Fact:
    first, last = _clause(words, match)
    start, end = words[first].start, words[last].end
    since = next((onset for onset in onsets(words, today) if start <= onset.start and onset.end <= end), None)
    sense = match.phrase.meaning
    return Fact(
        concept=sense.code,
        status=assertions.about(match),
        quote=text[start:end],
        turn=turn,
        start=start,
        end=end,
        since=since.since if since else None,
        severity=sense.severity or severity_near(words, match.first, match.last),
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
