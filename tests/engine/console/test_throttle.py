"""Slowing down who guesses, and nobody else."""

import pytest

from ayni.engine.console.access.throttle import (
    FORGET_SECONDS,
    FREE_OF_ADDRESS,
    FREE_OF_PAIR,
    KEYS_MAX,
    SECONDS_MAX,
    Throttle,
)

HERE, THERE = "10.0.0.1", "10.0.0.2"


class Clock:
    """A time that the test moves."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def throttle(clock: Clock) -> Throttle:
    return Throttle(clock)


def fail(throttle: Throttle, count: int, name: str = "rosa", address: str = HERE) -> None:
    for _ in range(count):
        throttle.failed(name, address)


def test_a_few_mistakes_cost_nothing(throttle: Throttle) -> None:
    fail(throttle, FREE_OF_PAIR - 1)
    assert throttle.wait_seconds("rosa", HERE) == 0


def test_each_further_mistake_costs_twice_as_much_up_to_a_bound(throttle: Throttle) -> None:
    waits = []
    for _ in range(FREE_OF_PAIR + 12):
        throttle.failed("rosa", HERE)
        waits.append(throttle.wait_seconds("rosa", HERE))
    assert waits[FREE_OF_PAIR - 1 : FREE_OF_PAIR + 2] == [10.0, 20.0, 40.0]
    assert waits[-1] == SECONDS_MAX


def test_nobody_is_locked_out_by_what_is_typed_elsewhere(throttle: Throttle) -> None:
    fail(throttle, 100, address=THERE)
    assert throttle.wait_seconds("rosa", HERE) == 0


def test_an_address_that_tries_many_names_has_to_wait_for_all(throttle: Throttle) -> None:
    for number in range(FREE_OF_ADDRESS):
        throttle.failed(f"name{number}", HERE)
    assert throttle.wait_seconds("another", HERE) > 0


def test_the_pause_ends_and_the_count_is_forgotten_later(throttle: Throttle, clock: Clock) -> None:
    fail(throttle, FREE_OF_PAIR)
    clock.at += 10.0
    assert throttle.wait_seconds("rosa", HERE) == 0
    fail(throttle, 1)
    assert throttle.wait_seconds("rosa", HERE) == 20.0
    clock.at += FORGET_SECONDS
    fail(throttle, 1)
    assert throttle.wait_seconds("rosa", HERE) == 0


def test_who_knows_the_password_had_only_mistyped(throttle: Throttle) -> None:
    fail(throttle, FREE_OF_PAIR - 1)
    throttle.succeeded("rosa", HERE)
    fail(throttle, 1)
    assert throttle.wait_seconds("rosa", HERE) == 0


def test_many_names_and_addresses_fill_no_memory(throttle: Throttle) -> None:
    for number in range(KEYS_MAX + 100):
        throttle.failed(f"n{number}", f"a{number}")
    assert len(throttle._failures) <= KEYS_MAX
