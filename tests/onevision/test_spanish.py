"""Dates as staff read them, in the words of Peru."""

import pytest

from ayni.onevision.site.spanish import day, moment


@pytest.mark.parametrize(
    ("at", "written", "short"),
    [
        ("2026-09-01T09:00:00-05:00", "martes 1 de setiembre", "mar 1 set, 09:00"),
        ("2026-11-25T04:30:00+00:00", "martes 24 de noviembre", "mar 24 nov, 23:30"),
    ],
)
def test_a_day_is_written_as_in_peru_and_at_its_hour(at, written, short):
    assert (day(at), moment(at)) == (written, short)
