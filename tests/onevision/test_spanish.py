"""Dates as staff read them, in the words of Peru."""

from datetime import UTC, datetime

import pytest

from ayni.onevision.site.spanish import age, day, moment


@pytest.mark.parametrize(
    ("at", "written", "short"),
    [
        ("2026-09-01T09:00:00-05:00", "martes 1 de setiembre", "mar 1 set, 09:00"),
        ("2026-11-25T04:30:00+00:00", "martes 24 de noviembre", "mar 24 nov, 23:30"),
    ],
)
def test_a_day_is_written_as_in_peru_and_at_its_hour(at, written, short):
    assert (day(at), moment(at)) == (written, short)


@pytest.mark.parametrize(
    ("born", "written"),
    [
        ("2026-10-25", "1 mes"),
        ("2024-11-26", "23 meses"),
        ("2024-11-25", "2 años"),
        ("1992-11-25", "34 años"),
        ("1850-01-01", "176 años"),
        ("2027-01-01", "0 meses"),
    ],
)
def test_an_age_is_said_in_months_below_two_years(born, written):
    assert age({"birthDate": born}, datetime(2026, 11, 25, 17, tzinfo=UTC)) == written
