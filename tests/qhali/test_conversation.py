"""The interview asks only what can change the level, and stops at once in an emergency."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from ayni.qhali.conversation import OPEN, Conversation, next_question, question, turns
from ayni.qhali.conversation.planner import WARNING_SIGNS_MAX
from ayni.qhali.conversation.questions import SEVERE, SIGN, SINCE, warning_signs
from ayni.qhali.extraction import Severity, Status, concepts, understand
from ayni.qhali.redflags import LEVELS, orient, rules
from ayni.wire.clock import LIMA

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=LIMA)
TODAY = NOW.date()


def talk(*answers: str, then: str = "no") -> Conversation:
    """A whole conversation: these answers, and `then` to whatever is asked after them."""
    conversation, sayings = Conversation(), iter(answers)
    for _ in range(12):
        asked = next_question(conversation, TODAY)
        if asked is None:
            return conversation
        conversation = conversation.answered(asked, next(sayings, then), said_at=NOW)
    raise AssertionError("the interview does not end")


def asked(conversation: Conversation) -> list[str]:
    return [turn.question.id for turn in conversation.turns]


def level(conversation: Conversation) -> str | None:
    return conversation.orientation(TODAY).level


def test_the_first_question_is_open_and_then_since_when() -> None:
    assert asked(talk("me duele la garganta", "ayer")) == ["open", "since"]


def test_an_onset_already_told_is_not_asked() -> None:
    assert "since" not in asked(talk("me duele la garganta desde ayer"))


def test_the_example_of_the_readme_is_understood_whole() -> None:
    conversation = talk("tengo tos con flema y fiebre desde hace tres días")
    assert "since" not in asked(conversation)
    assert [(fact.concept, fact.since) for fact in conversation.affirmed] == [
        ("productive-cough", date(2026, 11, 20)),
        ("fever", date(2026, 11, 20)),
    ]


@pytest.mark.parametrize("complaint", ["tengo tos", "tengo fiebre", "me duele el pecho", "tengo diarrea"])
def test_no_more_than_three_warning_signs_are_asked(complaint: str) -> None:
    kinds = [turn.question.kind for turn in talk(complaint, "ayer").turns]
    assert 0 < sum(kind in (SIGN, SEVERE) for kind in kinds) <= WARNING_SIGNS_MAX


def test_an_emergency_stops_the_questions() -> None:
    conversation = talk("no puedo respirar")
    assert (asked(conversation), level(conversation)) == (["open"], "I")


def test_what_is_not_understood_is_asked_again_until_a_symptom_is_named() -> None:
    assert asked(talk("quiero sacar cita", "hola", "me duele la garganta desde ayer")) == [
        "open",
        "open-again",
        "open-again",
    ]


@pytest.mark.parametrize("complaint", ["tengo tos", "me duele la cabeza", "tengo diarrea", "estoy triste"])
def test_only_questions_that_can_raise_the_level_are_asked(complaint: str) -> None:
    turns = talk(complaint, "ayer").turns
    for number, turn in enumerate(turns):
        evidence = Conversation(turns[:number]).evidence(TODAY)
        more_urgent = LEVELS[: LEVELS.index(orient(evidence).level or "IV")]
        undecided = [rule for rule in rules() if rule.level in more_urgent and rule.holds(evidence) is None]
        if turn.question.concept:
            assert any(turn.question.concept in rule.concepts for rule in undecided), turn.question.id


def test_a_bare_answer_becomes_a_fact_about_the_question() -> None:
    conversation = Conversation().answered(OPEN, "tengo tos", said_at=NOW)
    conversation = conversation.answered(question("sign:hemoptysis"), "no", said_at=NOW)
    assert {fact.concept: fact.status for fact in conversation.facts} == {
        "cough": Status.PRESENT,
        "hemoptysis": Status.ABSENT,
    }


def test_a_warning_sign_met_with_something_else_stays_in_doubt_and_raises() -> None:
    conversation = Conversation().answered(OPEN, "tengo tos desde ayer", said_at=NOW)
    conversation = conversation.answered(question("sign:hemoptysis"), "hace frío", said_at=NOW)
    assert conversation.facts[-1].status is Status.UNCERTAIN
    assert level(conversation) == "III"


@pytest.mark.parametrize(
    ("answer", "severity", "becomes"),
    [
        ("sí", Severity.SEVERE, "II"),
        ("no", Severity.MODERATE, "IV"),
        ("no sé", Severity.UNKNOWN, "III"),
    ],
)
def test_how_strong_it_is_decides_or_leaves_a_doubt(answer: str, severity: Severity, becomes: str) -> None:
    conversation = Conversation().answered(OPEN, "me duele la barriga", said_at=NOW)
    conversation = conversation.answered(question("severity:abdominal-pain"), answer, said_at=NOW)
    assert (conversation.facts[0].status, conversation.facts[0].severity) == (Status.PRESENT, severity)
    assert level(conversation) == becomes


def test_the_answer_to_since_when_dates_what_was_named_before() -> None:
    conversation = talk("me duele la garganta", "hace tres días")
    assert f"{conversation.facts[0].since}" == "2026-11-20"


def test_later_words_never_take_a_symptom_away() -> None:
    conversation = Conversation().answered(OPEN, "tengo fiebre", said_at=NOW)
    conversation = conversation.answered(OPEN, "mi esposo dice que no tengo fiebre", said_at=NOW)
    assert [fact.status for fact in conversation.facts] == [Status.PRESENT]


def test_the_facts_of_a_turn_are_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    turns.forget_turns()
    monkeypatch.setattr(
        turns, "understand", lambda text, **given: read.append(text) or understand(text, **given)
    )
    first = Conversation().answered(OPEN, "tengo tos", said_at=NOW).answered(SINCE, "ayer", said_at=NOW)
    for _ in range(3):
        first = Conversation(tuple(replace(turn) for turn in first.turns))  # as read again from the file
        assert next_question(first, TODAY)
        assert level(first) == "IV"
    then = first.answered(question("sign:dyspnea"), "sí", said_at=NOW)
    assert [fact.concept for fact in then.facts] == ["cough", "dyspnea"]
    assert read == ["tengo tos", "ayer", "sí"]


def test_minimising_words_do_not_lower_the_level() -> None:
    plain, minimised = "no puedo respirar", "no puedo respirar, pero mi esposo dice que exagero y no es nada"
    assert level(talk(plain)) == level(talk(minimised)) == "I"


def test_the_age_in_an_answer_counts() -> None:
    assert level(talk("mi bebé de un mes tiene fiebre")) == "I"


def test_every_question_asks_a_known_concept_in_a_short_sentence() -> None:
    known = {*concepts(), "age"}
    for each in warning_signs():
        assert each.concept in known
        assert each.when <= known
        assert len(each.text.split()) <= 15, each.text
        assert question(each.id) is each
