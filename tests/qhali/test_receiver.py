"""Changes of state: applied once, in their turn, by the table; everything else changes nothing."""

import asyncio
import contextlib
import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest

from ayni.fhirserver.repository import Repository
from ayni.qhali.notifications.communication import communication
from ayni.qhali.requests.events import read_event
from ayni.vocabulary.fhir import FhirError, dumps, loads, systems
from ayni.vocabulary.request import EventKey, State

REQUEST_ID = "QH-7M3K9XBT4D"


def states(qhali) -> list[str]:
    return [entry.state.value for entry in qhali.parts.requests.timeline(REQUEST_ID)]


def notices(qhali) -> int:
    """How much was told after the sending itself."""
    ((count,),) = qhali.rows("select count(*) from resource where type = 'Communication'")
    return count - 1


def kept(qhali) -> list[str]:
    """The event keys of what could not be applied."""
    return [key for (key,) in qhali.rows("select event_key from refused_event")]


async def refused(qhali, message) -> FhirError:
    with pytest.raises(FhirError) as error:
        await qhali.receive(message)
    return error.value


async def test_each_change_is_one_timeline_entry_and_one_notice(qhali, state_message) -> None:
    qhali.submit()
    await qhali.receive(
        state_message(1, State.RECEIVED),
        state_message(2, State.IN_REVIEW),
        state_message(3, State.ACCEPTED),
        state_message(4, State.BOOKED, start="2026-11-24T09:00:00-05:00"),
    )
    assert states(qhali) == ["submitted", "received", "in-review", "accepted", "booked"]
    assert notices(qhali) == 4
    assert qhali.announced == [REQUEST_ID] * 4
    assert qhali.parts.requests.appointment(REQUEST_ID)["start"] == "2026-11-24T09:00:00-05:00"


async def test_the_same_message_twice_is_answered_alike_and_told_once(qhali, state_message) -> None:
    qhali.submit()
    message = state_message(1, State.RECEIVED)
    first, second = await qhali.receive(message, message)
    assert first == second
    assert (states(qhali), notices(qhali)) == (["submitted", "received"], 1)


async def test_many_at_once_are_still_told_once(qhali, state_message) -> None:
    qhali.submit()
    raw = dumps(state_message(1, State.RECEIVED))
    answers = await asyncio.gather(*(qhali.receiver.receive(raw) for _ in range(8)))
    assert len(set(answers)) == 1
    assert notices(qhali) == 1


async def test_the_same_message_with_new_times_of_its_bundle_is_the_same(qhali, state_message) -> None:
    qhali.submit()
    message = state_message(1, State.RECEIVED)
    later = message | {"timestamp": "2026-11-23T10:00:00-05:00"}
    later["meta"] = message.get("meta", {}) | {"lastUpdated": "2026-11-23T10:00:00-05:00"}
    first, second = await qhali.receive(message, later)
    assert first == second
    assert notices(qhali) == 1


async def test_the_same_key_with_other_content_is_a_conflict(qhali, state_message) -> None:
    qhali.submit()
    await qhali.receive(state_message(1, State.RECEIVED))
    error = await refused(qhali, state_message(1, State.IN_REVIEW))
    assert (error.http_status, error.issue) == (409, "duplicate")
    assert states(qhali) == ["submitted", "received"]


async def test_an_early_event_waits_for_the_gap_to_be_filled(qhali, state_message) -> None:
    qhali.submit()
    await qhali.receive(state_message(3, State.ACCEPTED), state_message(2, State.IN_REVIEW))
    assert states(qhali) == ["submitted"]
    await qhali.receive(state_message(1, State.RECEIVED))
    assert states(qhali) == ["submitted", "received", "in-review", "accepted"]
    assert notices(qhali) == 3


async def test_a_late_event_changes_nothing(qhali, state_message) -> None:
    qhali.submit()
    await qhali.receive(state_message(2, State.IN_REVIEW), state_message(1, State.RECEIVED))
    late = state_message(2, State.RECEIVED)
    late["entry"][0]["resource"]["source"]["name"] = "another sender"
    await qhali.receive(late)
    assert states(qhali) == ["submitted", "received", "in-review"]


async def test_an_event_without_change_of_state_takes_its_number_and_tells_nobody(
    qhali, state_message
) -> None:
    qhali.submit()
    await qhali.receive(state_message(1, State.RECEIVED), state_message(2, State.RECEIVED))
    assert (states(qhali), notices(qhali)) == (["submitted", "received"], 1)
    assert qhali.parts.requests.read(REQUEST_ID).sequence == 2


async def test_a_step_that_the_table_does_not_have_is_refused_and_kept(qhali, state_message) -> None:
    qhali.submit()
    error = await refused(qhali, state_message(1, State.BOOKED))
    assert (error.http_status, error.issue) == (409, "conflict")
    assert (states(qhali), notices(qhali)) == (["submitted"], 0)
    ((key, reason),) = qhali.rows("select event_key, reason from refused_event")
    assert (key, reason) == (f"{REQUEST_ID}.R001", "state-not-allowed: submitted -> booked")


async def test_a_waiting_step_that_is_not_allowed_is_kept_and_the_line_goes_on(qhali, state_message) -> None:
    qhali.submit()
    await qhali.receive(
        state_message(2, State.BOOKED), state_message(3, State.ACCEPTED), state_message(4, State.BOOKED)
    )
    await qhali.receive(state_message(1, State.RECEIVED))
    assert states(qhali) == ["submitted", "received", "accepted", "booked"]
    assert kept(qhali) == [f"{REQUEST_ID}.R002"]
    assert qhali.parts.requests.figures()["requests_with_gap"] == 0


async def test_a_waiting_event_that_cannot_be_kept_leaves_no_trace_of_itself(qhali, state_message) -> None:
    qhali.submit()
    waiting = state_message(2, State.IN_REVIEW)
    task = waiting["entry"][1]["resource"]
    notice = communication(EventKey(REQUEST_ID, "R", 2), "otro", task=task, sent_at=datetime.now(UTC))
    with qhali.database.transaction() as tx:  # whose id is taken; the Task before it can be stored
        Repository(tx, now=lambda: datetime.now(UTC), new_id=str).create(notice)
    await qhali.receive(waiting, state_message(1, State.RECEIVED))
    assert (states(qhali), kept(qhali)) == (["submitted", "received"], [f"{REQUEST_ID}.R002"])
    assert qhali.rows("select version from resource where type = 'Task'") == [(1,)]


async def test_a_refused_number_counts_as_passed_once_a_later_event_comes(qhali, state_message) -> None:
    qhali.submit()
    await qhali.receive(state_message(1, State.RECEIVED))
    await refused(qhali, state_message(2, "teleported"))
    await refused(qhali, state_message(3, State.RESCHEDULED))
    assert qhali.parts.requests.read(REQUEST_ID).sequence == 1
    await qhali.receive(state_message(4, State.IN_REVIEW), state_message(5, State.ACCEPTED))
    assert states(qhali) == ["submitted", "received", "in-review", "accepted"]
    assert qhali.parts.requests.read(REQUEST_ID).sequence == 5
    await qhali.receive(state_message(2, State.CANCELLED))
    assert states(qhali) == ["submitted", "received", "in-review", "accepted"]


async def test_a_number_that_never_came_is_not_passed(qhali, state_message) -> None:
    qhali.submit()
    await refused(qhali, state_message(1, "teleported"))
    await qhali.receive(state_message(3, State.RECEIVED))
    assert (states(qhali), qhali.parts.requests.read(REQUEST_ID).sequence) == (["submitted"], 1)
    assert qhali.parts.requests.figures()["requests_with_gap"] == 1


async def test_a_refused_event_sent_again_before_a_later_one_is_judged_anew(qhali, state_message) -> None:
    qhali.submit()
    for _ in range(2):
        assert (await refused(qhali, state_message(1, State.BOOKED))).http_status == 409
    await qhali.receive(state_message(1, State.RECEIVED))
    assert states(qhali) == ["submitted", "received"]
    assert qhali.parts.requests.figures()["events_refused"] == 1


async def test_a_later_event_that_is_refused_too_passes_nothing(qhali, state_message) -> None:
    qhali.submit()
    await refused(qhali, state_message(1, State.BOOKED))
    await refused(qhali, state_message(2, State.RESCHEDULED))
    await qhali.receive(state_message(1, State.RECEIVED))
    assert states(qhali) == ["submitted", "received"]


async def test_what_waits_behind_a_number_that_is_refused_takes_its_turn(qhali, state_message) -> None:
    qhali.submit()
    await qhali.receive(state_message(2, State.RECEIVED), state_message(3, State.IN_REVIEW))
    await refused(qhali, state_message(1, "teleported"))
    assert states(qhali) == ["submitted", "received", "in-review"]
    assert qhali.announced == [REQUEST_ID]


async def test_another_content_under_the_key_of_a_waiting_event_does_not_pass_it(
    qhali, state_message
) -> None:
    qhali.submit()
    await qhali.receive(state_message(2, State.IN_REVIEW))
    await refused(qhali, state_message(2, State.ACCEPTED))
    await qhali.receive(state_message(1, State.RECEIVED))
    assert states(qhali) == ["submitted", "received", "in-review"]


@pytest.mark.parametrize(("says", "level"), [("no puedo respirar", "I"), ("tengo tos", "IV")])
async def test_an_emergency_is_never_told_that_it_was_rejected(qhali, state_message, says, level) -> None:
    qhali.submit(says)
    assert qhali.parts.requests.read(REQUEST_ID).level == level
    await qhali.receive(state_message(1, State.RECEIVED), state_message(2, State.IN_REVIEW))
    rejected = state_message(3, State.REJECTED)
    if level == "I":
        assert (await refused(qhali, rejected)).http_status == 409
    else:
        await qhali.receive(rejected)
    assert ("rejected" in states(qhali)) is (level != "I")


async def test_an_unknown_state_is_refused_with_its_place_and_kept(qhali, state_message) -> None:
    qhali.submit()
    error = await refused(qhali, state_message(1, "teleported"))
    assert (error.http_status, error.issue) == (422, "code-invalid")
    assert error.expression == "Bundle.entry.resource.ofType(Task).businessStatus"
    assert len(qhali.rows("select * from refused_event")) == 1


async def test_an_unknown_request_is_not_found(qhali, state_message) -> None:
    error = await refused(qhali, state_message(1, State.RECEIVED))
    assert (error.http_status, error.issue) == (404, "not-found")


async def test_real_traffic_does_not_enter_the_demonstration(qhali, state_message) -> None:
    qhali.submit()
    message = state_message(1, State.RECEIVED)
    del message["meta"]
    assert (await refused(qhali, message)).http_status == 403


@pytest.mark.parametrize(
    ("spoil", "place"),
    [
        (lambda m: m.update(type="collection"), "Bundle.type"),
        (lambda m: m.pop("identifier"), "Bundle.identifier"),
        (lambda m: m.update(identifier={"system": systems.EVENT_ID, "value": "R1"}), "Bundle.identifier"),
        (lambda m: m["entry"].pop(0), "Bundle.entry[0].resource"),
        (lambda m: m["entry"].pop(1), "Bundle.entry.resource.ofType(Task)"),
        (lambda m: m["entry"][0]["resource"].update(eventUri="x"), "Bundle.entry[0].resource.eventUri"),
        (lambda m: m["entry"][0]["resource"].update(id="x"), "Bundle.entry[0].resource.id"),
        (
            lambda m: m["entry"][1]["resource"]["groupIdentifier"].update(value="QH-0000000001"),
            "Bundle.entry.resource.ofType(Task).groupIdentifier",
        ),
        (lambda m: m.pop("timestamp"), "Bundle.timestamp"),
    ],
)
async def test_what_is_not_a_state_message_is_refused_with_its_place(
    qhali, state_message, spoil, place
) -> None:
    qhali.submit()
    message = state_message(1, State.RECEIVED)
    spoil(message)
    error = await refused(qhali, message)
    assert (error.http_status, error.expression) == (422, place)
    assert states(qhali) == ["submitted"]


TASK, APPOINTMENT = 1, 2
"""Where they stand in a state message."""


@pytest.mark.parametrize(
    ("entry", "element", "value", "status", "place"),
    [
        (TASK, "note", ["x"], 400, "Bundle.entry[1].resource.note[0]"),
        (TASK, "note", [{"text": 5}], 400, "Bundle.entry[1].resource.note[0].text"),
        (TASK, "owner", "x", 400, "Bundle.entry[1].resource.owner"),
        (TASK, "businessStatus", {"coding": 7}, 400, "Bundle.entry[1].resource.businessStatus.coding"),
        (TASK, "statusReason", {"coding": "x"}, 400, "Bundle.entry[1].resource.statusReason.coding"),
        (TASK, "for", None, 422, "Task.for"),
        (TASK, "for", "x", 400, "Bundle.entry[1].resource.for"),
        (TASK, "id", None, 422, "Task.id"),
        (TASK, "id", ["x"], 400, "Bundle.entry[1].resource.id"),
        (TASK, "id", "not an id", 400, "Bundle.entry[1].resource.id"),
        (APPOINTMENT, "id", None, 422, "Appointment.id"),
        (APPOINTMENT, "start", "mañana", 400, "Bundle.entry[2].resource.start"),
        (APPOINTMENT, "start", "2026-11-24", 400, "Bundle.entry[2].resource.start"),
        (APPOINTMENT, "start", "2026-11-31T09:00:00-05:00", 400, "Bundle.entry[2].resource.start"),
        (APPOINTMENT, "identifier", [], 400, "Bundle.entry[2].resource.identifier"),
    ],
)
async def test_what_has_another_shape_is_refused_with_its_place_and_kept(
    qhali, state_message, entry, element, value, status, place
) -> None:
    qhali.submit()
    message = state_message(1, State.RECEIVED, start="2026-11-24T09:00:00-05:00")
    resource = message["entry"][entry]["resource"]
    if value is None:
        del resource[element]
    else:
        resource[element] = value
    error = await refused(qhali, message)
    assert (error.http_status, error.expression) == (status, place)
    assert (states(qhali), kept(qhali)) == (["submitted"], [f"{REQUEST_ID}.R001"])


async def test_two_appointments_are_refused(qhali, state_message) -> None:
    qhali.submit()
    message = state_message(1, State.RECEIVED)
    message["entry"].append(message["entry"][APPOINTMENT])
    assert (await refused(qhali, message)).http_status == 422


@pytest.mark.parametrize("depth", [500, 900, 2000])
async def test_a_message_of_many_levels_is_taken_or_refused(qhali, state_message, depth: int) -> None:
    qhali.submit()
    await qhali.receive(state_message(1, State.RECEIVED))
    deep = b'"intent":' + b"[" * depth + b"]" * depth
    raw = dumps(state_message(2, State.ACCEPTED)).replace(b'"intent":"proposal"', deep)
    with contextlib.suppress(FhirError):
        await qhali.receiver.receive(raw)


async def test_whatever_an_element_is_replaced_by_the_answer_is_an_outcome(qhali, state_message) -> None:
    """A failure that is not a FhirError would be told as `transient`, and the sender would never stop."""
    qhali.submit()
    await qhali.receive(
        *(state_message(number, state) for number, state in enumerate((State.RECEIVED, State.ACCEPTED), 1))
    )

    def next_message() -> Any:  # after the first one each moves the appointment once more
        number = qhali.parts.requests.read(REQUEST_ID).sequence + 1
        state = State.BOOKED if number == 3 else State.RESCHEDULED
        return state_message(number, state, start="2026-11-24T09:00:00-05:00", note=[{"text": "x"}])

    await qhali.receive(next_message())
    places = list(_places(next_message()))
    applied = 0
    for place in places:
        for value in (None, 7, "x", [], ["x"], [[7]], {}, {"coding": {}}):
            message = deepcopy(next_message())
            _replace(message, place, value)
            with contextlib.suppress(FhirError):
                read_event(loads(dumps(message)), is_test=True)
                await qhali.receive(message)
                applied += 1
    assert 0 < applied < len(places) * 8


def _places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every element of a message."""
    children = value.items() if isinstance(value, dict) else enumerate(value)
    for name, child in children:
        yield (*place, name)
        if isinstance(child, dict | list):
            yield from _places(child, (*place, name))


def _replace(message: Any, place: tuple[Any, ...], value: Any) -> None:
    for name in place[:-1]:
        message = message[name]
    message[place[-1]] = value


async def test_a_failure_in_the_middle_leaves_nothing_and_the_resend_is_applied(qhali, state_message) -> None:
    qhali.submit()
    message = state_message(1, State.RECEIVED)
    with qhali.database.transaction() as tx:
        tx.execute("create trigger full before insert on received begin select raise(abort, 'no room'); end")
    with pytest.raises(Exception, match="no room"):
        await qhali.receive(message)
    assert (states(qhali), notices(qhali)) == (["submitted"], 0)
    with qhali.database.transaction() as tx:
        tx.execute("drop trigger full")
    await qhali.receive(message)
    assert (states(qhali), notices(qhali)) == (["submitted", "received"], 1)


async def test_a_notice_has_the_sentence_and_no_patient_but_by_reference(qhali, state_message) -> None:
    qhali.submit()
    await qhali.receive(state_message(1, State.RECEIVED))
    _, (body,) = qhali.rows("select body from resource where type = 'Communication' order by key")
    assert re.search(rb"Recibimos su pedido QH-7M3K9XBT4D", bytes(body))
    assert b"PRUEBA" not in bytes(body)
