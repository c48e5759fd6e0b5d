from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.vocabulary.hl7 import Hl7Error, format_timestamp, parse_date, parse_timestamp

OFFSETS = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(min_value=datetime(1, 1, 2), timezones=OFFSETS)  # noqa: DTZ001 - the zone is added


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026", "2026-01-01T00:00:00-05:00"),
        ("202611", "2026-11-01T00:00:00-05:00"),
        ("20261123", "2026-11-23T00:00:00-05:00"),
        ("2026112309", "2026-11-23T09:00:00-05:00"),
        ("202611230930", "2026-11-23T09:30:00-05:00"),
        ("20261123093015", "2026-11-23T09:30:15-05:00"),
        ("20261123093015.1", "2026-11-23T09:30:15.100000-05:00"),
        ("20261123093015.1234+0545", "2026-11-23T09:30:15.123400+05:45"),
        ("2026-0300", "2026-01-01T00:00:00-03:00"),
        ("202611230930+0000", "2026-11-23T09:30:00+00:00"),
    ],
)
def test_every_precision_is_read(text, instant):
    assert parse_timestamp(text).isoformat() == instant


def test_a_time_without_offset_is_in_the_senders_zone():
    assert parse_timestamp("20261123", zone=UTC).isoformat() == "2026-11-23T00:00:00+00:00"


NO_TIMES = """
    20 20261 20261301 20260230 2026112325 20261123093061 20261123-5 20261123-0560 20261123+2400
    2026-11-23 20261123T0930 20261123093015. 20261123093015.12345 ٢٠٢٦
"""


@pytest.mark.parametrize("text", ["", " 2026", "2026\n", *NO_TIMES.split()])
def test_what_is_no_time_is_refused_with_its_place_and_without_quoting_it(text):
    with pytest.raises(Hl7Error) as caught:
        parse_timestamp(text, location="PID^1^7")
    assert (caught.value.code, caught.value.location) == (102, "PID^1^7")
    assert not text.strip() or text not in str(caught.value) + caught.value.text


@given(INSTANTS)
def test_a_formatted_time_reads_as_the_same_second(at):
    assert parse_timestamp(format_timestamp(at)) == at.replace(microsecond=0)


def test_a_year_has_four_digits_and_an_offset_no_seconds():
    lima_before_1908 = timezone(-timedelta(hours=5, minutes=8, seconds=36))
    assert format_timestamp(datetime(988, 1, 2, 3, 4, 5, tzinfo=lima_before_1908)) == "09880102030405-0508"


def test_the_offset_is_always_written():
    assert (
        format_timestamp(datetime(2026, 11, 23, 9, 30, 15, tzinfo=timezone(timedelta(hours=-5))))
        == "20261123093015-0500"
    )
    with pytest.raises(ValueError, match="zone"):
        format_timestamp(datetime(2026, 11, 23))  # noqa: DTZ001 - the point of the test


@pytest.mark.parametrize("text", ["19920314", "199203142359-0500", "199203140010+0900"])
def test_a_birth_date_is_the_day_as_written(text):
    assert parse_date(text) == date(1992, 3, 14)


@pytest.mark.parametrize("text", ["", "1992", "199203", "19920231", "1992-0500"])
def test_a_date_needs_its_day(text):
    with pytest.raises(Hl7Error):
        parse_date(text)
