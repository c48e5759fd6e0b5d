"""The lexicon as data: every concept in many ways of saying it, every phrase readable."""

from collections import Counter

import pytest

from ayni.qhali.extraction import concepts
from ayni.qhali.extraction.bystanders import IN_DANGER
from ayni.qhali.extraction.lexicon import lexicon
from ayni.qhali.extraction.phrases import phrases
from ayni.qhali.extraction.references import BARE, IDIOM, STRONG_PAIN
from ayni.qhali.extraction.resemblance import EMERGENCY, LIFE
from ayni.qhali.extraction.tables import data, families, headed_lines

TABLES = sorted(data("lexicon").iterdir(), key=lambda table: table.name)
SPELLINGS_MIN = 10


def lines() -> list[tuple[str, str]]:
    return [row for table in TABLES for row in headed_lines(table)]


def ways_of_saying(line: str) -> int:
    """How many rows of words one line stands for, at the least: its richest word."""
    words = line.partition(": ")[2] or line
    return max(sum(map(spellings, word.split("|"))) for word in words.split())


def spellings(word: str) -> int:
    """A word, or every word of its family."""
    return sum(map(spellings, families()[word[1:]])) if word.startswith("@") else 1


def test_every_concept_is_said_in_at_least_ten_ways() -> None:
    ways: Counter[str] = Counter()
    for code, line in lines():
        ways[code] += ways_of_saying(line)
    symptoms = {code for code, concept in concepts().items() if concept.is_symptom}
    assert {code: ways[code] for code in symptoms if ways[code] < SPELLINGS_MIN} == {}


def test_every_heading_is_a_concept_and_every_sign_is_said_somehow() -> None:
    headings = {code for code, _ in lines()} - {IDIOM, *BARE, STRONG_PAIN}
    assert headings == set(concepts()) - {EMERGENCY, LIFE, IN_DANGER}


def test_nothing_stands_twice() -> None:
    assert [row for row, count in Counter(lines()).items() if count > 1] == []


def test_a_line_that_begins_with_a_gap_or_has_an_empty_side_is_refused() -> None:
    for text in ("* fiebre", "fiebre & * tos"):
        with pytest.raises(ValueError, match="begins with a word"):
            list(phrases(text, None, families()))
    with pytest.raises(KeyError):
        list(phrases("@nosuchfamily", None, families()))


def test_the_lexicon_is_read_once() -> None:
    assert lexicon() is lexicon()
