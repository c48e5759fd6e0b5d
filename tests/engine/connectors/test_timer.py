"""A clock as a source. It has no far side: what the source contract claims is claimed here of its ticks."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from ayni.engine.connectors.contract import Source, World
from ayni.engine.connectors.timer import Timer
from ayni.wire.clock import LIMA
from ayni.wire.failure import CannotStart

from .contract import SourceContract, cannot
from .sides import NOT_KEPT, REFUSED, Desk, Fate, until

START = datetime(2026, 11, 25, 5, 59, 30, tzinfo=LIMA)
HOUR = Timer(every_seconds=3600)
MINUTE, PERIOD = timedelta(minutes=1), timedelta(seconds=0.04)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time


class Ticks:
    """Who owns a clock: offers a message by letting time pass, and sees no more of it than that it came."""

    def __init__(self, clock: Clock, desk: Desk) -> None:
        self._clock, self._desk = clock, desk

    async def offer(self, text: str) -> bytes:
        self._clock.time += PERIOD
        return json.dumps({"tick": self._clock.time.isoformat()}, separators=(",", ":")).encode()

    def fate(self, raw: bytes) -> Fate:
        said = [verdict for arrived, verdict in self._desk.said if arrived.raw == raw]
        if not said or said[-1].state == "not-kept":
            return "waiting"
        return "taken" if said[-1].is_taken else "refused"


class TestTimer(SourceContract):
    CANNOT = cannot(
        test_nothing_is_taken_before_the_verdict="a tick lies nowhere that somebody could look",
        test_what_was_refused_is_put_aside_with_its_reason="a tick is put nowhere, the engine keeps it",
        test_a_place_out_of_reach_is_looked_for_again="a clock is never out of reach",
        test_a_place_may_vanish_and_come_back_meanwhile="a clock is never out of reach",
        test_after_leaving_nothing_is_taken_and_entering_again_takes_it="ticks missed meanwhile are one tick",
    )

    @pytest.fixture
    def source(self, world: World) -> Source:
        return Timer(every_seconds=PERIOD.total_seconds()).open(world, "report")

    @pytest.fixture
    def outside(self, clock: Clock, desk: Desk) -> Ticks:
        return Ticks(clock, desk)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(new_world: Callable[..., World], clock: Clock) -> World:
    return new_world(now=clock.now)


def at(hour: int, minute: int = 0, *, day: int = 25) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=LIMA)


@pytest.mark.parametrize(
    ("timer", "now", "tick"),
    [
        (HOUR, START, at(6)),
        (HOUR, at(6), at(7)),
        (Timer(every_seconds=900), at(6, 14), at(6, 15)),
        (Timer(daily_at=time(6)), START, at(6)),
        (Timer(daily_at=time(6)), at(6), at(6, day=26)),
        (Timer(daily_at=time(0)), START, at(0, day=26)),
    ],
)
def test_the_next_tick_is_later_than_now(timer: Timer, now: datetime, tick: datetime) -> None:
    assert timer.tick_after(now) == tick


def test_ticks_of_a_fraction_of_a_second_are_never_the_same() -> None:
    timer, tick, found = Timer(every_seconds=0.1), START, set()
    for _ in range(1000):
        tick = timer.tick_after(tick)
        found.add(tick.isoformat())
    assert len(found) == 1000


async def test_a_tick_comes_at_its_time_and_names_itself(world: World, clock: Clock) -> None:
    desk = Desk()
    async with Timer(every_seconds=0.04).open(world, "report").running(desk.receive):
        await asyncio.sleep(0.1)
        assert desk.arrived == [], "the clock stands still"
        clock.time += timedelta(seconds=0.04)
        (raw,) = await desk.gets(1)
    tick = (START + timedelta(seconds=0.04)).isoformat()
    assert (json.loads(raw), desk.arrived[0].control_id) == ({"tick": tick}, tick)


async def test_a_taken_tick_does_not_come_again_nor_does_one_that_was_refused(
    world: World, clock: Clock
) -> None:
    desk = Desk()
    desk.script = [REFUSED]
    async with Timer(every_seconds=0.04).open(world, "report").running(desk.receive):
        for count in (1, 2):
            clock.time += timedelta(seconds=0.04)
            await desk.gets(count)
            await asyncio.sleep(0.1)
    assert len(desk.arrived) == 2
    assert len({each.control_id for each in desk.arrived}) == 2


async def test_a_tick_that_was_not_kept_comes_again_as_itself(world: World, clock: Clock) -> None:
    desk = Desk()
    desk.script = [NOT_KEPT, RuntimeError("broken")]
    async with Timer(every_seconds=0.04).open(world, "report").running(desk.receive):
        clock.time += timedelta(seconds=0.04)
        first = await desk.gets(1)
        clock.time += timedelta(seconds=0.004)
        assert await desk.gets(3) == first * 3


async def test_a_clock_that_jumps_ahead_ticks_once(world: World, clock: Clock) -> None:
    desk = Desk()
    async with Timer(every_seconds=0.04).open(world, "report").running(desk.receive):
        clock.time += timedelta(hours=5)
        await desk.gets(1)
        await asyncio.sleep(0.1)
        clock.time -= timedelta(hours=5)
        await asyncio.sleep(0.1)
    assert len(desk.arrived) == 1


async def test_an_engine_that_starts_again_does_not_repeat_a_tick(world: World, clock: Clock) -> None:
    desk, timer = Desk(), Timer(every_seconds=0.04)
    for _ in range(2):
        async with timer.open(world, "report").running(desk.receive):
            clock.time += timedelta(seconds=0.04)
            await until(lambda: bool(desk.arrived))
            await asyncio.sleep(0.1)
    assert len(desk.arrived) == len({each.control_id for each in desk.arrived}) == 2


async def test_leaving_finishes_the_tick_in_hand(world: World, clock: Clock) -> None:
    desk = Desk()
    desk.gate.clear()
    async with asyncio.timeout(5):
        async with Timer(every_seconds=0.04).open(world, "report").running(desk.receive):
            clock.time += MINUTE
            await desk.gets(1)
            asyncio.get_running_loop().call_later(0.1, desk.gate.set)
    assert desk.gate.is_set()


@pytest.mark.parametrize("declared", [{}, {"every_seconds": 60, "daily_at": time(6)}, {"every_seconds": -1}])
def test_a_timer_has_one_rhythm(world: World, declared: dict[str, Any]) -> None:
    with pytest.raises(CannotStart):
        Timer(**declared).open(world, "report")
