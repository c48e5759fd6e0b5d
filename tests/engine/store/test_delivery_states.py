"""Any history of deliveries: two owners, lost leases, crashes, people who decide, messages of several keys.

The machine plays against a real store and keeps small books of its own: who has what in hand until when, and
who waits in each lane in which order. Hypothesis plays it, and makes a history that fails short; and chance
plays it, because Hypothesis likes simple histories, in which few leases are lost and few deliveries settled.
"""

import asyncio
import tempfile
from collections import defaultdict
from collections.abc import Callable, Coroutine, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, TypeVar

import hypothesis.strategies as st
import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ayni.engine.store.conservation import conservation
from ayni.engine.store.contract import Claim, Fenced
from ayni.engine.store.postgresql import PostgresqlStore
from ayni.engine.store.sql import SqlStore
from ayni.engine.store.sqlite import SqliteStore

from .samples import LEASE, NOW, added, claimed, delivery_ids, settlement, states

OWNERS = st.sampled_from(["one", "two"])
KEYS = st.sets(st.sampled_from("ABC"), min_size=1, max_size=3)
OUTCOMES = ["delivered", "delivered", "pending", "unknown", "refused", "stalled"]
STATES = st.sampled_from(OUTCOMES)
PICKS = st.integers(0, 99)
"""Which of those there are, counted round and round."""


T = TypeVar("T")


class Hand(NamedTuple):
    """A claim, whose it is and when its lease ends."""

    claim: Claim
    owner: str
    until: datetime


class DeliveryStates(RuleBasedStateMachine):
    """Subclass it and say how a store is opened."""

    open: Callable[[], SqlStore]

    def __init__(self) -> None:
        super().__init__()
        self.exits = ExitStack()
        self.runner = self.exits.enter_context(asyncio.Runner())
        self.now = NOW
        self.lanes: defaultdict[str, list[int]] = defaultdict(list)
        self.keys: dict[int, set[str]] = {}
        self.deliveries: dict[int, int] = {}
        self.hands: dict[int, Hand] = {}
        self.lost: list[Claim] = []
        self.holds: dict[int, bool] = {}
        """Of stopped messages: whether they hold their lanes."""

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    @initialize()
    def begin(self) -> None:
        async def opened() -> SqlStore:
            return self.open()

        self.store: SqlStore = self.do(opened())

    @rule(keys=KEYS)
    def add(self, keys: set[str]) -> None:
        message_id = self.do(added(self.store, *keys, received_at=self.now))
        (self.deliveries[message_id],) = delivery_ids(self.store, message_id)
        self.keys[message_id] = keys
        self._join(message_id)

    @rule(owner=OWNERS, limit=st.integers(1, 3))
    def claim(self, owner: str, limit: int) -> None:
        for claim in self.do(claimed(self.store, owner=owner, at=self.now, limit=limit)):
            assert self._is_first(claim.message_id), "overtook in a lane"
            before = self.hands.get(claim.message_id)
            if before is not None:
                assert before.until <= self.now, "in two hands"
                self.lost.append(before.claim)
            self.hands[claim.message_id] = Hand(claim, owner, self.now + LEASE)

    @precondition(lambda self: self.hands)
    @rule(pick=PICKS, state=STATES, holds=st.booleans(), wait=st.integers(0, 60))
    def settle(self, pick: int, state: str, holds: bool, wait: int) -> None:
        """A hand whose lease is over may have lost a lane already."""
        hand = self.hands.pop(picked(sorted(self.hands), pick))
        due_at = self.now + timedelta(seconds=wait)
        end = settlement(state, started_at=self.now, due_at=due_at, holds=holds)
        self.lost.append(hand.claim)
        try:
            self.do(self.store.settle(hand.claim, end))
        except Fenced:
            assert hand.until <= self.now, "lost a lease that was not over"
            return
        assert states(self.store, hand.claim.message_id) == [state]
        if state in ("refused", "stalled"):
            self.holds[hand.claim.message_id] = holds
        if end.leaves_lane:
            self._leave(hand.claim.message_id)

    @precondition(lambda self: self.hands)
    @rule(pick=PICKS)
    def the_other_takes_over(self, pick: int) -> None:
        """As far as it gets with one lane at a time: of several lanes it may have some, and its hand none."""
        hand = self.hands[picked(sorted(self.hands), pick)]
        self.now = max(self.now, hand.until)
        self.claim("two" if hand.owner == "one" else "one", 1)

    @precondition(lambda self: self.lost)
    @rule(pick=PICKS, state=STATES)
    def settle_too_late(self, pick: int, state: str) -> None:
        claim = picked(self.lost, pick)
        before = self.store.counts(), states(self.store, claim.message_id)
        with pytest.raises(Fenced):
            self.do(self.store.settle(claim, settlement(state)))
        assert (self.store.counts(), states(self.store, claim.message_id)) == before

    @rule(seconds=st.sampled_from([1, 20, 45, 90]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(owner=OWNERS)
    def crash(self, owner: str) -> None:
        self.do(self.store.recover(owner, at=self.now))
        for message_id, hand in list(self.hands.items()):
            if hand.owner == owner:
                self.lost.append(self.hands.pop(message_id).claim)

    @rule()
    def restart(self) -> None:
        self.do(self.store.close())
        self.begin()
        self.crash("one")
        self.crash("two")

    @precondition(lambda self: self.holds)
    @rule(pick=PICKS, state=st.sampled_from(["pending", "set-aside"]))
    def decide(self, pick: int, state: str) -> None:
        message_id = picked(sorted(self.holds), pick)
        assert self.do(self.store.decide([self.deliveries[message_id]], state, at=self.now)) == 1
        was_held = self.holds.pop(message_id)
        if state == "set-aside":
            self._leave(message_id)
        elif not was_held:
            self._join(message_id)

    @rule()
    def prune(self) -> None:
        later = self.now + LEASE
        for message_id in self.do(self.store.delete_messages(after_id=0, before=later, limit=2)):
            assert not any(message_id in waiting for waiting in self.lanes.values()), "it waited"
            self.holds.pop(message_id, None)
            self.lost = [claim for claim in self.lost if claim.message_id != message_id]

    @invariant()
    def everything_is_accounted_for(self) -> None:
        if hasattr(self, "store"):
            found = conservation(self.store)
            assert found.is_kept, found.findings

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self._drain()
            self.do(self.store.close())
        self.exits.close()

    def _drain(self) -> None:
        """Whatever happened, all that may go goes in the end, each lane in its order."""
        self.crash("one")
        self.crash("two")
        self.now += timedelta(hours=1)
        for message_id in sorted(self.holds):
            self.do(self.store.decide([self.deliveries[message_id]], "set-aside", at=self.now))
            self._leave(message_id)
        while claims := self.do(claimed(self.store, at=self.now)):
            for claim in claims:
                assert self._is_first(claim.message_id)
                self.do(self.store.settle(claim, settlement(due_at=self.now)))
                self._leave(claim.message_id)
        assert not any(self.lanes.values()), "left behind"
        self.everything_is_accounted_for()

    def _is_first(self, message_id: int) -> bool:
        return all(self.lanes[key][0] == message_id for key in self.keys[message_id])

    def _join(self, message_id: int) -> None:
        for key in self.keys[message_id]:
            self.lanes[key].append(message_id)

    def _leave(self, message_id: int) -> None:
        for waiting in self.lanes.values():
            if message_id in waiting:
                waiting.remove(message_id)


TABLES = (
    "select tablename from pg_tables where schemaname = current_schema() and tablename <> 'store_version'"
)


def picked(those: Sequence[T], number: int) -> T:
    return those[number % len(those)]


def play(machine: DeliveryStates, chance: Random, steps: int) -> None:
    """A history as chance has it, from its beginning to its end."""
    machine.begin()
    try:
        for _ in range(steps):
            step(machine, chance)
            machine.everything_is_accounted_for()
    finally:
        machine.teardown()


class Step(NamedTuple):
    """How often chance takes it, what there must be of for it, and what it is."""

    often: float
    needs: str
    take: Callable[[DeliveryStates, Random], None]


STEPS = (
    Step(6, "", lambda machine, chance: machine.add(set(chance.sample("ABC", chance.randint(1, 3))))),
    Step(6, "", lambda machine, chance: machine.claim(owner(chance), chance.randint(1, 3))),
    Step(6, "hands", lambda machine, chance: settle(machine, chance)),
    Step(3, "hands", lambda machine, chance: machine.the_other_takes_over(chance.randrange(100))),
    Step(2, "lost", lambda machine, chance: machine.settle_too_late(chance.randrange(100), state(chance))),
    Step(3, "", lambda machine, chance: machine.time_passes(chance.choice([1, 20, 45, 90]))),
    Step(3, "holds", lambda machine, chance: decide(machine, chance)),
    Step(1, "", lambda machine, chance: machine.crash(owner(chance))),
    Step(1, "", lambda machine, _: machine.prune()),
    Step(0.3, "", lambda machine, _: machine.restart()),
)


def step(machine: DeliveryStates, chance: Random) -> None:
    (chosen,) = chance.choices(STEPS, [each.often for each in STEPS])
    if not chosen.needs or getattr(machine, chosen.needs):
        chosen.take(machine, chance)


def settle(machine: DeliveryStates, chance: Random) -> None:
    holds, wait = chance.random() < 0.5, chance.randint(0, 60)
    machine.settle(chance.randrange(100), state(chance), holds, wait)


def decide(machine: DeliveryStates, chance: Random) -> None:
    machine.decide(chance.randrange(100), chance.choice(["pending", "set-aside"]))


def state(chance: Random) -> str:
    return chance.choice(OUTCOMES)


def owner(chance: Random) -> str:
    return chance.choice(["one", "two"])


QUIET = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None, "derandomize": True}


class InOneFile(DeliveryStates):
    """Over SQLite."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(self.exits.enter_context(tempfile.TemporaryDirectory()))

    def open(self) -> SqlStore:
        return SqliteStore(self.folder / "messages.sqlite")


def test_any_history_keeps_order_fences_and_loses_nothing_in_one_file() -> None:
    run_state_machine_as_test(InOneFile, settings=settings(max_examples=60, stateful_step_count=40, **QUIET))


@pytest.mark.parametrize("seed", range(20))
def test_a_history_of_chance_keeps_order_fences_and_loses_nothing_in_one_file(seed: int) -> None:
    play(InOneFile(), Random(seed), steps=80)


def test_any_history_keeps_order_fences_and_loses_nothing_in_postgresql(postgresql_url: str) -> None:
    class InPostgresql(DeliveryStates):
        def __init__(self) -> None:
            super().__init__()
            with psycopg.connect(postgresql_url, autocommit=True) as connection:
                for (name,) in connection.execute(TABLES).fetchall():
                    connection.execute(f"truncate {name}".encode())

        def open(self) -> SqlStore:
            return PostgresqlStore(postgresql_url)

    run_state_machine_as_test(
        InPostgresql, settings=settings(max_examples=12, stateful_step_count=30, **QUIET)
    )
