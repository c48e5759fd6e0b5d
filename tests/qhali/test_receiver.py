"""Changes of state: applied once, in their turn, by the table; everything else changes nothing."""

import asyncio
import re

import pytest

from ayni.vocabulary.fhir import FhirError, dumps, systems
from ayni.vocabulary.request import State

REQUEST_ID = "QH-7M3K9XBT4D"


def states(qhali) -> list[str]:
    return [entry.state.value for entry in qhali.parts.requests.timeline(REQUEST_ID)]


def notices(qhali) -> int:
    ((count,),) = qhali.rows("select count(*) from resource where type = 'Communication'")
    return count


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


async def test_a_waiting_step_that_is_not_allowed_is_kept_and_stops_the_line(qhali, state_message) -> None:
    qhali.submit()
    await qhali.receive(state_message(2, State.BOOKED), state_message(3, State.ACCEPTED))
    await qhali.receive(state_message(1, State.RECEIVED))
    assert states(qhali) == ["submitted", "received"]
    assert qhali.rows("select event_key from refused_event") == [(f"{REQUEST_ID}.R002",)]


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
    ((body,),) = qhali.rows("select body from resource where type = 'Communication'")
    assert re.search(rb"Recibimos su pedido QH-7M3K9XBT4D", bytes(body))
    assert b"PRUEBA" not in bytes(body)
