"""What is over ends its own story, and nothing that is told of now."""

from datetime import date

import pytest

from ayni.qhali.extraction import extract

TODAY = date(2026, 11, 23)


def said(text: str) -> dict[str, str]:
    return {fact.concept: fact.status.value for fact in extract(text, turn=1, today=TODAY)}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("no puedo respirar. El mes pasado tuve fiebre y ya me curaron", "dyspnea"),
        ("no puedo respirar, el mes pasado tuve fiebre y ya me curaron", "dyspnea"),
        ("tengo 7 meses de embarazo y sangro. Mi hija se atoró el año pasado y quedó bien", "pregnancy"),
        ("me tomé veinte pastillas y ya estoy bien. El mes pasado tuve fiebre", "medication-overdose"),
    ],
)
def test_a_sentence_about_something_over_leaves_the_one_about_now(text: str, code: str) -> None:
    assert said(text)[code] == "present"


def test_what_is_over_ends_the_whole_story_it_belongs_to() -> None:
    story = said("Me rompí el brazo hace tres meses y me operaron. Ya está bien")
    assert story["fracture-suspected"] == "past"
