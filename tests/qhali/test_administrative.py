"""What is no complaint gets an honest answer, no level and no request."""

import re
from datetime import datetime
from pathlib import Path

import pytest

from ayni.qhali.conversation import OPEN, Conversation, next_question
from ayni.qhali.conversation.administrative import administrative_question, told_beside
from ayni.qhali.conversation.questions import ADMINISTRATIVE, WHERE_TO_ASK, administrative_rows
from ayni.qhali.evaluation.cases import read_cases
from ayni.wire.clock import LIMA

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=LIMA)
CASES = read_cases(sorted((Path(__file__).parents[2] / "evaluations").glob("*/admin_es*.jsonl")))


def asked_after(*said: str) -> list[str]:
    """The ids of the questions that these answers bring, the last one still open."""
    conversation, question = Conversation(), OPEN
    ids = [question.id]
    for text in said:
        conversation = conversation.answered(question, text, said_at=NOW)
        question = next_question(conversation, NOW.date())
        if question is None:
            break
        ids.append(question.id)
    return ids


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_no_administrative_question_raises_an_alarm(case) -> None:
    conversation = Conversation().answered(OPEN, case.turns[0], said_at=NOW)
    assert conversation.orientation(NOW.date()).level is None
    asked = next_question(conversation, NOW.date())
    assert asked is not None
    assert {"current-symptoms", "reason"} <= {*asked.topics}
    ended = conversation.answered(asked, "no, gracias", said_at=NOW)
    assert next_question(ended, NOW.date()) is None


def test_most_are_known_for_what_they_are() -> None:
    known = [case for case in CASES if administrative_question(case.turns[0]) is not None]
    assert len(known) >= 0.9 * len(CASES)


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("¿A qué hora atiende la posta?", "hours"),
        ("quiero saber si mi SIS está activo", "insurance"),
        ("kiero sacar sita", "appointment"),
        ("¿cuánto cuesta el certificado?", "papers"),
        ("cuanto kuesta la consulta", "cost"),
        ("¿ya salieron mis resultados?", "results"),
        ("¿dónde queda rayos x?", "place"),
        ("quiero poner una queja", "claim"),
        ("¿qué guardaste de mí?", "rights"),
        ("k datos guardan de mi", "rights"),
        ("retiro mi consentimiento", "rights"),
        ("quiero que borren mis datos", "rights"),
        ("ya no me escriban", "rights"),
        ("kiero hablar con una persona", "person"),
        ("pásame con un humano", "person"),
        ("uma nanawan", "language"),
        ("no estoy seguro", None),
        ("me siento raro", None),
        ("", None),
    ],
)
def test_what_it_is_about_is_heard_also_as_it_is_typed(text: str, row: str | None) -> None:
    found = administrative_question(text)
    assert (found and found.id) == (row and f"administrative:{row}")


@pytest.mark.parametrize(
    ("said", "is_told"),
    [
        ("¿mi SIS cubre la atención? me duele la rodilla", True),
        ("me duele la rodilla y quiero que borren mis datos", True),
        ("me duele la rodilla desde el domingo, no puedo ni hacer cola", False),
        ("soy operador de grúa y me duele la rodilla", False),
        ("¿mi SIS cubre la atención?", False),  # its answer is the next question
        ("me duele la rodilla", False),
    ],
)
def test_a_question_beside_a_complaint_is_answered_too(said: str, is_told: bool) -> None:
    conversation = Conversation().answered(OPEN, said, said_at=NOW)
    told = told_beside(conversation)
    assert bool(told) is is_told
    assert told.endswith(WHERE_TO_ASK) or not told
    asked = next_question(conversation, NOW.date())
    assert asked is not None
    later = conversation.answered(asked, "no", said_at=NOW)
    assert told_beside(later) == ""  # once


@pytest.mark.parametrize("row", administrative_rows().values(), ids=administrative_rows())
def test_an_answer_is_short_and_promises_nothing(row) -> None:
    assert len(row["answer"].split()) <= 15
    assert re.match(r"(No|Eso no) ", row["answer"])
    assert row["words"]


def test_it_says_where_to_ask_and_whether_anything_hurts() -> None:
    answer = administrative_question("¿atienden el domingo?")
    assert answer is not None
    assert WHERE_TO_ASK in answer.text
    assert "113" in WHERE_TO_ASK
    assert answer.text.endswith("¿Tiene alguna molestia?")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("¿qué guardaste de mí?", ("«¿Qué guardaste de mí?»", "BAJA")),
        ("retiro mi consentimiento", ("«¿Qué guardaste de mí?»", "BAJA")),
        ("quiero que borren mis datos", ("«¿Qué guardaste de mí?»", "BAJA")),
        ("quiero hablar con una persona", ("establecimiento", "113")),
        ("uma nanawan, mana allinchu kani", ("intérprete", "establecimiento", "113", "106")),
    ],
)
def test_who_asks_for_a_right_a_person_or_their_language_is_told_where(said: str, told) -> None:
    conversation = Conversation().answered(OPEN, said, said_at=NOW)
    assert conversation.orientation(NOW.date()).level is None
    asked = next_question(conversation, NOW.date())
    assert asked is not None
    assert asked.kind == ADMINISTRATIVE
    assert all(each in asked.text for each in told)


def test_each_question_is_answered_and_who_has_a_complaint_is_heard() -> None:
    assert asked_after("¿a qué hora abren?", "no, ¿y cuánto cuesta?", "no, gracias") == [
        "open", "administrative:hours", "administrative:cost",
    ]  # fmt: skip
    assert asked_after("¿a qué hora abren?", "sí", "me duele la garganta")[:3] == [
        "open", "administrative:hours", "open",
    ]  # fmt: skip
    told = asked_after("¿a qué hora abren?", "sí, me duele la garganta")
    assert told[2].startswith("list:")
    assert asked_after("¿a qué hora abren?", "¿a qué hora abren?")[2] == "open-again"


def test_a_complaint_beside_it_comes_first() -> None:
    (_, then) = asked_after("¿a qué hora atienden? me duele la garganta")
    assert not then.startswith(ADMINISTRATIVE)
