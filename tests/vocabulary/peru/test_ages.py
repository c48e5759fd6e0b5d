from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.vocabulary.peru import (
    Age,
    InvalidAge,
    age_between,
    age_of_his,
    age_of_quantity,
    age_of_v2,
    age_quantity,
    birthday,
    his_age,
    v2_age,
)


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        ("1992-03-14", "2026-03-13", Age(33, 11, 27)),
        ("1992-03-14", "2026-03-14", Age(34, 0, 0)),
        ("2026-11-25", "2026-11-25", Age(0, 0, 0)),
        ("2026-10-31", "2026-11-30", Age(0, 1, 0)),  # November has no 31st: its last day completes the month
        ("2026-10-31", "2026-11-29", Age(0, 0, 29)),
        ("2020-02-29", "2021-02-27", Age(0, 11, 29)),
        ("2020-02-29", "2021-02-28", Age(1, 0, 0)),  # Código Civil, art. 183
        ("2020-02-29", "2024-02-28", Age(3, 11, 30)),
        ("2020-02-29", "2024-02-29", Age(4, 0, 0)),
        ("2024-01-31", "2024-02-29", Age(0, 1, 0)),
        ("1850-01-01", "2026-01-01", Age(176, 0, 0)),  # a mistyped birth date has an age, too
    ],
)
def test_an_age_counts_completed_years_months_and_days(born, on, age):
    assert age_between(date.fromisoformat(born), date.fromisoformat(on)) == age


def test_nobody_is_younger_than_born():
    with pytest.raises(InvalidAge) as caught:
        age_between(date(2026, 11, 26), date(2026, 11, 25))
    assert caught.value.code == "age-negative"


lives = st.tuples(st.dates(date(1890, 1, 1), date(2030, 1, 1)), st.integers(0, 45_000))


@given(lives)
def test_the_day_of_an_age_is_the_day_it_was_counted_on(life):
    born, days = life
    on = date.fromordinal(born.toordinal() + days)
    assert birthday(born, age_between(born, on)) == on


@given(lives)
def test_an_age_never_falls_as_days_go_by(life):
    born, days = life
    on = date.fromordinal(born.toordinal() + days)
    assert age_between(born, on) <= age_between(born, date.fromordinal(on.toordinal() + 1))


@pytest.mark.parametrize(
    ("age", "his", "v2"),
    [
        (Age(34, 5, 2), (34, "A"), ("34", "a^year^UCUM")),
        (Age(0, 8, 3), (8, "M"), ("8", "mo^month^UCUM")),
        (Age(0, 0, 12), (12, "D"), ("12", "d^day^UCUM")),
        (Age(0, 0, 0), (0, "D"), ("0", "d^day^UCUM")),
    ],
)
def test_an_age_is_said_in_its_largest_unit(age, his, v2):
    assert (his_age(age), v2_age(age)) == (his, v2)
    assert age_quantity(age)["value"] == his[0]


ages = st.builds(Age, st.integers(0, 150), st.integers(0, 11), st.integers(0, 30))


@given(ages)
def test_every_way_to_write_an_age_reads_back_the_same(age):
    short = age_of_his(*his_age(age))
    assert short == age_of_quantity(age_quantity(age)) == age_of_v2(*v2_age(age))
    assert his_age(short) == his_age(age)


@pytest.mark.parametrize(
    ("value", "code", "age"),
    [
        (18, "mo", Age(1, 6)),
        (2, "wk", Age(0, 0, 14)),
        (Decimal("3.0"), "a", Age(3)),
        (30, "d", Age(0, 0, 30)),
    ],
)
def test_other_units_become_whole_ones(value, code, age):
    assert age_of_quantity({"value": value, "code": code}) == age


@pytest.mark.parametrize(
    "quantity",
    [
        {},
        {"value": 3},
        {"value": "3", "code": "a"},
        {"value": True, "code": "a"},
        {"value": Decimal("1.5"), "code": "a"},
        {"value": Decimal("NaN"), "code": "a"},
        {"value": -1, "code": "a"},
        {"value": 10**400, "code": "a"},
        {"value": 3, "code": "h"},
        {"value": 3, "code": ["a"]},
        {"value": 151, "code": "a"},
        {"value": 45, "code": "d"},  # a month and a half of what month?
        {"value": 3, "code": "a", "comparator": ">"},
        None,
        [{"value": 3, "code": "a"}],
    ],
)
def test_what_is_no_age_is_refused(quantity):
    with pytest.raises(InvalidAge):
        age_of_quantity(quantity)


@pytest.mark.parametrize(
    ("number", "unit"),
    [
        (12, "M"),
        (31, "D"),
        (-1, "A"),
        (151, "A"),
        (5, "H"),
        (5, ""),
        ("25", "A"),
        (1.5, "A"),
        (True, "A"),
        (5, None),
    ],
)
def test_his_writes_months_below_twelve_and_days_below_thirty_one(number, unit):
    with pytest.raises(InvalidAge):
        age_of_his(number, unit)


@pytest.mark.parametrize(("born", "age"), [(date(9990, 1, 1), Age(20)), (date(9999, 12, 31), Age(0, 0, 1))])
def test_the_calendar_ends(born, age):
    with pytest.raises(InvalidAge):
        birthday(born, age)


@given(st.text(max_size=8), st.text(max_size=8) | st.sampled_from(["a", "mo^month^UCUM", "d"]))
def test_no_text_raises_an_untyped_error(number, unit):
    with suppress(InvalidAge):
        age_of_v2(number, unit)
