"""The message store on a real file: lanes, recovery, a person's decisions, and the planner's opinion."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import apsw
import pytest

from ayni.engine.channel import Outgoing
from ayni.engine.console.queries import messages
from ayni.engine.store import (
    SCHEMA,
    Attempt,
    Delivery,
    DeliveryState,
    NewMessage,
    add_delivery,
    add_message,
    claim,
    next_due,
    recover,
    send_again,
    set_aside,
    settle,
)
from ayni.wire.clock import LIMA
from ayni.wire.database import Database

NOW = datetime(2026, 11, 23, 9, 30, 15, tzinfo=LIMA)
LATER = NOW + timedelta(minutes=5)


class Lanes:
    """A store in which messages are told apart by their control id."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, control_id: str, *, lane: str = "a", to: str = "qhali", at: datetime = NOW) -> None:
        with self.database.transaction() as tx:
            outgoing = Outgoing(content=control_id.encode(), control_id=control_id, key=lane)
            add_delivery(tx, add_message(tx, message(control_id)), to, outgoing, at=at)

    def claim(self, *, to: str = "qhali", at: datetime = NOW, limit: int = 16) -> list[Delivery]:
        with self.database.transaction() as tx:
            return claim(tx, to, at=at, limit=limit)

    def claimed(self, *, to: str = "qhali", at: datetime = NOW, limit: int = 16) -> list[str]:
        return [each.control_id for each in self.claim(to=to, at=at, limit=limit)]

    def settle(self, delivery: Delivery, state: DeliveryState, *, due_at: datetime = NOW) -> None:
        attempt = Attempt(started_at=NOW, ms=1.5, outcome=outcome(state), reason="", answer=b"")
        with self.database.transaction() as tx:
            settle(tx, delivery, state, attempt, due_at=due_at)

    def states(self) -> dict[str, str]:
        with self.database.reading() as tx:
            return dict(tx.execute("select control_id, state from delivery order by id").fetchall())


def outcome(state: DeliveryState) -> str:
    return "not-taken" if state is DeliveryState.PENDING else state.value


def message(control_id: str) -> NewMessage:
    return NewMessage(
        channel="lab",
        revision="r1",
        source="mllp",
        raw=b"raw",
        control_id=control_id,
        correlation_id="QH-7M3K9XBT4D",
        kind="SIU^S12",
        received_at=NOW,
        ms=0.5,
    )


@pytest.fixture
def lanes(tmp_path: Path) -> Iterator[Lanes]:
    database = Database(tmp_path / "messages.sqlite", SCHEMA)
    yield Lanes(database)
    database.close()


def test_only_the_head_of_each_lane_is_claimed_oldest_lane_first(lanes: Lanes) -> None:
    for control_id, lane in [("1", "b"), ("2", "a"), ("3", "a"), ("4", "b"), ("5", "c")]:
        lanes.add(control_id, lane=lane)
    assert lanes.claimed() == ["1", "2", "5"]
    assert lanes.claimed() == []


def test_the_next_of_a_lane_comes_once_the_head_is_delivered(lanes: Lanes) -> None:
    lanes.add("1")
    lanes.add("2")
    (head,) = lanes.claim()
    assert lanes.claimed() == []
    lanes.settle(head, DeliveryState.DELIVERED)
    assert lanes.claimed() == ["2"]


@pytest.mark.parametrize("state", [DeliveryState.PENDING, DeliveryState.UNKNOWN])
def test_what_was_not_delivered_waits_for_its_time_and_nothing_overtakes_it(
    lanes: Lanes, state: DeliveryState
) -> None:
    lanes.add("1")
    lanes.add("2")
    lanes.settle(lanes.claim()[0], state, due_at=LATER)
    assert lanes.claimed(at=LATER - timedelta(microseconds=1)) == []
    assert lanes.claimed(at=LATER) == ["1"]


def test_a_claim_carries_what_the_next_attempt_needs(lanes: Lanes) -> None:
    lanes.add("1")
    lanes.settle(lanes.claim()[0], DeliveryState.UNKNOWN)
    (again,) = lanes.claim()
    assert (again.content, again.control_id, again.channel) == (b"1", "1", "lab")
    assert (again.correlation_id, again.attempt_count) == ("QH-7M3K9XBT4D", 1)


def test_the_same_lane_name_at_two_destinations_is_two_lanes(lanes: Lanes) -> None:
    lanes.add("1", to="qhali")
    lanes.add("2", to="onevision")
    assert (lanes.claimed(to="onevision"), lanes.claimed(to="qhali")) == (["2"], ["1"])


def test_a_claim_takes_no_more_than_its_limit(lanes: Lanes) -> None:
    for number in range(5):
        lanes.add(str(number), lane=str(number))
    assert lanes.claimed(limit=2) == ["0", "1"]
    assert lanes.claimed(limit=2) == ["2", "3"]


def test_whole_seconds_and_microseconds_keep_their_order(lanes: Lanes) -> None:
    """Moments are compared as text, and a whole second is written without a fraction."""
    lanes.add("1", at=NOW)
    assert lanes.claimed(at=NOW + timedelta(microseconds=1)) == ["1"]
    lanes.add("2", lane="b", at=NOW + timedelta(microseconds=1))
    assert lanes.claimed(at=NOW) == []


def test_what_was_being_sent_when_the_process_ended_is_unknown_and_goes_again(lanes: Lanes) -> None:
    lanes.add("1")
    lanes.add("2", to="onevision")
    lanes.claim()
    lanes.claim(to="onevision")
    with lanes.database.transaction() as tx:
        recover(tx, "qhali")
    assert lanes.states() == {"1": "unknown", "2": "sending"}
    assert lanes.claimed() == ["1"]


@pytest.mark.parametrize(
    ("decide", "next_claimed"), [(send_again, "1"), (set_aside, "2")], ids=["send-again", "set-aside"]
)
def test_a_refused_head_holds_its_lane_until_a_person_decides(lanes: Lanes, decide, next_claimed) -> None:
    lanes.add("1")
    lanes.add("2")
    lanes.add("3", lane="b")
    head, other = lanes.claim()
    lanes.settle(head, DeliveryState.REFUSED)
    lanes.settle(other, DeliveryState.DELIVERED)
    assert lanes.claimed(at=LATER) == []
    with lanes.database.transaction() as tx:
        assert decide(tx, head.id, of=head.message_id, at=LATER)
    assert lanes.claimed(at=LATER) == [next_claimed]


@pytest.mark.parametrize("state", [each for each in DeliveryState if each is not DeliveryState.REFUSED])
@pytest.mark.parametrize("decide", [send_again, set_aside])
def test_a_person_decides_only_about_what_was_refused(lanes: Lanes, state: DeliveryState, decide) -> None:
    lanes.add("1")
    with lanes.database.transaction() as tx:
        tx.execute("update delivery set state = ?", (state,))
        assert not decide(tx, 1, of=1, at=NOW)
    assert lanes.states() == {"1": state}


def test_next_due_is_the_earliest_head_and_not_what_waits_behind_it(lanes: Lanes) -> None:
    lanes.add("1", at=LATER)
    lanes.add("2", at=NOW)
    lanes.add("3", lane="b", at=LATER + timedelta(minutes=1))
    with lanes.database.reading() as tx:
        assert next_due(tx, "qhali") == LATER


def test_nothing_is_due_while_a_refused_head_waits_for_a_person(lanes: Lanes) -> None:
    lanes.add("1")
    lanes.add("2")
    lanes.settle(lanes.claim()[0], DeliveryState.REFUSED)
    with lanes.database.reading() as tx:
        assert next_due(tx, "qhali") is None


def test_a_delivery_without_its_message_cannot_be_written(lanes: Lanes) -> None:
    outgoing = Outgoing(content=b"x", control_id="1", key="a")
    with pytest.raises(apsw.ConstraintError), lanes.database.transaction() as tx:
        add_delivery(tx, 99, "qhali", outgoing, at=NOW)


def test_what_cannot_be_written_whole_is_not_written_at_all(lanes: Lanes) -> None:
    with pytest.raises(apsw.ConstraintError):
        lanes.add("1", to=None)  # type: ignore[arg-type]
    with lanes.database.reading() as tx:
        assert tx.execute("select count(*) from message").get == 0


def plan(database: Database, query: Callable[[apsw.Connection], object]) -> str:
    """How SQLite would run the first statement of a query."""
    asked: list[tuple[str, Any]] = []

    def trace(_: apsw.Cursor, sql: str, bindings: Any) -> bool:
        asked.append((sql, bindings))
        return True

    with database.reading() as tx:
        tx.exec_trace = trace
        query(tx)
        tx.exec_trace = None
        sql, bindings = asked[0]
        return "\n".join(row[3] for row in tx.execute(f"explain query plan {sql}", bindings))


@pytest.mark.parametrize(
    "query",
    [lambda tx: claim(tx, "qhali", at=NOW, limit=16), lambda tx: next_due(tx, "qhali")],
    ids=["claim", "next-due"],
)
def test_lane_heads_are_found_by_index_and_never_by_reading_the_history(lanes: Lanes, query) -> None:
    how = plan(lanes.database, query)
    assert "SCAN" not in how
    assert "USING INDEX delivery_unsettled (destination=?)" in how
    assert "USING INDEX delivery_unsettled (destination=? AND lane=? AND id<?)" in how


def test_the_messages_of_a_request_are_found_by_index(lanes: Lanes) -> None:
    how = plan(lanes.database, lambda tx: messages(tx, correlation_id="QH-7M3K9XBT4D", state="refused"))
    assert "USING INDEX message_by_correlation (correlation_id=?)" in how
    assert "delivery_by_state (state=? AND message_id=?)" in how
    assert "SCAN" not in how


def test_messages_in_a_state_are_found_by_index_also_by_their_deliveries(lanes: Lanes) -> None:
    how = plan(lanes.database, lambda tx: messages(tx, state="refused"))
    assert "message_by_state (state=?)" in how
    assert "delivery_by_state (state=?)" in how
    assert "SEARCH message USING INTEGER PRIMARY KEY" in how
    assert "TEMP B-TREE FOR DISTINCT" not in how


def test_the_newest_messages_are_read_from_the_end(lanes: Lanes) -> None:
    assert plan(lanes.database, messages) == "SCAN message"  # backwards by rowid, no sorting
