"""The net below the phrases: it finds what no phrase says, only adds, and quotes the citizen."""

from datetime import date

import pytest

from ayni.qhali.evaluation.cases import read_cases
from ayni.qhali.extraction import Status, extractor, understand
from ayni.qhali.extraction.lexicon import lexicon
from ayni.qhali.extraction.likeness import CLAUSE_WORDS, likenesses, parts
from ayni.qhali.extraction.words import in_one_line, words_of
from tests.qhali.redflags.test_added_words import EVALUATIONS

TODAY = date(2026, 11, 25)
CASES = read_cases([EVALUATIONS / "development" / "rf_es_dev.jsonl"])
TEXTS = [turn for case in CASES for turn in case.turns]


def found(text: str) -> dict[str, str]:
    """The concepts that the net alone finds, with the words it goes by."""
    words = list(in_one_line(words_of(text)))
    matches = likenesses(words, list(lexicon().find(words)))
    return {
        each.phrase.meaning.code: text[words[each.first].start : words[each.last].end] for each in matches
    }


@pytest.mark.parametrize(
    ("concept", "text"),
    [
        ("nasal-flaring", "se le abren los huequitos de la nariz cada vez que bota el aire"),
        ("swelling-face", "la cara me amaneció redonda como luna"),
    ],
)
def test_a_clause_no_phrase_says_is_found_with_its_words(concept: str, text: str) -> None:
    words = list(in_one_line(words_of(text)))
    assert concept not in {match.phrase.meaning.code for match in lexicon().find(words)}
    assert found(text)[concept] in text
    (fact,) = (fact for fact in understand(text, turn=1, today=TODAY).facts if fact.concept == concept)
    assert fact.status is Status.PRESENT
    assert text[fact.start : fact.end] == fact.quote


def test_it_only_adds(monkeypatch: pytest.MonkeyPatch) -> None:
    with_net = [understand(text, turn=1, today=TODAY).facts for text in TEXTS]
    monkeypatch.setattr(extractor, "likenesses", lambda words, matches: [])
    by_phrases = [understand(text, turn=1, today=TODAY).facts for text in TEXTS]
    for heard, before in zip(with_net, by_phrases, strict=True):
        told = {(fact.concept, fact.status) for fact in heard}
        assert {(fact.concept, fact.status) for fact in before} <= told


def test_what_it_finds_is_only_thought_of_where_cues_say_so() -> None:
    told = understand("¿y si algún día amanezco con la cara redonda como luna?", turn=1, today=TODAY)
    assert [fact.status for fact in told.facts] == [Status.HYPOTHETICAL]


def test_an_answer_is_read_by_phrases_alone() -> None:
    text = "la cara me amaneció redonda como luna"
    assert not understand(text, turn=1, today=TODAY, story=None).facts
    assert understand(text, turn=1, today=TODAY).facts


def test_a_long_clause_is_read_in_parts_that_leave_no_word_out() -> None:
    words = list(in_one_line(words_of(" ".join(f"palabra{n}" for n in "abcdefghijklmnopqrstu"))))
    read = list(parts(words))
    assert {at for part in read for at in part} == set(range(len(words)))
    assert max(map(len, read)) == CLAUSE_WORDS
