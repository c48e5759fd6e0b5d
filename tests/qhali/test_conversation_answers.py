"""Answers to lists, to topics and to "how strong": what is said to which item, with its characters."""

from datetime import datetime

import pytest

from ayni.qhali.conversation import OPEN, Conversation, Question, Turn, next_question, question
from ayni.qhali.extraction import Severity, Status
from ayni.wire.clock import LIMA

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=LIMA)
NECK = question("list:sign:stiff-neck+sign:purple-spots+sign:confusion")
BACKGROUND = question("list:topic:conditions+topic:medication+topic:allergies")


def heard(asked: Question, text: str) -> dict[str, str]:
    """The status of each concept, and that every quote stands where it says."""
    turn = Turn(1, asked, text, NOW)
    for fact in turn.facts:
        assert text[fact.start : fact.end] == fact.quote
    return {fact.concept: fact.status.value for fact in turn.facts}


@pytest.mark.parametrize(
    "text",
    [
        "1. sí\n2. no\n3. no",
        "1 si 2 no 3 no",
        "1) sí, un poco duro; 2) no; 3) nada de eso",
        "1",
        "1.",
        "1. Sí. 2. No. 3. No",
    ],
)
def test_a_list_is_answered_by_its_numbers(text: str) -> None:
    assert heard(NECK, text) == {"stiff-neck": "present", "purple-spots": "absent", "confusion": "absent"}


def test_several_numbers_tick_several_and_leave_the_rest_out() -> None:
    assert heard(NECK, "1 y 3") == {"stiff-neck": "present", "purple-spots": "absent", "confusion": "present"}
    assert set(heard(NECK, "los tres").values()) == {"present"}


@pytest.mark.parametrize(
    "text", ["no", "nada de eso", "Nada de eso", "ninguno", "no, nada", "no tengo nada de eso", "4"]
)
def test_a_no_to_a_list_is_a_no_to_each(text: str) -> None:
    assert heard(NECK, text) == dict.fromkeys(("stiff-neck", "purple-spots", "confusion"), "absent")


def test_what_is_named_in_free_words_is_heard_and_the_rest_stays_open() -> None:
    assert heard(NECK, "me salieron manchas moradas") == {"purple-spots": "present"}


def test_a_yes_to_a_list_says_nothing_and_is_asked_one_by_one() -> None:
    conversation = Conversation().answered(OPEN, "tengo fiebre desde ayer", said_at=NOW)
    first = next_question(conversation, NOW.date())
    assert first is not None
    assert len(first.items) == 3
    then = next_question(conversation.answered(first, "sí", said_at=NOW), NOW.date())
    assert then in first.items


def test_danger_signs_that_an_answer_passes_over_are_asked_once_more_and_alone() -> None:
    conversation = Conversation().answered(OPEN, "tengo fiebre desde ayer", said_at=NOW)
    listed = next_question(conversation, NOW.date())
    assert listed is not None
    dangers = [each for each in listed.items if each.kind == "sign"]
    conversation = conversation.answered(listed, "hace mucho frío en mi casa", said_at=NOW)
    for each in dangers:
        again = next_question(conversation, NOW.date())
        assert again == each
        conversation = conversation.answered(again, "hace mucho frío", said_at=NOW)
    assert next_question(conversation, NOW.date()) not in dangers
    assert conversation.orientation(NOW.date()).level == "III"


def test_who_does_not_know_is_not_asked_again() -> None:
    conversation = Conversation().answered(OPEN, "tengo fiebre desde ayer", said_at=NOW)
    listed = next_question(conversation, NOW.date())
    assert listed is not None
    for answer in ("no sé", "1. no sé 2. no sé 3. no sé"):
        then = next_question(conversation.answered(listed, answer, said_at=NOW), NOW.date())
        assert then is not None
        assert then not in listed.items


def test_what_is_no_answer_leaves_a_doubt_about_every_danger_sign() -> None:
    assert set(heard(NECK, "hace mucho frío en mi casa").values()) == {"uncertain"}
    assert set(heard(NECK, "desde ayer").values()) == {"uncertain"}
    assert set(heard(NECK, "todo bien").values()) == {"absent"}
    assert heard(question("note:rash"), "hace mucho frío en mi casa") == {}


def test_a_figure_is_no_number_of_an_item() -> None:
    turn = Turn(1, question("list:topic:temperature+topic:intake"), "1. 38.5 a las 3, 2. come poco", NOW)
    assert [part.text for part in turn.parts] == ["38.5 a las 3", "come poco"]
    assert [value.value for value in turn.said.measured] == [38.5]


@pytest.mark.parametrize(
    ("asked", "text", "status"),
    [
        ("dyspnea", "no, respiro bien", "absent"),
        ("dyspnea", "no, me falta el aire", "present"),
        ("not-drinking", "come normal", "absent"),
        ("not-drinking", "sí toma", "absent"),
        ("not-drinking", "no toma nada", "present"),
        ("limb-weakness", "no la puedo mover", "present"),
        ("chest-pain", "como un peso", "present"),
        ("urinary-retention", "desde anoche", "present"),
        ("fainting", "un par de veces", "present"),
        ("dizziness", "a veces", "present"),
        ("vomiting", "unas cuatro veces", "present"),
        ("pregnancy", "no estoy", "absent"),
        ("pregnancy", "no estoy segura", "uncertain"),
        ("poison-ingestion", "lejía", "present"),
        ("poison-ingestion", "no sé", "uncertain"),
        ("facial-droop", "vivo lejos", "uncertain"),
    ],
)
def test_a_short_answer_belongs_to_its_question(asked: str, text: str, status: str) -> None:
    assert heard(question(f"sign:{asked}"), text)[asked] == status


def test_perhaps_is_enough_for_a_warning() -> None:
    (fact,) = Turn(1, question("sign:stiff-neck"), "creo que sí, un poco duro", NOW).facts
    assert (fact.status, fact.is_likely) == (Status.UNCERTAIN, True)


def test_a_topic_is_read_on_from_its_question_and_a_no_denies_what_it_named() -> None:
    assert heard(BACKGROUND, "1. diabetes\n2. ibuprofeno\n3. a la penicilina") == {"diabetes": "present"}
    denied = heard(question("topic:conditions"), "ninguna")
    assert set(denied.values()) == {"absent"}
    assert "diabetes" in denied


def test_what_was_before_is_past_and_what_others_have_is_theirs() -> None:
    assert heard(question("topic:previous-episodes"), "sí, me desmayé el año pasado")["fainting"] == "past"
    conversation = Conversation().answered(OPEN, "me duele la garganta", said_at=NOW)
    conversation = conversation.answered(
        question("topic:others-sick"), "mi hijo de 3 años tuvo tos", said_at=NOW
    )
    assert (conversation.subject, conversation.age) == ("self", None)
    assert [fact.concept for fact in conversation.affirmed] == ["sore-throat"]


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("9", Severity.SEVERE),
        ("un 5 de 10", Severity.MODERATE),
        ("2/10", Severity.MILD),
        ("leve", Severity.MILD),
        ("fuerte, no aguanto", Severity.SEVERE),
        ("regular", Severity.MODERATE),
        ("no me puedo ni parar del dolor", Severity.SEVERE),
        ("no sé", Severity.UNKNOWN),
    ],
)
def test_how_strong_is_a_word_or_a_figure(text: str, severity: Severity) -> None:
    facts = {fact.concept: fact for fact in Turn(1, question("severity:abdominal-pain"), text, NOW).facts}
    assert facts["abdominal-pain"].severity is severity


def test_what_describes_how_it_began_is_no_doubt_about_it() -> None:
    onset = question("sign:sudden-onset")
    assert heard(onset, "de golpe") == {"sudden-onset": "present"}
    assert "sudden-onset" not in heard(onset, "poco a poco")
    assert heard(onset, "no sé")["sudden-onset"] == "uncertain"


def test_out_of_breath_when_climbing_is_not_at_rest() -> None:
    (fact,) = (
        fact
        for fact in Turn(1, question("severity:dyspnea"), "caminando me falta el aire", NOW).facts
        if fact.concept == "dyspnea"
    )
    assert fact.severity is Severity.MODERATE


def test_how_strong_it_is_stays_with_the_complaint() -> None:
    conversation = Conversation().answered(OPEN, "me duele la rodilla", said_at=NOW)
    conversation = conversation.answered(question("topic:severity"), "leve", said_at=NOW)
    assert conversation.affirmed[0].severity is Severity.MILD
