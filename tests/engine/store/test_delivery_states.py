"""Any history of deliveries: two owners, lost leases, crashes, people who decide, messages about several keys.

The machine plays against a real store and keeps its own small books: who has what in hand, and in which order
each lane was joined.
"""

import asyncio
import tempfile
from collections import defaultdict
from collections.abc import Coroutine
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

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
STATES = st.sampled_from(["delivered", "delivered", "pending", "unknown", "refused", "stalled"])


class DeliveryStates(RuleBasedStateMachine):
    """Subclass and say how a store is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.exits = ExitStack()
        self.runner = self.exits.enter_context(asyncio.Runner())
        self.now = NOW
        self.lanes: defaultdict[str, list[int]] = defaultdict(list)
        """Who waits in each lane, in order."""
        self.keys: dict[int, set[str]] = {}
        self.deliveries: dict[int, int] = {}
        self.hands: list[Claim] = []
        """Claims whose token is the newest of all their lanes."""
        self.old: list[Claim] = []
        self.stopped: dict[int, bool] = {}
        """Message to whether it holds its lanes."""
        self.parked_until = NOW

    def open(self) -> SqlStore:
        raise NotImplementedError

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
        for key in keys:
            self.lanes[key].append(message_id)

    @rule(owner=OWNERS, limit=st.integers(1, 3))
    def claim(self, owner: str, limit: int) -> None:
        for claim in self.do(claimed(self.store, owner=owner, at=self.now, limit=limit)):
            for key in self.keys[claim.message_id]:
                assert self.lanes[key][0] == claim.message_id, "order of a lane"
            assert claim.message_id not in [each.message_id for each in self.hands], "in two hands"
            assert len(claim.tokens) == len(self.keys[claim.message_id])
            self.hands.append(claim)

    @precondition(lambda self: self.hands)
    @rule(data=st.data(), state=STATES, holds=st.booleans(), wait=st.integers(0, 60))
    def settle(self, data: Any, state: str, holds: bool, wait: int) -> None:
        claim = data.draw(st.sampled_from(self.hands))
        due_at = self.now + timedelta(seconds=wait)
        end = settlement(state, started_at=self.now, due_at=due_at, holds=holds)
        self.do(self.store.settle(claim, end))
        self.hands.remove(claim)
        self.old.append(claim)
        assert states(self.store, claim.message_id) == [state]
        if state in ("refused", "stalled"):
            self.stopped[claim.message_id] = holds
        if end.leaves_lane:
            self._leave(claim.message_id)

    @precondition(lambda self: self.old)
    @rule(data=st.data(), state=STATES)
    def settle_too_late(self, data: Any, state: str) -> None:
        claim = data.draw(st.sampled_from(self.old))
        before = self.store.counts(), states(self.store, claim.message_id)
        with pytest.raises(Fenced):
            self.do(self.store.settle(claim, settlement(state)))
        assert (self.store.counts(), states(self.store, claim.message_id)) == before

    @rule(seconds=st.integers(1, 90))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def leases_end(self) -> None:
        """Their owners do not know yet; whoever claims next may get the same messages."""
        self.now += LEASE
        self.old += self.hands
        self.maybe, self.hands = self.hands, []
        again = [
            claim
            for owner in ("two", "one")
            for claim in self.do(claimed(self.store, owner=owner, at=self.now))
        ]
        lost = {claim.message_id for claim in self.maybe}
        assert {claim.message_id for claim in again} >= lost - {0} or len(again) == 20
        self.hands = again

    @rule(owner=OWNERS)
    def crash(self, owner: str) -> None:
        self.do(self.store.recover(owner, at=self.now))
        self._forget_hands()

    @rule()
    def restart(self) -> None:
        self.do(self.store.close())
        self.begin()
        for owner in ("one", "two"):
            self.do(self.store.recover(owner, at=self.now))
        self._forget_hands()

    @precondition(lambda self: self.stopped)
    @rule(data=st.data(), state=st.sampled_from(["pending", "set-aside"]))
    def decide(self, data: Any, state: str) -> None:
        message_id = data.draw(st.sampled_from(sorted(self.stopped)))
        assert self.do(self.store.decide([self.deliveries[message_id]], state, at=self.now)) == 1
        holds = self.stopped.pop(message_id)
        if state == "set-aside":
            self._leave(message_id)
        elif not holds:
            for key in self.keys[message_id]:
                self.lanes[key].append(message_id)

    @rule()
    def prune(self) -> None:
        for message_id in self.do(self.store.delete_messages(after_id=0, before=self.now + LEASE, limit=2)):
            assert not any(message_id in waiting for waiting in self.lanes.values()), "waited"
            self.stopped.pop(message_id, None)
            self.old = [claim for claim in self.old if claim.message_id != message_id]

    @invariant()
    def everything_is_accounted_for(self) -> None:
        if hasattr(self, "store"):
            found = conservation(self.store)
            assert found.is_kept, found.findings

    def teardown(self) -> None:
        """Whatever happened, all that may go goes, each lane in its order."""
        if hasattr(self, "store"):
            self._drain()
            self.do(self.store.close())
        self.exits.close()

    def _drain(self) -> None:
        for owner in ("one", "two"):
            self.do(self.store.recover(owner, at=self.now))
        self.hands = []
        self.now += timedelta(hours=1)
        for message_id in sorted(self.stopped):
            self.do(self.store.decide([self.deliveries[message_id]], "set-aside", at=self.now))
            self._leave(message_id)
        while claims := self.do(claimed(self.store, at=self.now)):
            for claim in claims:
                assert all(self.lanes[key][0] == claim.message_id for key in self.keys[claim.message_id])
            for claim in claims:
                self.do(self.store.settle(claim, settlement(due_at=self.now)))
                self._leave(claim.message_id)
        assert not any(self.lanes.values()), "left behind"
        self.everything_is_accounted_for()

    def _leave(self, message_id: int) -> None:
        for waiting in self.lanes.values():
            if message_id in waiting:
                waiting.remove(message_id)

    def _forget_hands(self) -> None:
        pass
