"""/metrics: the figures of a running engine, few labels, and only for those who may see them."""

import timeit

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.requests import Request

from ayni.engine.observability.counting import BOUNDS, Counting, Histogram
from ayni.engine.observability.looking import Seldom, contradictions_in
from ayni.engine.observability.metrics import is_this_machine
from ayni.engine.store.contract import Balance

from ..conftest import until
from .test_tracing import claim, message, settlement

LABELS = {"channel", "destination", "outcome", "le"}


def request(host, **headers):
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "client": (host, 1), "headers": pairs})


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        (request("127.0.0.1"), True),
        (request("::1"), True),
        (request("10.0.0.8"), False),
        (request("testclient"), False),
        (request("127.0.0.1", x_forwarded_for="10.0.0.8"), False),
        (request("127.0.0.1", forwarded="for=10.0.0.8"), False),
    ],
)
def test_only_programs_of_this_machine_that_ask_for_themselves(asked, allowed):
    assert is_this_machine(asked) is allowed


def test_a_time_at_a_bound_belongs_below_it_and_a_long_one_is_not_lost():
    histogram = Histogram()
    for seconds in (BOUNDS[0], BOUNDS[0] * 1.01, 99.0):
        histogram.add(seconds)
    assert histogram.counts == [1, 1, *[0] * (len(BOUNDS) - 2), 1]
    assert histogram.count == 3


def test_what_came_counts_from_outside_from_inside_and_what_was_not_kept():
    counting = Counting()
    counting.received(message(), 1, "stored", 0.0, 0.1)
    counting.received(message(), 0, "repeated", 0.0, 0.1)
    counting.made(message(state="refused"))
    counting.not_kept("orders")
    assert counting.received_counts == {
        ("orders", "stored"): 1,
        ("orders", "repeated"): 1,
        ("orders", "refused"): 1,
        ("orders", "not-kept"): 1,
    }


def test_counting_costs_a_message_less_than_five_microseconds():
    counting, one, other = Counting(), message(), claim()
    done = settlement()

    def hop():
        counting.received(one, 1, "stored", 0.0, 0.003)
        counting.attempted(other, done)

    best = min(timeit.repeat(hop, number=2000, repeat=5)) / 2000
    assert best < 5e-6, best


def test_what_is_dear_is_looked_at_the_less_often_the_longer_it_takes():
    clock, made = [0.0], []

    def make():
        made.append(clock[0])
        clock[0] += 2.0
        return len(made)

    seldom = Seldom(make, seconds=5, share=20, clock=lambda: clock[0])
    assert seldom.value() == 1
    clock[0] = 39.0
    assert seldom.value() == 1
    clock[0] = 40.0
    assert seldom.value() == 2


def test_a_difference_and_a_stray_are_contradictions():
    rows = [{"channel": "orders", "destination": "", "state": "accepted", "count": 3}]
    fewer = [rows[0] | {"count": 2}]
    assert contradictions_in(Balance(counts=rows, recount=rows, strays=[])) == 0
    assert contradictions_in(Balance(counts=rows, recount=fewer, strays=[])) == 1
    assert contradictions_in(Balance(counts=rows, recount=[], strays=[{"what": "lane", "id": 1}])) == 2


async def scraped(engine):
    async with engine.http.get(engine.console_url + "/metrics") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/plain")
        return await answer.text()


def value_of(text, name, **labels):
    found = [
        each.value
        for family in text_string_to_metric_families(text)
        for each in family.samples
        if each.name == name and labels.items() <= each.labels.items()
    ]
    return sum(found)


async def test_a_running_engine_tells_what_came_what_went_and_what_waits(engine, qhali, booked):
    await engine.send(booked())
    await engine.send(booked())
    await engine.send(b"MSH|^~\\&|X|Y|||20261123101207-0500||SIU^S12|C1|T|2.5.1\r")
    await engine.reaches("delivered", channel="state_to_qhali")
    await qhali.down()
    await engine.send(booked("QH-0000000001"))
    await engine.finds("qhali", down=True)
    text = await scraped(engine)
    came = [
        value_of(text, "ayni_received_total", channel="state_to_qhali", outcome=each)
        for each in ("stored", "repeated", "refused", "not-kept")
    ]
    assert came == [2, 1, 1, 0]
    assert value_of(text, "ayni_acknowledgement_seconds_count", channel="state_to_qhali") == 4
    assert value_of(text, "ayni_attempt_seconds_count", destination="qhali", outcome="delivered") == 1
    assert value_of(text, "ayni_attempt_seconds_count", destination="qhali", outcome="not-taken") >= 1
    assert value_of(text, "ayni_messages_total", channel="state_to_qhali", outcome="accepted") == 2
    assert value_of(text, "ayni_deliveries", destination="qhali", outcome="delivered") == 1
    assert value_of(text, "ayni_queue_deliveries", destination="qhali") == 1
    assert value_of(text, "ayni_link_up", destination="qhali") == 0
    assert value_of(text, "ayni_commit_seconds_count") > 0
    assert value_of(text, "process_resident_memory_bytes") > 1 << 20


async def test_a_handed_over_answer_counts_for_its_channel(engine, qhali, intake):
    await engine.post(intake())
    await engine.reaches("delivered", channel="state_to_qhali")
    text = await scraped(engine)
    assert value_of(text, "ayni_received_total", channel="state_to_qhali", outcome="stored") == 1


async def test_labels_are_channel_destination_and_outcome(engine, booked):
    await engine.send(booked())
    await engine.reaches("delivered", channel="state_to_qhali")
    families = text_string_to_metric_families(await scraped(engine))
    assert {label for family in families for each in family.samples for label in each.labels} <= LABELS


async def test_a_stranger_behind_a_proxy_sees_no_metrics_and_a_viewer_does(engine):
    forwarded = {"X-Forwarded-For": "10.0.0.8"}
    async with engine.http.get(engine.console_url + "/metrics", headers=forwarded) as answer:
        assert answer.status == 403
    headers = forwarded | engine.operator
    async with engine.http.get(engine.console_url + "/metrics", headers=headers) as answer:
        assert answer.status == 200


async def test_deliveries_that_hold_are_no_deliveries_that_passed(engine, qhali, booked):
    qhali.script.append((422, b"{}"))
    await engine.send(booked())
    await engine.reaches("refused", channel="state_to_qhali")

    async def is_held():
        return value_of(await scraped(engine), "ayni_queue_held", destination="qhali") == 1

    await until(is_held)
    assert [each["id"] for each in await _ringing(engine)] == ["held:qhali"]


async def _ringing(engine):
    found = []

    async def rings():
        found[:] = (await engine.api("/api/v1/alerts"))["alerts"]
        return bool(found)

    await until(rings)
    return found
