"""What a citizen answers about an appointment, over MLLP: what it changes, what travels, what is refused."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest

from ayni.onevision.appointments import booking
from ayni.onevision.appointments.schedules import free_slots
from ayni.onevision.intakes.steps import state_concept, steps
from ayni.onevision.interface.listener import Listener
from ayni.vocabulary.hl7 import format_timestamp, parse, validate
from ayni.vocabulary.maps import event_from_schedule, siu_from_event
from ayni.vocabulary.maps.answer import Participation
from ayni.vocabulary.request import Reason, Role, State
from ayni.wire.clock import LIMA
from ayni.wire.mllp import MllpClient, MllpServer
from ayni.wire.serve import bind

REQUEST_ID = "QH-7M3K9XBT4D"
PAGE = f"/pedidos/{REQUEST_ID}/"
CALQUIS = "00004576"
NINE, TEN = "slot-00004576-202611240900", "slot-00004576-202611241000"
TUESDAY_9 = datetime(2026, 11, 24, 9, tzinfo=LIMA)
SAMPLE = "\r".join(
    (
        (
            r"MSH|^~\&|QHALI|ZLTECH|ONEVISIONCAX|DIRESA-CAJ|{sent}||SRM^{event}^SRM_S01|{key}|T|2.5.1|||||PER"
            "|UNICODE UTF-8|es^Spanish^ISO639"
        ),
        "ARQ|{request_id}^QHALI|||||{said}|||||||||{dni}^^^^^^^^RENIEC^L^^^NI||||QHALI^QHALI^^^^^^^QHALI",
        "RGS|1",
        "",
    )
)
CONFIRMS, WISHES, DECLINES = Participation.ACCEPTED, Participation.TENTATIVE, Participation.DECLINED


@pytest.fixture
def srm_answer(clock):
    """An answer as the channel sends it, given now."""

    def message(
        participation: Participation,
        number: int = 2,
        *,
        at: datetime | None = None,
        request_id: str = REQUEST_ID,
        dni: str = "99000017",
    ) -> bytes:
        why = "^citizen-request^usted lo pidió^99RSN" if participation is DECLINES else ""
        return SAMPLE.format(
            sent=format_timestamp(at or clock.at),
            event=participation.message_type[-3:],
            key=f"{request_id}.Q{number:03d}",
            request_id=request_id,
            said=f"{participation}^{participation.display}^99PAR{why}",
            dni=dni,
        ).encode()

    return message


@pytest.fixture
def answered(listener, srm_answer):
    """Sends an answer in; the record's SRR, which must be a yes that keeps to the standard."""

    def send(*arguments, **named):
        answer = parse(listener.receive(srm_answer(*arguments, **named)))
        assert answer["MSA-1"] == "AA", answer.encode()
        assert [each for each in validate(answer) if each.severity == "E"] == []
        return answer

    return send


@pytest.fixture
def booked(received, decide, admission, clock):
    received()
    decide(booking.accept_and_book, NINE, admission)
    clock.forward(hours=1)


def free(record) -> list[str]:
    with record.reading() as chart:
        return [slot["id"] for slot in free_slots(chart, CALQUIS)]


def history(record, current) -> list[tuple[str, str]]:
    """(what, who) of every step."""
    task_id = current().task["id"]
    with record.reading() as chart:
        kept = steps(chart, task_id)
    return [(each["activity"]["coding"][0]["display"], each["agent"][0]["who"]["display"]) for each in kept]


@pytest.fixture
def kept(record):
    """Everything the record holds, but for which messages it took."""

    def read() -> list[tuple[object, ...]]:
        with record.reading() as chart:
            return [
                row
                for table in ("resource", "outbox")
                for row in chart.tx.execute(f"select * from {table} order by 1, 2").fetchall()
            ]

    return read


@pytest.mark.parametrize(("participation", "event"), [(CONFIRMS, "S03"), (WISHES, "S02")])
def test_a_confirmation_and_a_wish_are_noted_and_move_nothing(
    record, booked, answered, current, events, participation, event
):
    count, version = len(events()), current().version
    answer = answered(participation)
    assert (answer.type, answer["MSA-2"]) == (f"SRR^{event}", f"{REQUEST_ID}.Q002")
    assert (answer["SCH-6.1"], answer["SCH-11.4"]) == ("booked", "20261124090000-0500")
    assert (current().participation, current().state) == (participation, State.BOOKED)
    assert (len(events()), current().version, NINE in free(record)) == (count, version, False)
    assert history(record, current)[-1] == (participation.display, "Ciudadano")


def test_a_decline_cancels_frees_the_slot_and_travels_in_one_transaction(
    record, booked, answered, current, events
):
    answer = answered(DECLINES)
    assert (answer.type, answer["SCH-6.1"], answer["SCH-6.4"]) == ("SRR^S04", "cancelled", "citizen-request")
    assert (current().state, current().appointment["status"]) == (State.CANCELLED, "cancelled")
    assert current().participation == DECLINES
    assert NINE in free(record)
    siu = siu_from_event(events()[-1])
    assert (siu.type, siu["SCH-6.1"], siu["SCH-6.4"]) == ("SIU^S15", "cancelled", "citizen-request")
    assert (siu.control_id, siu["SCH-20.1"]) == (f"{REQUEST_ID}.R004", "ONEVISIONCAX")
    assert event_from_schedule(siu)["identifier"]["value"] == f"{REQUEST_ID}.R004"
    assert history(record, current)[-2:] == [("No puede ir", "Ciudadano"), ("Cancelada", "Ciudadano")]


def test_an_answer_that_cannot_be_kept_whole_leaves_nothing(
    record, booked, listener, srm_answer, kept, monkeypatch
):
    before = kept()
    monkeypatch.setattr("ayni.onevision.interface.listener.remember", lambda *_, **__: 1 / 0)
    answer = parse(listener.receive(srm_answer(DECLINES)))
    assert (answer["MSA-1"], answer["ERR-3.1"], kept()) == ("AR", "207", before)


def test_the_same_answer_twice_has_one_effect_and_one_answer(record, booked, listener, srm_answer, kept):
    for number, participation in enumerate((CONFIRMS, WISHES, DECLINES), 2):
        first = listener.receive(srm_answer(participation, number))
        before = kept()
        assert listener.receive(srm_answer(participation, number)) == first
        assert Listener(record).receive(srm_answer(participation, number)) == first
        assert kept() == before


def test_answers_take_effect_in_their_order_and_each_srr_has_a_number_of_its_own(booked, answered, current):
    numbers = set()
    for number, participation in enumerate((CONFIRMS, WISHES, CONFIRMS, DECLINES), 2):
        numbers.add(answered(participation, number).control_id)
        assert current().participation == participation
    assert (len(numbers), {len(each) for each in numbers}) == (4, {20})


def test_whoever_withdraws_before_there_is_a_date_is_cancelled(received, answered, current, events):
    received()
    answered(DECLINES)
    assert current().state is State.CANCELLED
    siu = siu_from_event(events()[-1])
    assert (siu.type, siu.control_id) == ("SIU^S15", f"{REQUEST_ID}.R002")


def test_a_new_time_is_confirmed_by_nobody_yet(record, booked, answered, decide, admission, current):
    answered(CONFIRMS)
    decide(booking.reschedule, TEN, admission)
    assert current().participation == "needs-action"


def late_because_cancelled(decide, admission, clock, staff):
    decide(booking.cancel, Reason.ROAD_OR_WEATHER, admission)


def late_because_moved(decide, admission, clock, staff):
    decide(booking.reschedule, TEN, admission)


def late_because_it_has_begun(decide, admission, clock, staff):
    clock.at = TUESDAY_9


@pytest.mark.parametrize("participation", [CONFIRMS, WISHES, DECLINES])
@pytest.mark.parametrize("happen", [late_because_cancelled, late_because_moved, late_because_it_has_begun])
def test_a_late_answer_is_taken_and_changes_nothing(
    booked, answered, decide, admission, clock, staff, kept, happen, participation
):
    given_at = clock.at
    clock.forward(minutes=5)
    happen(decide, admission, clock, staff)
    before = kept()
    answer = answered(participation, at=given_at)
    assert (answer["ERR-3.1"], answer["ERR-4"], answer["ERR-8"]) == (
        "0",
        "I",
        "La cita ya no es la misma. La respuesta llegó tarde y no cambia nada.",
    )
    assert (answer.type, kept()) == (f"SRR^{participation.message_type[-3:]}", before)


@pytest.mark.parametrize("participation", [CONFIRMS, WISHES, DECLINES])
def test_an_answer_to_a_visit_that_goes_on_is_late_however_its_state_travels(
    record, booked, answered, current, kept, participation
):
    task = current().task
    with record.changing() as chart:
        chart.repository.update({**task, "businessStatus": state_concept(State.ARRIVED)})
    before = kept()
    assert answered(participation)["ERR-4"] == "I"
    assert kept() == before


@pytest.mark.parametrize("participation", [CONFIRMS, WISHES])
def test_before_there_is_a_date_there_is_nothing_to_confirm(received, answered, kept, participation):
    received()
    before = kept()
    assert answered(participation)["ERR-4"] == "I"
    assert kept() == before


def test_an_answer_of_the_second_of_the_booking_is_about_it(received, decide, admission, clock, answered):
    clock.forward(microseconds=700_000)
    received()
    decide(booking.accept_and_book, NINE, admission)
    assert answered(CONFIRMS).segments("ERR") == []


def test_whoever_did_not_come_may_still_say_that_they_will_not(
    booked, answered, decide, clock, staff, current
):
    clock.at = TUESDAY_9 + timedelta(hours=1)
    decide(booking.mark_no_show, staff(Role.ADMISSION))
    answered(DECLINES)
    assert current().state is State.CANCELLED


@pytest.mark.parametrize(
    ("change", "error", "place"),
    [
        ((b"QH-7M3K9XBT4D", b"QH-7M3K9XBT4E"), "204", "ARQ^1^1^1^1"),
        ((b"|99000017^", b"|99000018^"), "204", "ARQ^1^15^1^1"),
        ((b"|accepted^", b"|maybe^"), "103", "ARQ^1^6^1^1"),
        ((b"|accepted^", b"|declined^"), "103", "MSH^1^9^1^2"),
        ((b"^99PAR", b"^99STA"), "103", "ARQ^1^6^1^3"),
        ((b"SRM^S03^", b"SRM^S04^"), "103", "MSH^1^9^1^2"),
        ((b"SRM^S03^", b"SRM^S05^"), "201", "MSH^1^9^1^2"),
        ((b"|T|2.5.1", b"|P|2.5.1"), "202", "MSH^1^11"),
        ((b"\rRGS|1", b""), "100", "RGS^1"),
        ((b".Q002|", b".R002|"), "102", "MSH^1^10"),
        ((b"||||QHALI^QHALI^^^^^^^QHALI", b""), "101", "ARQ^1^19"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place_and_changes_nothing(
    booked, listener, srm_answer, kept, change, error, place
):
    before = kept()
    answer = parse(listener.receive(srm_answer(CONFIRMS).replace(*change)))
    assert answer["MSA-1"] in ("AE", "AR")
    location = answer.segments("ERR")[0].field(2)
    assert (answer["ERR-3.1"], location, kept()) == (error, place, before)
    assert answer["MSH-9.1"] == "SRR"


def test_a_refused_answer_is_taken_once_its_request_is_there(received, listener, srm_answer):
    assert b"MSA|AE|" in listener.receive(srm_answer(DECLINES))
    received()
    assert b"MSA|AA|" in listener.receive(srm_answer(DECLINES))


def test_no_patient_data_is_logged(booked, answered, listener, srm_answer, capfd):
    answered(CONFIRMS)
    listener.receive(srm_answer(DECLINES, 3, dni="99000018"))
    logged = "".join(capfd.readouterr())
    assert "SRM^S03" in logged
    assert not [word for word in ("MARÍA", "PRUEBA", "99000017", "99000018") if word in logged]


async def test_an_answer_travels_over_a_real_socket(record, booked, srm_answer, current):
    server, port = MllpServer(Listener(record).handle, Listener(record).too_long), bind("127.0.0.1", 0)
    async with server.listening(port):
        client = MllpClient("127.0.0.1", port.getsockname()[1], answer_seconds=5)
        answer = parse(await client.send(srm_answer(DECLINES)))
        client.drop()
    assert (answer["MSA-1"], answer.type, current().state) == ("AA", "SRR^S04", State.CANCELLED)


def page(client, address: str) -> str:
    return unescape(client.get(address).content.decode())


def in_list(client, name: str) -> bool:
    return REQUEST_ID in page(client, f"/listas/{name}/")


def test_the_pages_show_what_the_citizen_answered(browser, booked, answered):
    client = browser("admision")
    assert "data-participation" not in page(client, "/") + page(client, PAGE)
    answered(CONFIRMS)
    for address in ("/", PAGE):
        assert 'data-participation="accepted"' in page(client, address)
        assert "Confirmó que irá" in page(client, address)
    assert "Confirma su cita" in page(client, PAGE).split("Historia del pedido")[1]
    assert not in_list(client, "otra-fecha")


def test_who_asks_for_another_date_stands_in_a_list_until_they_have_one(browser, booked, answered):
    client = browser("admision")
    assert 'id="otra-fecha"' not in page(client, "/")
    answered(WISHES)
    assert 'id="otra-fecha"' in page(client, "/")
    assert in_list(client, "otra-fecha")
    assert in_list(client, "citas"), "the time is theirs until they have another one"
    assert "El ciudadano pide otra fecha." in page(client, PAGE)
    version = re.search(r'name="version" value="(\d+)"', page(client, PAGE))[1]
    assert client.post(PAGE + "reprogramar", {"slot": TEN, "version": version}).status_code == 302
    assert not in_list(client, "otra-fecha")
    assert "data-participation" not in page(client, PAGE)


def test_a_declined_appointment_is_among_what_has_ended_and_says_who_ended_it(browser, booked, answered):
    answered(DECLINES)
    client = browser("admision")
    assert in_list(client, "terminados")
    assert not in_list(client, "citas")
    told = re.sub("<[^>]*>|\\s+", " ", page(client, PAGE).split("Historia del pedido")[1])
    assert re.search(r"Cancelada .* Ciudadano \( ?por QHALI ?\) · usted lo pidió", told)
