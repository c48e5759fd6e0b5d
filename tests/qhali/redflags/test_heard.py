"""What people say, and the level it makes: others in danger, small children, breath, ways of speaking."""

from datetime import UTC, datetime

import pytest

from ayni.qhali.conversation import OPEN, Conversation, next_question
from ayni.qhali.conversation.questions import ASKED_AGE
from ayni.qhali.extraction.bystanders import dangers
from ayni.qhali.redflags import Orientation, rules

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def heard(text: str) -> Conversation:
    return Conversation().answered(OPEN, text, said_at=NOW)


def orientation(text: str) -> Orientation:
    return heard(text).orientation(NOW.date())


@pytest.mark.parametrize(
    "text",
    [
        "tengo gripe. mi papa no puede respirar",
        "me duele la garganta. Mi primo no despierta",
        "tengo fiebre. mi hermano está convulsionando",
    ],
)
def test_the_present_danger_of_somebody_else_is_an_emergency(text: str) -> None:
    assert orientation(text).level == "I"


@pytest.mark.parametrize(
    "text",
    [
        "me duele la muela. mi vecina convulsionó el mes pasado",
        "me duele la muela. Mi tío no podía respirar el año pasado",
        "tengo gripe. Si mi hijo no respira, ¿a qué número llamo?",
        "me duele la muela. Mi prima no tiene nada",
    ],
)
def test_what_others_had_or_could_have_is_none(text: str) -> None:
    assert orientation(text).level == "IV"


def test_what_is_listed_as_a_danger_is_one_to_a_red_flag_of_level_one() -> None:
    named = {concept for rule in rules() if rule.level == "I" for concept in rule.concepts}
    assert set(dangers()) <= named


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("mi recien nacido esta caliente", "I"),
        ("mi guagua recien nacida no llora", "I"),
        ("mi recien nacida no quiere lactar", "I"),
        ("mi bebito convulsionó hoy", "I"),
        ("mi wawa está pálida", "II"),
        ("mi hermano está pálido", "IV"),
    ],
)
def test_the_word_for_a_small_child_tells_how_old(text: str, level: str) -> None:
    assert orientation(text).level == level


@pytest.mark.parametrize(
    "text", ["mi bebe tiene fiebre", "mi wawa no quiere mamar", "mi bebe no mama", "mi hijo tiene fiebre"]
)
def test_how_old_a_sick_child_is_comes_first(text: str) -> None:
    assert next_question(heard(text), NOW.date()) == ASKED_AGE


def test_a_baby_is_never_asked_about_a_pregnancy() -> None:
    conversation = heard("mi bebe tiene fiebre y vomita")
    for _ in range(12):
        question = next_question(conversation, NOW.date())
        if question is None:
            return
        assert not {part.concept for part in question.parts} & {"pregnancy", "postpartum", "missed-period"}
        conversation = conversation.answered(question, "no sé", said_at=NOW)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("se me hinchó la lengua", "II"),
        ("se me cierra la garganta", "II"),
        ("se me cierra la garganta y me falta el aire", "I"),
        ("no paso el aire", "I"),
        ("mi mamá se desmayó y no se levanta", "I"),
        ("me voy a matar", "I"),
        ("me quiero matar", "I"),
        ("tengo la garganta inflamada", "IV"),
    ],
)
def test_breath_a_faint_and_the_heart_in_other_words(text: str, level: str) -> None:
    assert orientation(text).level == level


@pytest.mark.parametrize(
    "text",
    [
        "quiero hablar con una persona no con una máquina estúpida",
        "te voy a matar",
        "me mato del dolor",
        "doctora, ya se me va a pasar",
    ],
)
def test_ways_of_speaking_are_no_emergency(text: str) -> None:
    assert orientation(text).level in (None, "IV")


def test_something_at_the_heart_is_seen_today_at_least() -> None:
    assert orientation("creo que me está dando algo al corazón").level in ("I", "II", "III")
