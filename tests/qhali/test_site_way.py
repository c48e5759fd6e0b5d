"""The sketch and the directions to a facility."""

import pytest

from ayni.qhali.conversation import OPEN
from ayni.qhali.conversation.questions import asking, catalogue
from ayni.qhali.emergency import open_day_and_night
from ayni.qhali.site.choices import Choice, choices_of, in_words, items_of
from ayni.qhali.site.way import HEIGHT, WIDTH, way_to
from ayni.vocabulary.peru import districts, facilities, facility

SAN_MIGUEL = next(each for each in facilities() if each.category == "I-4")
CALQUIS, NANCHOC, CAJAMARCA, SAN_MIGUEL_DISTRICT = "061103", "061108", "060101", "061101"


@pytest.mark.parametrize(
    ("district", "km", "direction", "climb"),
    [
        (CALQUIS, 2, "sur", "Baja unos 260 metros."),
        (NANCHOC, 44, "este", "Sube unos 2210 metros."),
        (CAJAMARCA, 41, "noroeste", "Baja unos 120 metros."),
    ],
)
def test_directions_say_how_far_which_wind_and_how_steep(district, km, direction, climb) -> None:
    way = way_to(SAN_MIGUEL, district)
    assert (way.km, way.direction, way.climb) == (km, direction, climb)


def test_a_place_in_the_own_district_is_near() -> None:
    assert way_to(SAN_MIGUEL, SAN_MIGUEL_DISTRICT).is_near
    assert not way_to(SAN_MIGUEL, CALQUIS).is_near


def test_a_district_of_another_region_has_no_way() -> None:
    assert way_to(SAN_MIGUEL, "150101") is None


@pytest.mark.parametrize("chosen", facilities(), ids=lambda each: each.code)
def test_both_ends_and_their_names_are_on_the_sheet(chosen) -> None:
    for district in districts():
        sketch = way_to(chosen, district.inei).sketch
        for point in (sketch.start, sketch.end):
            assert 20 <= point.x <= WIDTH - 20
            assert 30 <= point.y <= HEIGHT - 30
            assert 0 <= point.text_x <= WIDTH
        assert 0 < sketch.bar <= WIDTH / 3


def test_north_is_up_and_east_is_right() -> None:
    sketch = way_to(SAN_MIGUEL, NANCHOC).sketch
    assert sketch.end.x > sketch.start.x
    assert way_to(SAN_MIGUEL, CALQUIS).sketch.end.y > way_to(SAN_MIGUEL, CALQUIS).sketch.start.y


def test_the_place_that_never_closes_has_beds() -> None:
    assert {open_day_and_night(each.inei).category for each in districts()} == {"I-4"}
    assert facility(open_day_and_night().code) is not None


def test_a_warning_sign_is_answered_with_yes_no_or_unknown_and_an_open_question_in_words() -> None:
    assert [each.text for each in choices_of(catalogue()["sign:dyspnea"])] == ["Sí", "No", "No sé"]
    assert choices_of(OPEN) == choices_of(None) == items_of(OPEN) == items_of(None) == ()


def test_a_list_is_answered_item_by_item_or_with_none_of_these() -> None:
    listed = asking((catalogue()["sign:dyspnea"], catalogue()["sign:hemoptysis"]))
    assert [each.asked.text for each in items_of(listed)] == ["¿Le falta el aire?", "¿Bota sangre al toser?"]
    assert [[choice.text for choice in each.choices] for each in items_of(listed)] == [
        ["Sí", "No", "No sé"]
    ] * 2
    assert [each.text for each in choices_of(listed)] == ["Nada de eso"]


def test_an_icon_that_nobody_drew_becomes_a_plain_dot() -> None:
    assert Choice("Sí", "yes").drawing == "icons/yes.svg"
    assert Choice("Sí", "../base").drawing == "icons/choice.svg"


def test_the_answer_to_a_list_is_written_as_somebody_would_write_it() -> None:
    form = {"part-2": "No", "number": "3", "part-1": " Sí ", "part-3": ""}
    assert in_words(form) == "1. Sí\n2. No"


def test_every_icon_that_a_question_names_is_drawn() -> None:
    named = [each.icon for each in catalogue().values() if each.icon]
    named += [choice.icon for each in catalogue().values() for choice in each.choices]
    assert [each for each in named if not Choice("", each).drawing.endswith(f"/{each}.svg")] == []
