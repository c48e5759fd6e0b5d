"""Requests that come over MLLP: what is kept, what is answered, what is refused."""

import asyncio
import socket

import pytest

from ayni.onevision.interface.listener import Listener
from ayni.vocabulary.hl7 import parse
from ayni.wire.mllp import MllpClient, MllpServer
from ayni.wire.serve import bind

REQUEST_ID = "QH-7M3K9XBT4D"
LEVEL_III = "III^Atención hoy, dentro de 24 horas^99ORI".encode()


def rows(record, table: str) -> int:
    with record.reading() as chart:
        return chart.tx.execute(f"select count(*) from {table}").get


def test_a_request_is_answered_with_the_event_r001(listener, srm):
    answer = parse(listener.receive(srm()))
    assert (answer.type, answer.structure, answer.control_id) == ("SRR^S01", "SRR_S01", f"{REQUEST_ID}.R001")
    assert (answer["MSA-1"], answer["MSA-2"]) == ("AA", f"{REQUEST_ID}.Q001")
    assert (answer["SCH-1.1"], answer["SCH-2.1"]) == (REQUEST_ID, "OV-2026-0000001")
    assert (answer["SCH-6.1"], answer["SCH-25.1"], answer["SCH-11.4"]) == ("received", "Pending", "")
    assert (answer["PID-3.1"], len(answer.segments("PID")[0].repetitions(3))) == ("99000017", 1)
    assert (answer["AIL-3.2"], answer["AIL-3.4"]) == ("", "00004576")


def test_everything_the_request_brings_is_kept(record, listener, srm, current):
    listener.receive(srm())
    with record.reading() as chart:
        kinds = dict(chart.tx.execute("select type, count(*) from resource group by type").fetchall())
    expected = {
        "Observation": 4,
        "RiskAssessment": 1,
        "Consent": 1,
        "Task": 1,
        "ServiceRequest": 1,
        "Patient": 1,
    }
    assert {kind: kinds.get(kind) for kind in expected} == expected
    request = current()
    assert (request.state, request.orientation, request.facility_code) == ("received", "III", "00004576")
    assert request.patient["name"][0]["family"] == "PRUEBA"


def test_the_promised_answer_counts_from_the_moment_it_was_received(received, current, clock):
    received(level="II")
    assert (current().promised_at - clock.at).total_seconds() == 15 * 60


def test_r001_is_in_the_log_as_delivered(record, received, events):
    received()
    assert [event["identifier"]["value"] for event in events()] == [f"{REQUEST_ID}.R001"]
    with record.reading() as chart:
        assert chart.tx.execute("select state from outbox").fetchall() == [("delivered",)]


def test_the_same_message_twice_has_one_effect_and_one_answer(record, listener, srm, clock):
    first = listener.receive(srm())
    before = rows(record, "resource")
    clock.forward(hours=1)
    assert listener.receive(srm().replace(b"20261123093015-0500||SRM", b"20261123093315-0500||SRM")) == first
    assert rows(record, "resource") == before


def test_a_control_id_with_other_content_is_refused(record, listener, srm):
    listener.receive(srm())
    before = rows(record, "resource")
    answer = parse(listener.receive(srm().replace(b"CALQUIS", b"LLAPA")))
    assert (answer["MSA-1"], answer["ERR-3.1"]) == ("AE", "205")
    assert rows(record, "resource") == before


def test_a_request_already_here_is_refused_under_another_control_id(listener, srm):
    listener.receive(srm())
    answer = parse(listener.receive(srm().replace(b".Q001", b".Q002")))
    assert (answer["MSA-1"], answer["ERR-3.1"], answer["ERR-2.1"]) == ("AE", "205", "ARQ")


@pytest.mark.parametrize("set_ids", [(b"1", b"1"), (b"", b""), (b"2", b"1")])
def test_symptoms_are_numbered_by_their_place_whatever_their_set_ids(listener, srm, record, set_ids):
    first, second = (b"\rOBX|" + each + b"|CE|75325-1" for each in set_ids)
    sent = srm().replace(b"\rOBX|1|CE|75325-1", first).replace(b"\rOBX|2|CE|75325-1", second)
    assert parse(listener.receive(sent))["MSA-1"] == "AA"
    with record.reading() as chart:
        assert chart.tx.execute("select count(*) from resource where type = 'Observation'").get == 4


def test_an_emergency_said_twice_in_two_ways_is_not_taken_for_the_lesser(record, listener, srm):
    emergency = srm(level="I")
    (line,) = [segment for segment in emergency.split(b"\r") if b"|orientation^" in segment]
    lesser = line.replace(b"||I^", b"||IV^")
    answer = parse(listener.receive(emergency.replace(line, lesser + b"\r" + line)))
    assert (answer["MSA-1"], answer["ERR-2.1"], answer["ERR-2.2"]) == ("AE", "OBX", "6")
    assert rows(record, "outbox") == 0


def test_a_person_the_record_knows_is_matched_by_dni(record, received, current):
    received()
    received(request_id="QH-7M3K9XBT4E")
    assert current().patient["id"] == current("QH-7M3K9XBT4E").patient["id"]
    with record.reading() as chart:
        assert len(chart.repository.search("Patient", identifier="99000017")) == 1


@pytest.mark.parametrize(
    ("change", "answer_code", "error", "place"),
    [
        ((b"^00004576", b"^00099999"), "AE", "103", "AIL"),
        ((b"|T|2.5.1", b"|P|2.5.1"), "AR", "202", "MSH"),
        ((b"SRM^S01^SRM_S01", b"ORU^R01^ORU_R01"), "AR", "200", "MSH"),
        ((b"SRM^S01^SRM_S01", b"SRM^S05^SRM_S01"), "AR", "201", "MSH"),
        ((b"|2.5.1|", b"|2.3|"), "AR", "203", "MSH"),
        ((b"\rRGS|1", b""), "AE", "100", "RGS"),
        ((b"\rARQ|", b"\rZRQ|"), "AE", "100", "ARQ"),
        ((b"\rRGS|1\rAIS", b"\rAIS|1\rRGS|1\rAIS"), "AE", "100", "RGS"),
        ((b"consulta-externa^Consulta externa^99SVC", b"x^y^ZZZ"), "AE", "103", "AIS"),
        ((b"consulta-externa^", b"cirugia^"), "AE", "103", "AIS"),
        ((b"20261124093015-0500|TH24", b"20261122093015-0500|TH24"), "AE", "102", "ARQ"),
        ((b"|99000017^^^RENIEC^NI^", b"|" + b"~" * 1000 + b"99000017^^^RENIEC^NI^"), "AE", "102", "PID"),
        ((LEVEL_III, b"I^Emergencia^"), "AE", "103", "OBX"),
        ((LEVEL_III, b"I^Emergencia^99RFL"), "AE", "103", "OBX"),
        ((LEVEL_III, LEVEL_III + b"~I^Emergencia^99ORI"), "AE", "102", "OBX"),
        ((b"red-flag^", b"orientation^"), "AE", "100", "OBX"),
        ((b"|orientation^", b"|orientacion^"), "AE", "101", "OBX"),
        ((b"OPTIN^", b"OPTOUT^"), "AE", "103", "OBX"),
        ((b"|TH24|", b"|NOW|"), "AE", "103", "ARQ"),
        ((b"|TH24|", b"|R|"), "AE", "103", "ARQ"),
        ((b"|99000017^^^RENIEC", b"|40123456^^^RENIEC"), "AE", "103", "PID"),
        ((b"\rPV1|", b"\rPID|2||99000018^^^RENIEC^NI||PRUEBA\rPV1|"), "AE", "100", "PID"),
        ((b"PRUEBA^MAR", b"^MAR"), "AE", "101", "PID"),
        ((b"|19920314|", b"|19921399|"), "AE", "102", "PID"),
        ((b"ARQ|QH-7M3K9XBT4D", b"ARQ|1234"), "AE", "101", "ARQ"),
    ],
)
def test_what_is_wrong_is_answered_with_its_place_and_leaves_nothing(
    record, listener, srm, change, answer_code, error, place
):
    before = rows(record, "resource")
    answer = parse(listener.receive(srm().replace(*change)))
    assert (answer["MSA-1"], answer["ERR-3.1"], answer["ERR-2.1"]) == (answer_code, error, place)
    assert answer["MSA-2"] == f"{REQUEST_ID}.Q001"
    assert answer["ERR-8"].strip()
    assert (rows(record, "resource"), rows(record, "outbox"), rows(record, "received")) == (before, 0, 0)


@pytest.mark.parametrize(
    "key", ["QH-7M3K9XBT4E.Q001", "QH-7M3K9XBT4D.R001", "QH-7M3K9XBT4D", "MSG00001", "QH-7M3K9XBT4D.Q001000"]
)
def test_a_control_id_that_is_not_this_requests_event_key_is_refused(record, listener, srm, key):
    answer = parse(listener.receive(srm().replace(b"|QH-7M3K9XBT4D.Q001|", f"|{key}|".encode())))
    found = [answer[place] for place in ("MSA-1", "ERR-3.1", "ERR-2.1", "ERR-2.2", "ERR-2.3")]
    assert found == ["AE", "102", "MSH", "1", "10"]
    assert rows(record, "received") == 0


def test_a_refused_request_is_taken_once_it_is_right(listener, srm):
    listener.receive(srm().replace(b"^00004576", b"^00099999"))
    assert b"MSA|AA|" in listener.receive(srm())


@pytest.mark.parametrize("raw", [b"", b"hola", b"MSH", b"PID|1", b"\xff\xfe", b"MSH|^~\\&|\xff\xff"])
def test_what_is_no_message_is_answered_with_an_error(listener, raw):
    answer = parse(listener.receive(raw))
    assert answer["MSA-1"] in ("AE", "AR")
    assert answer["ERR-3.1"]


def test_a_failure_inside_is_answered_as_not_kept(record, listener, srm):
    record.database.close()
    answer = parse(listener.receive(srm()))
    assert (answer["MSA-1"], answer["ERR-3.1"]) == ("AR", "207")


def test_no_patient_data_is_logged(listener, srm, capfd):
    listener.receive(srm())
    listener.receive(srm(request_id="QH-7M3K9XBT4E").replace(b"OPTIN^", b"OPTOUT^"))
    logged = "".join(capfd.readouterr())
    assert "OBX" in logged
    assert not [word for word in ("MARÍA", "PRUEBA", "ÑAUPARI", "99000017", "flema") if word in logged]


async def test_a_request_travels_over_a_real_socket(record, srm):
    server, listener = serving(record)
    async with server.listening(listener):
        client = MllpClient("127.0.0.1", port_of(listener), answer_seconds=5)
        answer = parse(await client.send(srm()))
        client.drop()
    assert (answer["MSA-1"], answer.type) == ("AA", "SRR^S01")


async def test_a_message_above_a_megabyte_is_refused_before_it_ends(record, srm):
    server, listener = serving(record)
    head = srm().replace(b"Tos con flema", b"x" * (1 << 20))
    async with server.listening(listener):
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(listener))
        writer.write(b"\x0b" + head)
        answer = parse((await asyncio.wait_for(reader.read(1 << 16), 5)).strip(b"\x0b\x1c\r") + b"\r")
        writer.close()
    assert (answer["MSA-1"], answer["MSA-2"]) == ("AE", f"{REQUEST_ID}.Q001")


def serving(record) -> tuple[MllpServer, socket.socket]:
    listener = Listener(record)
    return MllpServer(listener.handle, listener.too_long), bind("127.0.0.1", 0)


def port_of(listener: socket.socket) -> int:
    return listener.getsockname()[1]
