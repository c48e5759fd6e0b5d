"""Floors: combinations that are seen today or sooner, and are not without what makes them so."""

from datetime import date, timedelta

import pytest

from ayni.qhali.extraction import Age, Fact, Measurement, Status
from ayni.qhali.redflags import LEVELS, Evidence, Persona, floors, orient

TODAY = date(2026, 11, 23)


def fact(code: str, days: int = 1) -> Fact:
    since = TODAY - timedelta(days=days)
    return Fact(concept=code, status=Status.PRESENT, quote=code, turn=1, start=0, end=len(code), since=since)


def level(
    *codes: str, days: int = 1, months: int | None = 360, temperature: float | None = None
) -> str | None:
    measured = () if temperature is None else (Measurement("temperature", temperature, 0, 4),)
    persona = Persona(age=None if months is None else Age(months))
    return orient(Evidence(tuple(fact(code, days) for code in codes), persona, TODAY, measured)).level


@pytest.mark.parametrize(
    ("codes", "without", "expected"),
    [
        (("jaundice",), (), "III"),
        (("hematuria",), (), "III"),
        (("dysuria", "pregnancy"), ("dysuria",), "III"),
        (("dysuria", "diabetes"), ("dysuria",), "III"),
        (("skin-infection", "worsening"), ("skin-infection",), "III"),
        (("skin-infection", "fever"), ("skin-infection",), "III"),
        (("genital-ulcer",), (), "III"),
        (("eye-redness", "eye-pain"), ("eye-redness",), "III"),
        (("joint-swelling", "fever"), ("joint-swelling",), "II"),
        (("sunburn", "blisters"), ("sunburn",), "III"),
        (("ear-pain", "fever"), ("ear-pain",), "III"),
        (("breast-pain", "fever"), ("breast-pain",), "III"),
        (("toothache", "swelling-face"), ("toothache",), "III"),
        (("excessive-thirst", "weight-loss"), ("excessive-thirst",), "III"),
    ],
)
def test_a_floor_holds_and_falls_with_what_it_names(
    codes: tuple[str, ...], without: tuple[str, ...], expected: str
) -> None:
    assert level(*codes) == expected
    assert not without or LEVELS.index(level(*without) or "IV") > LEVELS.index(expected)


def test_old_blood_in_the_urine_waits_for_a_visit() -> None:
    assert [level("hematuria", days=days) for days in (14, 15)] == ["III", "IV"]


def test_yellow_in_a_small_child_is_left_to_its_own_red_flags() -> None:
    assert [level("jaundice", months=months) for months in (12, 24, None)] == ["IV", "III", "III"]


def test_a_hot_infant_is_seen_today_and_a_warm_one_is_not_for_that_alone() -> None:
    assert [level("fever", months=8, temperature=value) for value in (38.4, 38.5)] == ["IV", "III"]
    assert level("fever", months=18, temperature=38.5) == "IV"


def test_floors_are_numbered_once_and_say_what_they_are_from() -> None:
    names = [rule.id for rule in floors() if rule.when]
    assert {f"P{number:02d}" for number in range(1, 35)} <= set(names)
    assert all(rule.source.startswith("K") for rule in floors())
