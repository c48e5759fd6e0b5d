"""What staff decide: every step with its resources, its event and its refusals."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from functools import partial

import pytest

from ayni.onevision.appointments import booking
from ayni.onevision.appointments.schedules import ensure_week, free_slots, slot_id
from ayni.onevision.errors import FormIncomplete, SlotTaken, TooEarly
from ayni.onevision.intakes import requests
from ayni.onevision.intakes.steps import steps
from ayni.onevision.intakes.transitions import Change, move, open_request
from ayni.vocabulary.maps import event_from_schedule, siu_from_event
from ayni.vocabulary.request import Reason, Role, State, TransitionNotAllowed
from ayni.wire.clock import LIMA

CALQUIS = "00004576"
TUESDAY_9 = datetime(2026, 11, 24, 9, 0, tzinfo=LIMA)
NINE, TEN = (slot_id(CALQUIS, TUESDAY_9.replace(hour=hour)) for hour in (9, 10))


def slot_status(record, name: str) -> str:
    with record.reading() as chart:
        return chart.repository.read("Slot", name)["status"]


def said(events) -> list[tuple[str, str, str]]:
    """(type, state, event number) of what travels after R001, as HL7 v2."""
    messages = [siu_from_event(event) for event in events()[1:]]
    return [(each.type, each["SCH-6.1"], each.control_id[-4:]) for each in messages]


@pytest.fixture
def booked(received, decide, nurse):
    received()
    decide(open_request, nurse)
    return decide(booking.accept_and_book, NINE, nurse)


def test_accept_and_book_are_two_steps_and_two_events_in_order(booked, events):
    assert booked.state is State.BOOKED
    assert said(events) == [
        ("SIU^S14", "in-review", "R002"),
        ("SIU^S14", "accepted", "R003"),
        ("SIU^S12", "booked", "R004"),
    ]


def test_a_booked_request_has_its_time_and_its_slot_is_busy(record, booked):
    appointment = booked.appointment
    assert (appointment["status"], appointment["start"]) == ("booked", "2026-11-24T09:00:00-05:00")
    assert (booked.task["status"], booked.service_request["status"]) == ("in-progress", "active")
    assert slot_status(record, NINE) == "busy"


def test_the_message_of_a_booking_agrees_with_itself(booked, events):
    message = siu_from_event(events()[-1])
    times = {message["SCH-11.4"], message["TQ1-7"], message["AIS-4"], message["AIL-6"]}
    assert times == {"20261124090000-0500"}
    assert (message["AIL-3.2"], message["AIL-3.4"]) == ("CONSULTORIO 1", CALQUIS)
    assert message["NTE-3"] == booking.INSTRUCTION
    assert (message["SCH-20.1"], message["SCH-25.1"]) == ("99000902", "Booked")
    twin = event_from_schedule(message)
    assert twin["identifier"] == events()[-1]["identifier"]


def test_an_event_carries_no_id_that_only_the_record_understands(booked, events):
    assert "slot" not in str(events()[-1])
    assert "Organization/" not in str(events()[-1])


def test_a_received_request_can_be_accepted_without_opening_it_first(received, decide, admission, events):
    received()
    decide(booking.accept_and_book, NINE, admission)
    assert [state for _, state, _ in said(events)] == ["accepted", "booked"]


def test_a_slot_is_never_given_twice(record, received, decide, nurse, booked, events):
    received(request_id="QH-7M3K9XBT4E", dni="99000025")
    count = len(events())
    with pytest.raises(SlotTaken):
        decide(booking.accept_and_book, NINE, nurse, request_id="QH-7M3K9XBT4E")
    assert len(events()) == count, "the acceptance must not stay behind alone"


def test_of_many_at_once_one_gets_the_slot(record, received, decide, nurse):
    ids = [f"QH-7M3K9XBT4{letter}" for letter in "EFGHJKMN"]
    for number, request_id in enumerate(ids):
        received(request_id=request_id, dni=f"9900002{number}")

    def attempt(request_id: str) -> bool:
        try:
            decide(booking.accept_and_book, NINE, nurse, request_id=request_id)
        except SlotTaken:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, ids)) == 1


@pytest.mark.parametrize(
    "name",
    [
        "slot-00004576-202611230900",  # has begun
        "slot-00004576-202611240907",  # is none
        "slot-00004577-202611240900",  # is another facility's
        "",
        "x" * 200,
    ],
)
def test_only_a_coming_slot_of_the_facility_can_be_booked(record, received, decide, nurse, name):
    ensure_week(record, "00004577")
    received()
    with pytest.raises(SlotTaken):
        decide(booking.accept_and_book, name, nurse)


def test_a_rescheduled_appointment_is_the_same_at_another_time(record, booked, decide, admission, events):
    moved = decide(booking.reschedule, TEN, admission)
    assert (moved.appointment["id"], moved.start.hour) == (booked.appointment["id"], 10)
    assert (slot_status(record, NINE), slot_status(record, TEN)) == ("free", "busy")
    assert said(events)[-1] == ("SIU^S13", "rescheduled", "R005")


def test_a_cancelled_appointment_frees_its_slot_and_says_why(record, booked, decide, admission, events):
    ended = decide(booking.cancel, Reason.ROAD_OR_WEATHER, admission)
    assert (ended.task["status"], ended.appointment["status"]) == ("cancelled", "cancelled")
    assert ended.service_request["status"] == "revoked"
    assert slot_status(record, NINE) == "free"
    message = siu_from_event(events()[-1])
    assert (message.type, message["SCH-6.4"], message["NTE-3"]) == ("SIU^S15", "road-or-weather", "")


def test_a_no_show_before_its_time_is_refused(booked, decide, admission, clock, events):
    count = len(events())
    clock.at = TUESDAY_9.replace(hour=8, minute=59)
    with pytest.raises(TooEarly):
        decide(booking.mark_no_show, admission)
    assert len(events()) == count
    clock.forward(minutes=1)
    assert decide(booking.mark_no_show, admission).state is State.NO_SHOW
    assert said(events)[-1][:2] == ("SIU^S26", "no-show")


def test_whoever_did_not_come_can_be_booked_again(record, booked, decide, admission, clock):
    clock.at = TUESDAY_9
    decide(booking.mark_no_show, admission)
    again = decide(booking.accept_and_book, TEN, admission)
    assert (again.state, again.start.hour) == (State.BOOKED, 10)
    assert slot_status(record, NINE) == "busy", "a time that has passed is not offered again"


def test_a_rejection_carries_reason_and_alternative(received, decide, nurse, events):
    received()
    decide(open_request, nurse)
    change = Change(
        after=State.REJECTED,
        by=nurse,
        reason=Reason.NO_CAPACITY,
        alternative="CENTRO DE SALUD LLAPA",
        note="Hay vacunas el lunes.",
    )
    assert decide(move, change).appointment["status"] == "cancelled"
    message = siu_from_event(events()[-1])
    assert (message.type, message["SCH-6.1"], message["SCH-6.4"]) == ("SIU^S15", "rejected", "no-capacity")
    assert [(note[3], note["4.1"]) for note in message.segments("NTE")] == [
        ("CENTRO DE SALUD LLAPA", "GI"),
        ("Hay vacunas el lunes.", "RE"),
    ]


@pytest.mark.parametrize("after", [State.REJECTED, State.CANCELLED])
def test_no_step_says_another_reason_without_saying_which(received, decide, staff, nurse, events, after):
    received()
    decide(open_request, nurse)
    who = nurse
    if after is State.CANCELLED:
        decide(booking.accept_and_book, NINE, nurse)
        who = staff(Role.HEAD)
    count = len(events())
    change = Change(after=after, by=who, reason=Reason.OTHER, alternative="LLAPA")
    with pytest.raises(FormIncomplete) as refused:
        decide(move, change)
    assert (refused.value.field, len(events())) == ("note", count)
    assert decide(move, replace(change, note="Se malogró el equipo.")).state is after


def test_nobody_is_rejected_without_an_alternative(received, decide, nurse, current):
    received()
    decide(open_request, nurse)
    with pytest.raises(FormIncomplete) as refused:
        decide(move, Change(after=State.REJECTED, by=nurse, reason=Reason.NO_CAPACITY, note="Lo siento."))
    assert (refused.value.field, current().state) == ("alternative", State.IN_REVIEW)


def test_why_a_visit_is_cancelled_travels_in_the_words_of_the_staff(booked, decide, admission, events):
    cancel = partial(booking.cancel, note="Se malogró el equipo.")
    decide(cancel, Reason.OTHER, admission)
    message = siu_from_event(events()[-1])
    said = [(note[3], note["4.1"]) for note in message.segments("NTE")]
    assert (message["SCH-6.4"], said) == ("other", [("Se malogró el equipo.", "RE")])


def test_before_the_booking_nothing_names_a_room(booked, events):
    received, *waiting, with_time = events()
    for event in waiting:
        message = siu_from_event(event)
        assert (message["AIL-3.2"], message["AIL-3.4"]) == ("", CALQUIS)
    assert "consultorio" not in str([received, *waiting])
    assert siu_from_event(with_time)["AIL-3.2"] == "CONSULTORIO 1"


def test_the_clerk_who_booked_is_not_said_to_attend(received, decide, admission, events):
    received()
    decide(booking.accept_and_book, NINE, admission)
    message = siu_from_event(events()[-1])
    assert (message["SCH-16.1"], message["SCH-20.1"]) == ("99000901", "99000901")
    assert message.segments("AIP") == []


def test_who_attends_by_the_schedule_is_named_at_the_booking(
    record, received, decide, admission, staff, events
):
    nurse = staff(Role.NURSE)
    with record.changing() as chart:
        schedule = chart.repository.read("Schedule", f"schedule-{CALQUIS}")
        actors = [*schedule["actor"], {"reference": f"Practitioner/{nurse.practitioner_id}"}]
        chart.repository.update(schedule | {"actor": actors})
    received()
    decide(booking.accept_and_book, NINE, admission)
    accepted, with_time = (siu_from_event(event) for event in events()[1:])
    assert accepted.segments("AIP") == []
    assert (with_time["SCH-20.1"], with_time["AIP-3.1"]) == ("99000901", "99000902")
    assert (with_time["AIP-3.2"], with_time["AIP-3.3"]) == ("PRUEBA", "JULIA")
    assert "Practitioner/" not in str(events()[-1])
    moved = decide(booking.reschedule, TEN, admission)
    assert [each["actor"]["type"] for each in moved.appointment["participant"]] == [
        "Patient",
        "Location",
        "Practitioner",
    ]


@pytest.mark.parametrize(
    ("level", "role", "is_allowed"),
    [
        ("I", Role.CLINICIAN, False),
        ("I", Role.HEAD, False),
        ("II", Role.NURSE, False),
        ("II", Role.HEAD, False),
        ("II", Role.CLINICIAN, True),
        ("III", Role.NURSE, True),
        ("IV", Role.HEAD, True),
        ("IV", Role.ADMISSION, False),
    ],
)
def test_who_may_reject_depends_on_the_orientation(received, decide, staff, nurse, level, role, is_allowed):
    received(level=level)
    decide(open_request, nurse)
    change = Change(after=State.REJECTED, by=staff(role), reason=Reason.NO_CAPACITY, alternative="LLAPA")
    if is_allowed:
        assert decide(move, change).state is State.REJECTED
    else:
        with pytest.raises(TransitionNotAllowed):
            decide(move, change)


@pytest.mark.parametrize("prediction", [[], [{"outcome": {"text": "I"}}]])
def test_a_request_whose_level_is_not_known_is_rejected_by_nobody(
    record, received, decide, staff, nurse, current, prediction
):
    received()
    decide(open_request, nurse)
    with record.changing() as chart:
        (risk,) = requests.supporting(chart, current().service_request, "RiskAssessment")
        chart.repository.update(risk | {"prediction": prediction})
    for role in (Role.NURSE, Role.CLINICIAN, Role.HEAD):
        change = Change(after=State.REJECTED, by=staff(role), reason=Reason.NO_CAPACITY, alternative="LLAPA")
        with pytest.raises(TransitionNotAllowed):
            decide(move, change)
    assert current().state is State.IN_REVIEW


def test_a_step_outside_the_table_changes_nothing(booked, decide, nurse, current, events):
    count = len(events())
    with pytest.raises(TransitionNotAllowed):
        decide(booking.cancel, Reason.CITIZEN_REQUEST, nurse)
    assert (current().version, len(events())) == (booked.version, count)


def test_opening_twice_is_one_step(received, decide, nurse, events):
    received()
    decide(open_request, nurse)
    decide(open_request, nurse)
    assert [state for _, state, _ in said(events)] == ["in-review"]


def test_a_head_may_look_without_opening(received, decide, staff, current):
    received()
    decide(open_request, staff(Role.HEAD))
    assert current().state is State.RECEIVED


def test_every_step_is_kept_with_its_person(record, booked):
    with record.reading() as chart:
        kept = steps(chart, requests.find(chart, booked.id).task["id"])
    who = [(each["activity"]["coding"][0]["code"], each["agent"][0]["who"]["display"]) for each in kept]
    assert who == [
        ("received", "oneVisionCax"),
        ("in-review", "JULIA PRUEBA"),
        ("accepted", "JULIA PRUEBA"),
        ("booked", "JULIA PRUEBA"),
    ]


def test_every_event_can_be_said_to_the_citizen(booked, decide, admission, clock, events):
    decide(booking.reschedule, TEN, admission)
    clock.at = TUESDAY_9.replace(hour=11)
    decide(booking.mark_no_show, admission)
    sequence = [event_from_schedule(siu_from_event(event)) for event in events()[1:]]
    assert [bundle["entry"][0]["resource"]["extension"][0]["valuePositiveInt"] for bundle in sequence] == [
        2, 3, 4, 5, 6,
    ]  # fmt: skip


def test_booked_slots_are_no_longer_offered(record, booked):
    with record.reading() as chart:
        assert NINE not in [slot["id"] for slot in free_slots(chart, CALQUIS)]
