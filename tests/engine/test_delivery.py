"""Delivering to partners that come and go, lose answers and say no: order is kept and nothing is lost."""

import asyncio

import pytest

from ayni.engine.store.sqlite import SqliteStore

OTHER_ID = "QH-0000000001"


async def test_the_events_of_a_request_arrive_in_order(engine, qhali, booked):
    for sequence in range(1, 8):
        await engine.send(booked(sequence=sequence))
    await qhali.receives(7)
    assert qhali.event_keys() == [f"QH-7M3K9XBT4D.R{sequence:03d}" for sequence in range(1, 8)]


async def test_a_partner_that_was_away_gets_everything_in_order_once_it_is_back(engine, qhali, booked):
    await qhali.down()
    for sequence in range(1, 4):
        assert (await engine.send(booked(sequence=sequence)))["MSA-1"] == "AA"
        assert (await engine.send(booked(OTHER_ID, sequence)))["MSA-1"] == "AA"
    await qhali.up()
    await qhali.receives(6)
    for request_id in ("QH-7M3K9XBT4D", OTHER_ID):
        mine = [key for key in qhali.event_keys() if key.startswith(request_id)]
        assert mine == [f"{request_id}.R00{sequence}" for sequence in (1, 2, 3)]


async def test_a_slow_answer_holds_its_own_lane_and_no_other(engine, qhali, booked):
    qhali.gate.clear()
    await engine.send(booked())
    await qhali.receives(1)
    slow, qhali.gate = qhali.gate, asyncio.Event()
    qhali.gate.set()
    await engine.send(booked(OTHER_ID))
    await qhali.receives(2)
    slow.set()
    await engine.reaches("delivered", "delivered", channel="state_to_qhali")


async def test_the_console_says_that_nobody_answers_and_that_somebody_does_again(engine, qhali, booked):
    await engine.finds("qhali", down=False)
    await qhali.down()
    await engine.send(booked())
    await engine.finds("qhali", down=True)
    await qhali.up()
    await engine.finds("qhali", down=False)
    await engine.reaches("delivered", channel="state_to_qhali")


async def test_while_nobody_answers_one_delivery_probes_and_the_others_wait(engine, qhali, booked):
    await qhali.down()
    for number in range(20):
        await engine.send(booked(f"QH-00000000{number:02d}"))
    await asyncio.sleep(1)
    deliveries = await engine.deliveries("state_to_qhali")
    counts = [len(each["attempts"]) for each in deliveries]
    # at most one round of all before it was known, then one at a time: a second of it is not a second of each
    assert 3 <= sum(counts) <= 40, counts
    assert {each["attempt_count"] for each in deliveries} == {0}  # an outage costs nobody an attempt


async def test_after_a_lost_answer_the_same_bytes_with_the_same_control_id_go_again(engine, record, intake):
    record.loses_answers(2)
    await engine.post(intake())
    first, second, third = await record.receives(3)
    assert first == second == third
    await engine.reaches("delivered", channel="intake_to_ehr")
    (delivery,) = await engine.deliveries("intake_to_ehr")
    outcomes = [each["outcome"] for each in delivery["attempts"]]
    assert outcomes == ["unknown", "unknown", "delivered"]


async def test_after_a_lost_answer_the_same_bytes_go_again_to_the_citizen(engine, qhali, booked):
    qhali.loses_answers(2)
    await engine.send(booked())
    first, second, third = await qhali.receives(3)
    assert first == second == third


@pytest.mark.parametrize("status", [500, 502, 504, 302])
async def test_a_broken_answer_settles_nothing(engine, qhali, booked, status):
    qhali.script = [(status, b"<html>gateway</html>")]
    await engine.send(booked())
    first, second = await qhali.receives(2)
    assert first == second
    await engine.reaches("delivered", channel="state_to_qhali")
    (delivery,) = await engine.deliveries("state_to_qhali")
    assert [each["outcome"] for each in delivery["attempts"]] == ["unknown", "delivered"]


@pytest.mark.parametrize("status", [401, 408, 429, 503])
async def test_a_partner_that_is_not_ready_is_asked_again(engine, qhali, booked, status):
    qhali.script = [(status, b"")]
    await engine.send(booked())
    await engine.reaches("delivered", channel="state_to_qhali")
    (delivery,) = await engine.deliveries("state_to_qhali")
    assert [each["outcome"] for each in delivery["attempts"]] == ["not-taken", "delivered"]


async def test_silence_is_unknown_and_the_same_bytes_go_again(new_engine, record, intake):
    engine = new_engine(AYNI_ANSWER_SECONDS="0.3")
    await engine.start()
    record.gate.clear()
    await engine.post(intake())
    await record.receives_at_least(2)
    record.gate.set()
    await engine.reaches("delivered", channel="intake_to_ehr")
    assert len(set(record.taken)) == 1


async def test_a_refused_lane_does_not_hold_the_next_lane(engine, qhali, booked):
    qhali.script = [(400, b"")]
    await engine.send(booked(sequence=1))
    await engine.reaches("refused", channel="state_to_qhali")
    await engine.send(booked(sequence=2))
    await engine.send(booked(OTHER_ID))
    await engine.reaches("refused", "pending", "delivered", channel="state_to_qhali")
    assert qhali.event_keys() == ["QH-7M3K9XBT4D.R001", f"{OTHER_ID}.R004"]


@pytest.mark.parametrize(
    ("decision", "states", "keys"),
    [
        ("otra-vez", ("delivered", "delivered"), ["R001", "R001", "R002"]),
        ("apartar", ("set-aside", "delivered"), ["R001", "R002"]),
    ],
)
async def test_a_refused_head_holds_its_lane_until_the_operator_decides(
    engine, qhali, booked, decision, states, keys
):
    qhali.script = [(422, b'{"resourceType":"OperationOutcome","issue":[{"code":"value"}]}')]
    await engine.send(booked(sequence=1))
    await engine.send(booked(sequence=2))
    refused, _ = await engine.reaches("refused", "pending", channel="state_to_qhali")
    (delivery,) = refused["deliveries"]
    assert [(each["reason"], each["ack"]) for each in delivery["attempts"]] == [("HTTP 422", "value")]
    assert await engine.decide(delivery, refused, decision) == 303
    await engine.reaches(*states, channel="state_to_qhali")
    assert [key[-4:] for key in qhali.event_keys()] == keys


@pytest.mark.parametrize(("code", "reason"), [("AE", "103"), ("AR", "202")])
async def test_an_order_that_the_record_refuses_waits_for_a_person(engine, record, intake, code, reason):
    record.script = [(code, reason)]
    await engine.post(intake())
    (message,) = await engine.reaches("refused", channel="intake_to_ehr")
    (attempt,) = message["deliveries"][0]["attempts"]
    assert (attempt["reason"], attempt["ack"]) == (f"{code} {reason}", code)
    assert [each["id"] for each in await engine.messages(delivery_state="refused")] == [message["id"]]


@pytest.mark.parametrize("reason", ["206", "207"])
async def test_a_record_that_is_locked_or_broken_is_asked_again(engine, record, intake, reason):
    record.script = [("AR", reason)]
    await engine.post(intake())
    await engine.reaches("delivered", channel="intake_to_ehr")
    assert len(record.taken) == 2


async def test_what_was_being_sent_when_the_engine_stopped_goes_again_with_the_same_bytes(
    engine, record, qhali, intake
):
    record.gate.clear()
    await engine.post(intake())
    await record.receives(1)
    await engine.stop()
    record.gate.set()
    await engine.start()
    first, second = await record.receives(2)
    assert first == second
    await engine.reaches("delivered", channel="intake_to_ehr")
    await qhali.receives(1)


ROUTE = """
from ayni.engine import Channel, Destination, Handover, Outgoing
from ayni.engine.connectors.mllp import MllpListener, MllpSender

def transform(message):
    return Outgoing(content=message.encode(), control_id=message.control_id, key=message["SCH-1.1"])

def handover(answer):
    if b"QH-0000000001" in answer:
        {trouble}

channel = Channel(
    name="lab", title="De prueba", source=MllpListener(port="${{AYNI_ENGINE_MLLP_PORT}}"),
    destinations=(
        Destination(
            partner="onevision", connector=MllpSender(address="${{AYNI_ONEVISION_MLLP}}"),
            transform=transform, handover=handover,
        ),
    ),
)
"""


@pytest.mark.parametrize(
    "trouble",
    ["raise KeyError(0)", "return Handover(channel='of-' + 'yesterday', content=answer)"],
    ids=["breaks", "unknown-channel"],
)
async def test_a_handover_that_breaks_holds_its_own_lane_and_no_other(
    new_engine, record, booked, tmp_path, trouble
):
    (tmp_path / "channels" / "lab").mkdir(parents=True)
    (tmp_path / "channels" / "lab" / "channel.py").write_text(ROUTE.format(trouble=trouble))
    engine = new_engine(AYNI_CHANNELS=str(tmp_path / "channels"))
    await engine.start()
    await engine.send(booked(OTHER_ID))
    await record.receives_at_least(2)
    for number in range(5):
        await engine.send(booked(f"QH-000000001{number}"))
    await engine.reaches("unknown", *["delivered"] * 5, channel="lab")
    (broken, *_) = await engine.deliveries("lab")
    assert {each["outcome"] for each in broken["attempts"]} == {"unknown"}
    assert all(each["reason"] == "settling failed: KeyError" for each in broken["attempts"])


async def test_a_handover_that_breaks_for_ever_is_stopped_and_not_sent_for_ever(
    new_engine, record, booked, tmp_path
):
    route = ROUTE.replace("import Channel,", "import Policy, Channel,").format(trouble="raise KeyError(0)")
    limited = route.replace("handover=handover,", "handover=handover, policy=Policy(attempts_max=3),")
    (tmp_path / "channels" / "lab").mkdir(parents=True)
    (tmp_path / "channels" / "lab" / "channel.py").write_text(limited)
    engine = new_engine(AYNI_CHANNELS=str(tmp_path / "channels"))
    await engine.start()
    await engine.send(booked(OTHER_ID))
    await engine.reaches("stalled", channel="lab")
    assert len(set(await record.receives(3))) == 1


async def test_to_a_partner_that_is_well_nothing_takes_the_way_through_the_queue(
    engine, qhali, booked, monkeypatch
):
    """What is written down is leased in the same commit; only what finds its lane or the deliverer busy is
    claimed."""
    claimed, claim = [], SqliteStore.claim

    async def watched(store, *names, **asked):
        found = await claim(store, *names, **asked)
        claimed.extend(each.control_id for each in found)
        return found

    monkeypatch.setattr(SqliteStore, "claim", watched)
    qhali.gate.clear()
    await engine.send(booked(sequence=1))
    await qhali.receives(1)
    await engine.send(booked(OTHER_ID, 1))
    await engine.send(booked(sequence=2))
    await qhali.receives(2)
    assert claimed == []
    qhali.gate.set()
    await qhali.receives(3)
    assert claimed == ["QH-7M3K9XBT4D.R002"]
