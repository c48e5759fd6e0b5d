"""What is told when nothing happens: nobody answers, an appointment comes near, a visit is over."""

import asyncio
from datetime import timedelta

import pytest

from ayni.qhali.notifications import NotAsked
from ayni.vocabulary.fhir import loads, require_structure
from ayni.vocabulary.request import State
from ayni.wire.clock import LIMA

REQUEST_ID = "QH-7M3K9XBT4D"
EMERGENCY = "no puedo respirar"
START = "2026-11-28T09:00:00-05:00"
"""Four days and 23 and a half hours after the clock of these tests begins."""


async def told(telling, by: timedelta) -> list[str]:
    """The kinds of notices after so much time."""
    async with telling.at_work() as postman:
        await telling.after(postman, by)
    return [each.notice.kind for each in telling.board.notices(REQUEST_ID)]


async def book(telling, state_message, start: str = START) -> None:
    telling.qhali.submit()
    await telling.qhali.receive(
        state_message(1, State.RECEIVED),
        state_message(2, State.ACCEPTED),
        state_message(3, State.BOOKED, start=start),
    )
    telling.board.seen(REQUEST_ID)


async def test_a_request_that_does_not_arrive_is_told_once(telling) -> None:
    telling.qhali.submit()
    assert await told(telling, timedelta(minutes=4, seconds=59)) == ["submitted"]
    assert await told(telling, timedelta(seconds=2)) == ["submitted", "not-arrived"]
    assert await told(telling, timedelta(days=1)) == ["submitted", "not-arrived"]
    assert "106" in telling.board.current(REQUEST_ID)[0].text
    assert telling.board.figures()["requests_unanswered"] == 1


@pytest.mark.parametrize(
    ("words", "minutes"), [((EMERGENCY,), 5), (("vengo tosiendo con flema hace 20 días",), 240)]
)
async def test_a_request_nobody_answers_is_told_what_to_do_by_its_level(
    telling, state_message, words, minutes
) -> None:
    telling.qhali.submit(*words)
    await telling.qhali.receive(state_message(1, State.RECEIVED))
    kinds = await told(telling, timedelta(minutes=minutes, seconds=-1))
    assert "unanswered" not in kinds
    await telling.qhali.receive(state_message(2, State.IN_REVIEW))  # reading it is no answer
    assert (await told(telling, timedelta(seconds=2)))[-1] == "unanswered"
    assert telling.board.figures()["requests_unanswered"] == 1
    await telling.qhali.receive(state_message(3, State.ACCEPTED))
    assert telling.board.current(REQUEST_ID) == []
    assert telling.board.figures()["requests_unanswered"] == 0


async def test_an_answer_in_time_stops_the_clock(telling, state_message) -> None:
    telling.qhali.submit(EMERGENCY)
    await telling.qhali.receive(state_message(1, State.RECEIVED), state_message(2, State.ARRIVED.value))
    assert await told(telling, timedelta(days=1)) == ["submitted", "received", "arrived"]


PATHS = {
    "waitlisted": [State.RECEIVED, State.ACCEPTED, State.WAITLISTED],
    "no-show": [State.RECEIVED, State.ACCEPTED, State.BOOKED, State.NO_SHOW],
    "left-before-care": [State.RECEIVED, State.ARRIVED, State.LEFT_BEFORE_CARE],
    "referred": [State.RECEIVED, State.ARRIVED, State.IN_PROGRESS, State.REFERRED],
    "referral-rejected": [
        State.RECEIVED, State.ARRIVED, State.IN_PROGRESS, State.REFERRED, State.REFERRAL_REJECTED,
    ],
    "referral-accepted": [
        State.RECEIVED, State.ARRIVED, State.IN_PROGRESS, State.REFERRED, State.REFERRAL_ACCEPTED,
    ],
}  # fmt: skip
AFTER = {
    "waitlisted": State.BOOKED,
    "referred": State.REFERRAL_ACCEPTED,
    "referral-accepted": State.REFERRAL_BOOKED,
}
COUGH = "vengo tosiendo con flema hace 20 días"


@pytest.mark.parametrize(
    ("state", "words", "minutes", "kind", "responsible"),
    [
        ("waitlisted", COUGH, 24 * 60, "waiting", "head of the facility"),
        ("no-show", COUGH, 8 * 60, "missed", "facility"),
        ("left-before-care", COUGH, 8 * 60, "left", "facility"),
        ("referred", EMERGENCY, 30, "referral-unanswered", "referral office"),
        ("referred", COUGH, 24 * 60, "referral-unanswered", "referral office"),
        ("referral-rejected", EMERGENCY, 24 * 60, "referral-stopped", "referral office"),
        ("referral-accepted", COUGH, 72 * 60, "referral-no-date", "referral office"),
    ],
)
async def test_who_is_late_is_told_to_the_citizen_and_to_the_operator(
    telling, state_message, words, state, minutes, kind, responsible
) -> None:
    telling.qhali.submit(words)
    path = [state_message(number, each.value, start=START) for number, each in enumerate(PATHS[state], 1)]
    await telling.qhali.receive(*path)
    assert (await told(telling, timedelta(minutes=minutes, seconds=-1)))[-1] == state
    assert telling.board.figures()["overdue"] == []
    struck = telling.qhali.clock() + timedelta(seconds=2)
    assert (await told(telling, timedelta(seconds=2)))[-1] == kind
    assert telling.board.figures()["overdue"] == [
        {
            "clock": kind,
            "responsible": responsible,
            "facility": "00004576",
            "requests": 1,
            "since": struck.astimezone(LIMA).isoformat(),
        }
    ]
    then = AFTER.get(state, State.CLOSED).value
    await telling.qhali.receive(state_message(len(path) + 1, then, start=START))
    assert telling.board.figures()["overdue"] == []


async def test_reminders_come_before_the_appointment_and_never_after(telling, state_message) -> None:
    await book(telling, state_message)
    booked = ["submitted", "received", "accepted", "booked"]
    assert await told(telling, timedelta(days=1, hours=23)) == booked
    assert await told(telling, timedelta(minutes=40)) == [*booked, "reminder-72h"]
    text = telling.board.current(REQUEST_ID)[0].text
    assert (
        text == "Le recordamos su cita: sábado 28 de noviembre, 09:00, puesto de salud Calquis. ¿Podrá venir?"
    )
    assert await told(telling, timedelta(days=4)) == [
        *booked,
        "reminder-72h",
    ]  # it was off: too late for 24 h


async def test_of_two_reminders_that_are_late_only_the_last_is_told(telling, state_message) -> None:
    await book(telling, state_message)
    assert (await told(telling, timedelta(days=4, hours=12)))[4:] == ["reminder-24h"]


async def test_a_moved_appointment_is_reminded_of_at_its_new_time(telling, state_message) -> None:
    await book(telling, state_message)
    await told(telling, timedelta(days=2))
    await telling.qhali.receive(state_message(4, State.RESCHEDULED, start="2026-12-05T09:00:00-05:00"))
    kinds = await told(telling, timedelta(days=2))
    assert "reminder-24h" not in kinds
    assert (await told(telling, timedelta(days=5)))[-1] == "reminder-72h"
    assert "sábado 5 de diciembre" in telling.board.current(REQUEST_ID)[0].text


async def test_a_cancelled_appointment_is_not_reminded_of(telling, state_message) -> None:
    await book(telling, state_message)
    await telling.qhali.receive(state_message(4, State.CANCELLED))
    assert (await told(telling, timedelta(days=4)))[-1] == "cancelled"


async def test_clocks_that_are_set_survive_a_restart_and_strike_once(telling, state_message) -> None:
    await book(telling, state_message)
    telling.qhali.clock.advance(timedelta(days=2))
    first, second = await asyncio.gather(told(telling, timedelta()), told(telling, timedelta()))
    assert first == second
    assert first.count("reminder-72h") == 1


async def test_after_the_visit_somebody_asks(telling, state_message) -> None:
    telling.qhali.submit()
    await telling.qhali.receive(
        state_message(1, State.RECEIVED),
        state_message(2, State.ARRIVED.value),
        state_message(3, State.IN_PROGRESS.value),
        state_message(4, State.FINISHED.value),
    )
    assert (await told(telling, timedelta(hours=23)))[-1] == "finished"
    assert (await told(telling, timedelta(hours=2)))[-1] == "follow-up"
    (asked,) = telling.board.current(REQUEST_ID)
    telling.qhali.parts.answers.answer(asked.id, "worse")
    assert telling.qhali.rows("select count(*) from outbox") == [(1,)]  # the record is told of visits only


async def reminded(telling, state_message):
    await book(telling, state_message)
    await told(telling, timedelta(days=2))
    (asked,) = telling.board.current(REQUEST_ID)
    return asked


@pytest.mark.parametrize(
    ("choice", "status"), [("confirm", "accepted"), ("change", "tentative"), ("cannot", "declined")]
)
async def test_an_answer_travels_once_as_an_event_of_the_citizen(
    telling, state_message, choice, status
) -> None:
    asked = await reminded(telling, state_message)
    for again in (choice, "confirm", "cannot"):
        telling.qhali.parts.answers.answer(asked.id, again)
    (_, (key, content)) = telling.qhali.rows("select event_key, content from outbox order by position")
    assert key == f"{REQUEST_ID}.Q002"
    message = loads(bytes(content))
    require_structure(message)
    response = message["entry"][1]["resource"]
    assert (response["resourceType"], response["participantStatus"]) == ("AppointmentResponse", status)
    assert message["identifier"]["value"] == key


async def test_an_answer_to_another_requests_notice_is_none(telling, state_message) -> None:
    asked = await reminded(telling, state_message)
    for notice, choice, request in (
        (asked.id, "confirm", "QH-0000000001"),
        (asked.id, "better", REQUEST_ID),
        ("nothing", "confirm", REQUEST_ID),
    ):
        with pytest.raises(NotAsked):
            telling.qhali.parts.answers.answer(notice, choice, request_id=request)
    assert telling.qhali.rows("select count(*) from outbox") == [(1,)]


async def test_a_number_by_sms_answers_the_newest_question(telling, state_message) -> None:
    await book(telling, state_message)
    telling.choose(sms="987654321")
    await told(telling, timedelta(days=2))
    async with telling.at_work() as postman:
        await telling.after(postman, timedelta(seconds=16))
        await telling.until(lambda: telling.partners.of("/sms"))
    answers = telling.qhali.parts.answers
    for address, text in (("+51987654321", "4"), ("+51987654321", "hola"), ("+51900000000", "1")):
        with pytest.raises(NotAsked):
            answers.answer_by_number("sms", address, text)
    answers.answer_by_number("sms", "+51987654321", " 2 ")
    assert telling.board.current(REQUEST_ID)[0].answer == "change"
