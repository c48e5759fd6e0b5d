"""A line break joins what is said, and borders what takes something away."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ayni.qhali.extraction import Status, understand
from ayni.qhali.extraction.words import in_one_line, words_of
from ayni.qhali.redflags import LEVELS, Evidence, Persona, orient

TODAY = date(2026, 11, 20)
CASES = Path(__file__).parents[3] / "evaluations/development/rf_es_dev.jsonl"
BLANKS = ("\t", "  ", "\u00a0", " \u2009")
BREAKS = ("\n", "\r\n", "\r", "\u2028", "\u2029", "\x85")


def positives() -> list[str]:
    cases: list[dict[str, Any]] = [json.loads(line) for line in CASES.read_text("utf-8").splitlines()]
    turns = (turn for case in cases if case["kind"] == "positive" for turn in case["turns"])
    return [turn for turn in turns if isinstance(turn, str)]


def statuses(text: str) -> dict[str, Status]:
    return {fact.concept: fact.status for fact in understand(text, turn=1, today=TODAY).facts}


def urgency(text: str) -> int:
    """0 for level I; nothing clinical counts as the least urgent."""
    said = understand(text, turn=1, today=TODAY)
    level = orient(Evidence(said.facts, Persona(), TODAY, said.measured)).level
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)


@pytest.mark.parametrize("line_break", BREAKS)
def test_a_phrase_runs_over_every_kind_of_line_break(line_break: str) -> None:
    text = f"no puedo{line_break}respirar"
    (fact,) = understand(text, turn=1, today=TODAY).facts
    assert (fact.concept, fact.status, fact.quote) == ("dyspnea", Status.PRESENT, text)


def test_an_answer_over_two_lines_is_no_bare_no() -> None:
    said = understand("no puedo\nrespirar", turn=1, asked="fever", today=TODAY)
    assert {fact.concept: fact.status for fact in said.facts} == {"dyspnea": Status.PRESENT}


def test_a_no_alone_on_its_line_answers_and_denies_nothing_below() -> None:
    said = understand("no\nme duele el pecho", turn=1, asked="fever", today=TODAY)
    found = {fact.concept: fact.status for fact in said.facts}
    assert found == {"fever": Status.ABSENT, "chest-pain": Status.PRESENT}


def test_a_denial_ends_with_its_line() -> None:
    assert statuses("no tengo fiebre\ntos seca") == {"fever": Status.ABSENT, "cough": Status.PRESENT}
    assert statuses("tos no\nfiebre si") == {"cough": Status.ABSENT, "fever": Status.PRESENT}


def test_a_denial_after_the_thing_waits_for_its_verb() -> None:
    assert statuses("la tos no\nse me quita")["cough"] is Status.PRESENT
    assert statuses("el dolor de cabeza no\ncede")["headache"] is Status.PRESENT


def test_punctuation_is_a_border_that_no_phrase_runs_over() -> None:
    assert statuses("me duele. El pecho lo tengo bien") == {}


def test_the_past_ends_with_its_line() -> None:
    assert statuses("el año pasado tuve asma\nme duele el pecho")["chest-pain"] is Status.PRESENT


@pytest.mark.parametrize("blank", BLANKS)
def test_blanks_of_any_kind_are_one_blank(blank: str) -> None:
    for text in positives():
        spread = words_of(text.replace(" ", blank))
        assert [word.text for word in spread] == [word.text for word in words_of(text)]


def test_no_line_break_anywhere_makes_an_emergency_less_urgent() -> None:
    """Every blank of every positive development case, one at a time."""
    for text in positives():
        before = urgency(text)
        for blank in re.finditer(" ", text[:400]):
            broken = f"{text[: blank.start()]}\n{text[blank.end() :]}"
            assert urgency(broken) <= before, broken


def test_the_words_of_a_line_know_that_it_begins() -> None:
    words = list(in_one_line(words_of("uno dos\n\ntres")))
    assert [(word.text, word.begins_line, word.start) for word in words] == [
        ("uno", False, 0),
        ("dos", False, 4),
        ("tres", True, 9),
    ]
