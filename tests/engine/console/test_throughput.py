"""Figures that are live: throughput by second, and the oldest delivery looked up as often as it is cheap."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from ayni.engine.console.actions.text_searches import TextSearches
from ayni.engine.console.app import living
from ayni.engine.console.pages.rendering import age, figure, spark_points
from ayni.engine.console.shown.alerts import alerts_of
from ayni.engine.console.shown.channels import COST_SHARE, Oldest
from ayni.engine.console.shown.throughput import SECONDS, Throughput, totals_of
from ayni.wire.clock import LIMA

from ..conftest import until

START = datetime(2026, 11, 23, 9, 30, tzinfo=LIMA)


def noted(*looks: tuple[float, int]) -> list[int]:
    throughput = Throughput(dict)
    for at, total in looks:
        throughput.note(at, {"adt": total})
    return throughput.of("adt")


def test_what_came_between_two_looks_belongs_to_that_second() -> None:
    assert noted((0, 100), (1, 107), (2, 107), (3, 110))[-3:] == [7, 0, 3]


def test_there_are_always_sixty_seconds() -> None:
    assert noted() == [0] * SECONDS
    assert len(noted((0, 0), (1, 5))) == SECONDS
    assert noted(*((second, second) for second in range(200))) == [1] * SECONDS


def test_a_look_that_came_late_is_spread_over_the_seconds_it_missed() -> None:
    assert noted((0, 0), (3.1, 10))[-3:] == [3, 3, 4]
    assert sum(noted((0, 0), (500, 120))) == 120


def test_what_was_there_before_the_start_did_not_come_now() -> None:
    assert noted((0, 1_000_000)) == [0] * SECONDS


def test_totals_count_messages_and_not_deliveries() -> None:
    rows = [
        {"channel": "adt", "destination": "", "state": "accepted", "count": 3},
        {"channel": "adt", "destination": "", "state": "refused", "count": 1},
        {"channel": "adt", "destination": "lab", "state": "delivered", "count": 3},
    ]
    assert totals_of(rows) == {"adt": 4}


async def test_it_goes_on_looking_after_the_store_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ayni.engine.console.shown.throughput.LOOK_SECONDS", 0.01)
    answers: list[Any] = [{"adt": 1}]

    def totals() -> Any:
        if not answers:
            raise OSError("closed")
        return answers.pop()

    throughput = Throughput(totals)
    throughput.begin()
    throughput.begin()

    async def has_ended() -> bool:
        return throughput._looking is not None and throughput._looking.done()

    await until(has_ended)
    answers.append({"adt": 2})
    throughput.begin()

    async def has_looked() -> bool:
        return answers == []

    await until(has_looked)
    await throughput.close()


async def test_at_the_end_nothing_of_the_console_is_left_at_work() -> None:
    searches, throughput = TextSearches(None), Throughput(dict)  # type: ignore[arg-type]
    desk: Any = SimpleNamespace(text_searches=searches)
    async with living(desk, throughput):
        assert throughput._looking is not None
    assert throughput._looking.done()


async def test_the_last_minute_is_counted_for_the_overview(engine, administrator, booked) -> None:
    for number in range(4):
        await engine.send(booked(f"QH-{number:010d}"))

    async def has_seen_them() -> bool:
        return bool((await administrator.get("/api/v1/channels/state_to_qhali"))["last_minute"] == 4)

    await until(has_seen_them)
    found = await administrator.get("/api/v1/channels/state_to_qhali")
    assert (len(found["per_second"]), sum(found["per_second"])) == (SECONDS, 4)


def test_the_dearer_the_look_at_the_oldest_the_rarer_it_is() -> None:
    clock = SimpleNamespace(at=0.0)
    looks: list[float] = []

    def waiting() -> list[Any]:
        looks.append(clock.at)
        clock.at += 2.0
        return [{"destination": "lab", "oldest": None}]

    runtime: Any = SimpleNamespace(pipeline=SimpleNamespace(store=SimpleNamespace(waiting=waiting)))
    oldest = Oldest(runtime, lambda: clock.at)
    for _ in range(100):
        oldest.by_destination()
        clock.at += 1.0
    assert looks == [0.0, 2.0 + 2.0 * COST_SHARE, 2 * (2.0 + 2.0 * COST_SHARE)]


def test_alerts_come_the_gravest_first() -> None:
    def given(_: str) -> list[Any]:
        return [{"id": "a"}, {"id": "b", "severity": "critical", "text": "link down", "more": 7}]

    assert [each.id for each in alerts_of(given, "es").alerts] == ["b", "a"]


def test_figures_are_short() -> None:
    seconds = (None, 0.4, 59, 61, 7_900, 90_000)
    assert [age(each) for each in seconds] == ["—", "0 s", "59 s", "1 min", "2 h 11 min", "1 d 1 h"]
    assert figure(1234567) == "1\u202f234\u202f567"
    assert spark_points([0, 0]) == "0.0,22.0 120.0,22.0"
    assert spark_points([0, 5]) == "0.0,22.0 120.0,2.0"
