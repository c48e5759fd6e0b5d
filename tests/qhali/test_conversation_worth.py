"""What an answer is worth: how urgent a rule it could make fire, and how many answers that takes."""

from datetime import date

import pytest

from ayni.qhali.conversation.worth import DONE, FURTHER_ANSWER, IMPOSSIBLE, WORTH, Missing, worths
from ayni.qhali.extraction import Age, extract
from ayni.qhali.redflags import Evidence, Persona
from ayni.qhali.redflags.expression import parse

TODAY = date(2026, 11, 23)
MAN = Persona(age=Age(50 * 12), sex="male")
NOBODY = frozenset[str]()


def evidence(text: str, who: Persona = MAN) -> Evidence:
    return Evidence(tuple(extract(text, turn=1, today=TODAY)), who, TODAY)


@pytest.mark.parametrize(
    ("condition", "steps", "names"),
    [
        ("fever", *DONE),
        ("cough", *IMPOSSIBLE),
        ("stiff-neck", 1, {"stiff-neck"}),
        ("stiff-neck and confusion", 2, {"stiff-neck", "confusion"}),
        ("stiff-neck or (confusion and rash)", 1, {"stiff-neck"}),
        ("2 of (fever, stiff-neck, confusion)", 1, {"stiff-neck", "confusion"}),
        ("3 of (fever, stiff-neck, cough)", *IMPOSSIBLE),
        ("severe fever", 1, {"severe fever"}),
        ("severe headache", 2, {"headache"}),
        ("fever and age < 5y", *IMPOSSIBLE),
        ("not pregnancy and rash", 1, {"rash"}),
        ("not rash", 1, {"rash"}),
        ("weeks < 37", 1, {"weeks"}),
    ],
)
def test_the_fewest_answers_that_make_a_condition_hold(condition: str, steps: int, names: set[str]) -> None:
    known = evidence("tengo fiebre, no tengo tos")
    assert Missing(known).to(parse(condition)) == (steps, frozenset(names))


def test_one_answer_to_an_emergency_is_worth_more_than_two_and_more_than_to_less() -> None:
    worth = worths(evidence("tengo fiebre"), "IV", NOBODY)
    assert worth["stiff-neck"] == WORTH["I"]  # fever with a stiff neck
    assert worth["immunosuppressed"] == WORTH["II"]
    assert worth["no-urine"] == pytest.approx(WORTH["I"] * FURTHER_ANSWER)  # one of two signs of sepsis


def test_only_what_is_more_urgent_than_now_is_worth_asking() -> None:
    known = evidence("tengo fiebre")
    assert "immunosuppressed" not in worths(known, "II", NOBODY)
    assert worths(known, "I", NOBODY) == {}


def test_a_rule_far_from_all_that_was_said_is_worth_what_the_complaint_thinks_of() -> None:
    known = evidence("me duele la rodilla")
    assert "facial-droop" not in worths(known, "IV", NOBODY)
    assert worths(known, "IV", frozenset({"facial-droop"}))["facial-droop"] == WORTH["I"]
