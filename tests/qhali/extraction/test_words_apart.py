"""Words that sound or begin like a word of the tables and are another."""

from datetime import date

import pytest

from ayni.qhali.extraction import Status, understand
from ayni.qhali.extraction.beginnings import beginnings_of
from ayni.qhali.extraction.spelling import key_of

TODAY = date(2026, 11, 20)


def concepts(text: str) -> set[str]:
    return {fact.concept for fact in understand(text, turn=1, today=TODAY).facts}


@pytest.mark.parametrize(
    ("text", "unheard"),
    [
        ("en esta época me da gripe", "lung-disease"),
        ("puede ser gripe", "recent-ascent"),
        ("se me cae el pelo", "fall"),
        ("me cayó un líquido en la mano", "fall"),
        ("se me acabó la pastilla de la presión", "dying"),
        ("me aprietan los zapatos cerrados", "allergic-trigger"),
        ("ya se me quitó el dolor", "suicide-plan"),
        ("mi control de crecimiento", "worsening"),
        ("mi hijo tuvo tos", "postpartum"),
        ("me duele cada rato la mano", "animal-bite"),
        ("estoy fumigando", "smoker"),
        ("en la calle me corté", "minor-skin"),
    ],
)
def test_an_ordinary_word_is_no_sign(text: str, unheard: str) -> None:
    assert unheard not in concepts(text)


def test_the_words_meant_are_still_heard_as_they_sound() -> None:
    assert "fall" in concepts("se callo de la cama")
    assert "hair-loss" in concepts("se me cae el pelo")
    assert "fever" in concepts("tengo fievre")


def test_a_beginning_shared_by_chance_stands_for_nothing() -> None:
    assert key_of("dur") not in beginnings_of(key_of("durmiendo"))
    assert key_of("dur") in beginnings_of(key_of("durísima"))


def test_a_time_that_opens_a_sentence_is_that_of_all_it_tells() -> None:
    facts = understand("dos días que tengo los ojos amarillos y me pica todo", turn=1, today=TODAY).facts
    assert {fact.concept: fact.duration for fact in facts if fact.is_symptom} == {
        "jaundice": "P2D",
        "itching": "P2D",
    }


def test_a_day_and_the_length_it_comes_to_are_one_beginning() -> None:
    (fact,) = understand("tos desde el martes, o sea 3 días", turn=1, today=TODAY).facts
    assert fact.duration == "P3D"


def test_what_ended_is_past_and_what_ran_out_is_present() -> None:
    found = {
        fact.concept: fact.status
        for fact in understand("ayer tenía tos, ya no. se me quitó el hambre", turn=1, today=TODAY).facts
    }
    assert found == {"cough": Status.PAST, "loss-of-appetite": Status.PRESENT}


def test_what_harms_later_is_not_over_because_somebody_feels_well() -> None:
    taken = understand("me tomé 20 pastillas de clonazepam, pero ya estoy bien", turn=1, today=TODAY).facts
    long_ago = understand("hace años me tomé 20 pastillas, pero ya estoy bien", turn=1, today=TODAY).facts
    assert {fact.status for fact in taken if fact.concept == "medication-overdose"} == {Status.PRESENT}
    assert {fact.status for fact in long_ago if fact.concept == "medication-overdose"} == {Status.PAST}
