"""A visit is given inside the time asked for; later only to those for whom waiting is safe."""

from datetime import datetime

import pytest

from ayni.onevision.appointments import booking
from ayni.onevision.appointments.schedules import slot_id
from ayni.onevision.appointments.wished import offer
from ayni.onevision.errors import SlotTooLate
from ayni.onevision.intakes import requests
from ayni.vocabulary.request import State
from ayni.wire.clock import LIMA

REQUEST_ID = "QH-7M3K9XBT4D"
CALQUIS = "00004576"
WISHED = {"I": "20261123103015", "II": "20261123133015", "III": "20261124093015", "IV": "20261130093015"}


def slot(day: int, hour: int, minute: int = 0) -> str:
    return slot_id(CALQUIS, datetime(2026, 11, day, hour, minute, tzinfo=LIMA))


@pytest.fixture
def offered(record):
    """(within, later) as slot ids."""

    def read():
        with record.reading() as chart:
            found = offer(chart, requests.find(chart, REQUEST_ID))
        return [each["id"] for each in found.within], [each["id"] for each in found.later]

    return read


@pytest.mark.parametrize(
    ("level", "last_within", "first_later"),
    [
        ("I", slot(23, 10, 30), None),
        ("II", slot(23, 11, 45), None),
        ("III", slot(24, 9, 30), slot(24, 9, 45)),
        ("IV", slot(28, 11, 45), None),
    ],
)
def test_the_times_asked_for_are_offered_first_and_later_ones_apart(
    received, offered, level, last_within, first_later
):
    received(level=level, until=WISHED[level])
    within, later = offered()
    assert (within[0], within[-1]) == (slot(23, 9, 45), last_within)
    assert (later[0] if later else None) == first_later
    assert within + later == sorted(within + later)


@pytest.mark.parametrize(
    ("level", "last_within"), [("I", slot(23, 10, 30)), ("III", slot(24, 9, 30)), ("IV", slot(28, 11, 45))]
)
def test_without_a_wish_the_urgency_says_until_when(received, offered, level, last_within):
    received(level=level, until="")
    assert offered()[0][-1] == last_within


@pytest.mark.parametrize(("level", "is_taken"), [("I", False), ("II", False), ("III", True), ("IV", True)])
def test_nobody_who_may_not_wait_is_given_a_later_time(
    received, decide, nurse, current, events, level, is_taken
):
    received(level=level, until=WISHED["I"])
    count = len(events())
    if is_taken:
        decide(booking.accept_and_book, slot(28, 9), nurse)
    else:
        with pytest.raises(SlotTooLate):
            decide(booking.accept_and_book, slot(28, 9), nurse)
        assert (current().state, len(events())) == (State.RECEIVED, count)


def test_a_visit_of_today_is_given_to_an_emergency_and_is_not_moved_to_another_day(
    received, decide, admission, current
):
    received(level="II", until=WISHED["II"])
    decide(booking.accept_and_book, slot(23, 10), admission)
    with pytest.raises(SlotTooLate):
        decide(booking.reschedule, slot(24, 9), admission)
    assert decide(booking.reschedule, slot(23, 11), admission).start.hour == 11


def test_a_request_whose_level_is_not_known_may_not_wait(record, received, decide, nurse, current, offered):
    received()
    with record.changing() as chart:
        (risk,) = requests.supporting(chart, current().service_request, "RiskAssessment")
        chart.repository.update(risk | {"prediction": []})
    assert offered()[1] == []
    with pytest.raises(SlotTooLate):
        decide(booking.accept_and_book, slot(28, 9), nurse)
