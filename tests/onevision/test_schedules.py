from dataclasses import replace
from datetime import date, datetime

from ayni.onevision.appointments.schedules import ensure_week, free_slots, opening_times
from ayni.wire.clock import LIMA

CALQUIS = "00004576"
SUNDAY = date(2026, 11, 29)


def slot_count(record) -> int:
    with record.reading() as chart:
        return chart.tx.execute("select count(*) from resource where type = 'Slot'").get


def test_a_day_has_sixteen_slots_and_a_sunday_none():
    starts = opening_times(date(2026, 11, 28))
    assert (len(starts), f"{starts[0]:%H:%M}", f"{starts[-1]:%H:%M}") == (16, "08:00", "11:45")
    assert opening_times(SUNDAY) == []


def test_a_week_is_made_once(record):
    before = slot_count(record)
    ensure_week(record, CALQUIS)
    assert before == slot_count(record) == 6 * 16


def test_no_time_is_invented_where_traffic_is_real(record):
    before = slot_count(record)
    ensure_week(replace(record, processing_id="P"), "00004577")
    assert slot_count(record) == before


def test_the_week_rolls_with_the_days(record, clock):
    clock.forward(days=3)
    ensure_week(record, CALQUIS)
    assert slot_count(record) == (6 + 3) * 16


def test_slots_that_have_begun_are_not_offered(record, clock):
    clock.at = datetime(2026, 11, 23, 11, 40, tzinfo=LIMA)
    with record.reading() as chart:
        assert free_slots(chart, CALQUIS)[0]["start"] == "2026-11-23T11:45:00-05:00"
    clock.forward(minutes=6)
    with record.reading() as chart:
        assert free_slots(chart, CALQUIS)[0]["start"] == "2026-11-24T08:00:00-05:00"
