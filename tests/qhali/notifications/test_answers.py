"""Only what is asked now can be answered: nobody confirms a date with the answer to an earlier one."""

from datetime import timedelta

import pytest

from ayni.qhali.notifications import NotAsked
from ayni.vocabulary.fhir import bundle, check, loads
from ayni.vocabulary.request import State

REQUEST_ID = "QH-7M3K9XBT4D"
START, LATER = "2026-11-28T09:00:00-05:00", "2026-12-05T09:00:00-05:00"


async def reminded(telling, state_message) -> str:
    """The id of a reminder that asks, two days after the booking."""
    telling.qhali.submit()
    await telling.qhali.receive(
        state_message(1, State.RECEIVED),
        state_message(2, State.ACCEPTED),
        state_message(3, State.BOOKED, start=START),
    )
    await pass_time(telling, timedelta(days=2))
    (asked,) = telling.board.current(REQUEST_ID)
    return asked.id


async def pass_time(telling, by: timedelta) -> None:
    async with telling.at_work() as postman:
        await telling.after(postman, by)


def sent(telling) -> list[str]:
    return [key for (key,) in telling.qhali.rows("select event_key from outbox order by position")]


async def test_a_question_about_a_time_that_has_changed_is_answered_no_more(telling, state_message) -> None:
    asked = await reminded(telling, state_message)
    await telling.qhali.receive(state_message(4, State.RESCHEDULED, start=LATER))
    with pytest.raises(NotAsked):
        telling.qhali.parts.answers.answer(asked, "confirm")
    await pass_time(telling, timedelta(days=7))
    with pytest.raises(NotAsked):
        telling.qhali.parts.answers.answer(asked, "confirm")
    assert sent(telling) == [f"{REQUEST_ID}.Q001"]
    (again,) = telling.board.current(REQUEST_ID)
    telling.qhali.parts.answers.answer(again.id, "confirm")
    assert sent(telling) == [f"{REQUEST_ID}.Q001", f"{REQUEST_ID}.Q002"]


async def test_a_question_about_an_appointment_that_is_no_more_is_answered_no_more(
    telling, state_message
) -> None:
    asked = await reminded(telling, state_message)
    await telling.qhali.receive(state_message(4, State.CANCELLED))
    with pytest.raises(NotAsked):
        telling.qhali.parts.answers.answer(asked, "cannot")
    assert sent(telling) == [f"{REQUEST_ID}.Q001"]


async def test_an_answer_is_whole_fhir_and_says_what_it_is_about(telling, state_message) -> None:
    asked = await reminded(telling, state_message)
    telling.qhali.parts.answers.answer(asked, "change")
    ((content,),) = telling.qhali.rows("select content from outbox where event_key like '%.Q002'")
    message = loads(bytes(content))
    assert [finding for finding in check(message) if finding.severity == "error"] == []
    response = bundle.only(message, "AppointmentResponse")
    assert bundle.header(message)["focus"] == [{"reference": f"urn:uuid:{response['id']}"}]
