import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import apsw
import pytest

from ayni.wire import outbox
from ayni.wire.database import Database
from ayni.wire.failure import Backoff, NotConnected, NotTaken, OutcomeUnknown, Refused
from ayni.wire.outbox import NEXT_ROW, OutboxRow, OutboxSender

QUICK = Backoff(first_seconds=0.01, seconds_max=0.02)
A, B = "QH-AAAAAAAAAA", "QH-BBBBBBBBBB"


class Partner:
    """Answers each row as a test says: by event key a list of answers or failures, then `yes` for ever."""

    def __init__(self, **said: list[Any]) -> None:
        self.heard: list[str] = []
        self._said = said
        self.at_once, self.at_once_max = 0, 0

    async def __call__(self, row: OutboxRow) -> bytes:
        self.heard.append(row.event_key)
        self.at_once += 1
        self.at_once_max = max(self.at_once, self.at_once_max)
        await asyncio.sleep(0)
        self.at_once -= 1
        answers = self._said.get(row.event_key) or [b"yes"]
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return bytes(answer)


def put(database: Database, clock: Any, *keys: tuple[str, str]) -> None:
    with database.transaction() as tx:
        for key, request in keys:
            outbox.append(tx, event_key=key, request_id=request, content=key.encode(), now=clock)


def states(database: Database) -> dict[str, str]:
    with database.reading() as tx:
        return dict(tx.execute("select event_key, state from outbox order by position").fetchall())


@asynccontextmanager
async def sending(
    database: Database, partner: Callable[[OutboxRow], Awaitable[bytes]], clock: Any, backoff: Backoff = QUICK
):
    sender = OutboxSender(database, partner, backoff=backoff, now=clock)
    running = asyncio.create_task(sender.run())
    try:
        yield sender
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def until(is_so: Callable[[], bool], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110 - what is waited for is in a file
            await asyncio.sleep(0.005)


async def test_rows_go_in_their_order(database: Database, clock: Any) -> None:
    put(database, clock, ("a1", A), ("b1", B), ("a2", A), ("b2", B))
    partner = Partner()
    async with sending(database, partner, clock):
        await until(lambda: set(states(database).values()) == {"delivered"})
    assert partner.heard == ["a1", "b1", "a2", "b2"]


async def test_a_row_appended_later_wakes_the_sender(database: Database, clock: Any) -> None:
    partner = Partner()
    async with sending(database, partner, clock) as sender:
        await asyncio.sleep(0.05)
        put(database, clock, ("a1", A))
        sender.wake()
        await until(lambda: states(database) == {"a1": "delivered"})


async def test_a_refused_row_holds_back_its_own_request_only(database: Database, clock: Any) -> None:
    put(database, clock, ("a1", A), ("a2", A), ("b1", B))
    partner = Partner(a1=[Refused("AE 103", answer=b"no")])
    async with sending(database, partner, clock) as sender:
        await until(lambda: states(database)["b1"] == "delivered")
        assert states(database) == {"a1": "refused", "a2": "pending", "b1": "delivered"}
        with database.transaction() as tx:
            assert outbox.send_again(tx, "a1")
            assert not outbox.send_again(tx, "b1")
        sender.wake()
        await until(lambda: set(states(database).values()) == {"delivered"})
    assert partner.heard == ["a1", "b1", "a1", "a2"]


@pytest.mark.parametrize("failure", [NotTaken("AR 207"), OutcomeUnknown("silence"), RuntimeError("a bug")])
async def test_a_row_in_trouble_does_not_stop_the_other_requests(
    database: Database, real_clock: Any, failure: Exception
) -> None:
    put(database, real_clock, ("a1", A), ("a2", A), ("b1", B))
    partner = Partner(a1=[failure] * 500)
    async with sending(database, partner, real_clock):
        await until(lambda: states(database)["b1"] == "delivered")
        assert states(database)["a2"] == "pending"


async def test_the_same_bytes_go_again_after_a_lost_answer_and_before_what_follows(
    database: Database, real_clock: Any
) -> None:
    put(database, real_clock, ("a1", A), ("a2", A))
    partner = Partner(a1=[OutcomeUnknown("silence"), NotTaken("locked"), b"yes"])
    async with sending(database, partner, real_clock):
        await until(lambda: set(states(database).values()) == {"delivered"})
    assert partner.heard == ["a1", "a1", "a1", "a2"]


async def test_a_row_that_was_in_flight_when_the_process_ended_goes_again(
    database: Database, clock: Any
) -> None:
    begun = asyncio.Event()

    async def never_answers(_: OutboxRow) -> bytes:
        begun.set()
        return await asyncio.Future()

    put(database, clock, ("a1", A), ("a2", A))
    async with sending(database, never_answers, clock):
        await begun.wait()
    partner = Partner()
    async with sending(database, partner, clock):
        await until(lambda: set(states(database).values()) == {"delivered"})
    assert partner.heard == ["a1", "a2"]


async def test_pauses_grow_while_nobody_answers_and_new_work_does_not_shorten_them(
    database: Database, real_clock: Any
) -> None:
    put(database, real_clock, ("a1", A), ("b1", B))
    partner = Partner(a1=[NotConnected("down")] * 100)
    async with sending(database, partner, real_clock, Backoff(first_seconds=0.05, seconds_max=10)) as sender:
        for _ in range(50):
            sender.wake()
            await asyncio.sleep(0.01)
    # at least 0.025 + 0.05 + 0.1 + 0.2 s lie between five attempts, and 0.4 s before a sixth
    assert ["a1"] * 2 <= partner.heard <= ["a1"] * 5


async def test_while_nobody_answers_there_is_one_probe_and_no_storm(
    database: Database, real_clock: Any
) -> None:
    put(database, real_clock, *((f"k{number}", f"QH-{number:010d}") for number in range(50)))
    partner = Partner(**{f"k{number}": [NotConnected("down")] * 100 for number in range(50)})
    slow = Backoff(first_seconds=0.1, seconds_max=0.1)
    async with sending(database, partner, real_clock, slow):
        await asyncio.sleep(0.35)
    assert 2 <= len(partner.heard) <= 8
    assert partner.at_once_max == 1


async def test_what_was_not_delivered_is_sent_after_the_file_is_opened_again(
    tmp_path: Path, clock: Any
) -> None:
    database = Database(tmp_path / "system.sqlite", outbox.SCHEMA)
    put(database, clock, ("a1", A), ("a2", A))
    async with sending(database, Partner(a1=[b"yes"], a2=[NotConnected("down")] * 9), clock):
        await until(lambda: states(database)["a1"] == "delivered")
    database.close()
    database, partner = Database(tmp_path / "system.sqlite", outbox.SCHEMA), Partner()
    async with sending(database, partner, clock):
        await until(lambda: set(states(database).values()) == {"delivered"})
    database.close()
    assert partner.heard == ["a2"]


def test_an_event_is_noted_with_its_change_or_not_at_all(database: Database, clock: Any) -> None:
    with suppress(RuntimeError), database.transaction() as tx:
        outbox.append(tx, event_key="a1", request_id=A, content=b"", now=clock)
        raise RuntimeError
    assert states(database) == {}


def test_one_event_key_is_noted_once(database: Database, clock: Any) -> None:
    put(database, clock, ("a1", A))
    with pytest.raises(apsw.ConstraintError):
        put(database, clock, ("a1", A))


def test_an_event_that_travelled_as_an_answer_is_in_the_log_and_holds_nobody(
    database: Database, clock: Any
) -> None:
    with database.transaction() as tx:
        outbox.append_delivered(tx, event_key="a1", request_id=A, content=b"", now=clock)
        outbox.append(tx, event_key="a2", request_id=A, content=b"", now=clock)
        assert tx.execute(NEXT_ROW, (clock().isoformat(),)).fetchone()[1] == "a2"
        assert [row.event_key for row in outbox.unsettled(tx)] == ["a2"]


def test_the_next_row_is_found_by_the_index_of_what_is_pending(database: Database, clock: Any) -> None:
    with database.reading() as tx:
        plan = [row[3] for row in tx.execute("explain query plan " + NEXT_ROW, (clock().isoformat(),))]
    assert any("outbox_pending" in step for step in plan), plan
    assert any("outbox_unsettled" in step for step in plan), plan
    assert not any(step == "SCAN outbox" for step in plan), plan
