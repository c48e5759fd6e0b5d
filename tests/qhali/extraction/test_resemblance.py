"""The net below the rules: what is like an emergency raises, says where, and is the same each time."""

from datetime import date

import pytest

from ayni.qhali.extraction import Age, Status, Story, extract, understand
from ayni.qhali.extraction.resemblance import EMERGENCY, LIFE, likest, sentences_of
from ayni.qhali.extraction.words import words_of
from ayni.qhali.redflags import LEVELS, Evidence, Persona, orient

TODAY = date(2026, 11, 23)
NETTED = {EMERGENCY, LIFE}
TOLD = "mi hijito está botando sangre y no despierta, se pone morado"


def alarming(text: str, *before: str) -> list[str]:
    facts = understand(text, turn=len(before) + 1, today=TODAY, story=Story(before)).facts
    return [fact.quote for fact in facts if fact.concept in NETTED]


def emergency(text: str) -> float:
    ahead, _ = likest(list(sentences_of(words_of(text))))
    return max(ahead.values())


def test_the_quote_is_the_sentence_that_alarms() -> None:
    told = "Buenos días señorita. Mi hijito está botando sangre y no despierta, se pone morado. Gracias."
    assert alarming(told) == ["Mi hijito está botando sangre y no despierta, se pone morado"]


@pytest.mark.parametrize(
    "said",
    [
        "¿A qué hora atienden en el laboratorio?",
        "quiero mi cita para el control de mi hijo",
        "sí",
        "no puedo más",
        "",
    ],
)
def test_a_question_for_the_counter_and_a_few_words_alarm_nobody(said: str) -> None:
    assert alarming(said) == []


def test_another_sentence_or_message_never_takes_it_away() -> None:
    for more in ("Seguro no es nada.", "Disculpe la molestia, tengo SIS.", "Mi esposo dice que exagero."):
        assert alarming(f"{TOLD}. {more}") == alarming(TOLD)
        assert alarming(f"{more} {TOLD}") == alarming(TOLD)


def test_a_story_goes_on_over_several_messages() -> None:
    first = "El lunes amanecí con los pies dormidos, el martes las piernas ya no me obedecían"
    second = "hoy ya no me puedo parar de la silla"
    assert alarming(second, first) == [second]
    assert alarming(second) == []


def test_an_emergency_is_more_like_one_than_the_same_thing_long_ago() -> None:
    assert emergency(TOLD) > emergency("mi papá no despertaba en el 2015, ya sanó")


@pytest.mark.parametrize(
    "said",
    [
        "{}, pero no quiero molestar",
        "Disculpe la molestia, {}",
        "Mi mamá dice que exagero pero {}",
        "{} seguro no es nada",
    ],
)
def test_who_makes_less_of_it_changes_nothing(said: str) -> None:
    assert emergency(said.format(TOLD)) == pytest.approx(emergency(TOLD))


def test_an_answer_to_a_question_is_no_story() -> None:
    facts = extract(TOLD, turn=2, asked="fever", today=TODAY)
    assert not any(fact.concept in NETTED for fact in facts)


@pytest.mark.parametrize(("code", "level"), [(EMERGENCY, "II"), (LIFE, "I")])
def test_the_sign_raises_and_never_lowers(code: str, level: str) -> None:
    told = "me duele la garganta"
    facts = tuple(extract(told, turn=1, today=TODAY))
    sign = facts[0].__class__(concept=code, status=Status.PRESENT, quote=told, turn=1, start=0, end=len(told))
    persona = Persona(Age(400))
    without, with_it = (orient(Evidence(given, persona, TODAY)).level for given in (facts, (*facts, sign)))
    assert without is not None
    assert with_it == level
    assert LEVELS.index(with_it) <= LEVELS.index(without)
