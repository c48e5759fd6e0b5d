"""The operator's way back for what the engine refused, while QHALI runs."""

import asyncio
from pathlib import Path

import pytest

from ayni.qhali import DATABASE_FILE, SYSTEM
from ayni.qhali.outbox import line, send_again, unsettled
from ayni.wire import outbox
from ayni.wire.clock import Now
from ayni.wire.database import Database
from ayni.wire.failure import Backoff, CannotStart, Refused
from ayni.wire.outbox import OutboxSender

FIRST, SECOND = "QH-7M3K9XBT4D.Q001", "QH-0000000001.Q001"


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    return {"AYNI_VAR": str(tmp_path)}


@pytest.fixture
def database(tmp_path: Path, qhali):
    """QHALI's file where the settings say it is, opened as the running process has it."""
    database = Database(tmp_path / SYSTEM / DATABASE_FILE, outbox.SCHEMA)
    with database.transaction() as tx:
        for key in (FIRST, SECOND):
            request_id = key.partition(".")[0]
            outbox.append(tx, event_key=key, request_id=request_id, content=b"PRUEBA", now=qhali.clock)
        tx.execute("update outbox set state = 'refused', reason = '404\x1b[2J' where event_key = ?", (FIRST,))
    yield database
    database.close()


def test_what_waits_and_what_was_refused_is_listed_without_its_content(database, variables) -> None:
    refused, waiting = map(line, unsettled(variables))
    assert refused.split() == [FIRST, "refused", "0", "2026-11-23T09:30:15-05:00", "404?[2J"]
    assert waiting.split() == [SECOND, "pending", "0", "2026-11-23T09:30:15-05:00"]


async def test_a_refused_row_sent_again_leaves_by_the_sender_that_is_running(
    database, variables, qhali, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "LOOK_AGAIN_SECONDS", 0.02)
    sent: list[str] = []

    async def send(row: outbox.OutboxRow) -> bytes:
        sent.append(row.event_key)
        if sent.count(row.event_key) == 1:
            raise Refused("not today")
        return b"ok"

    running = asyncio.create_task(_sender(database, send, now=qhali.clock).run())
    try:
        await _until(lambda: [row.state for row in unsettled(variables)] == ["refused", "refused"])
        assert send_again(SECOND, variables)
        await _until(lambda: [row.event_key for row in unsettled(variables)] == [FIRST])
        assert sent == [SECOND, SECOND]
    finally:
        running.cancel()


def _sender(database: Database, send: outbox.Send, *, now: Now) -> OutboxSender:
    return OutboxSender(database, send, backoff=Backoff(0.01, 0.01), now=now)


async def _until(is_so) -> None:
    for _ in range(200):
        if await asyncio.to_thread(is_so):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not become so")


@pytest.mark.parametrize("key", [SECOND, "QH-7M3K9XBT4D.Q002", ""])
def test_only_a_refused_row_is_sent_again(database, variables, key: str) -> None:
    assert not send_again(key, variables)


def test_a_folder_without_qhalis_data_is_said_and_left_alone(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="AYNI_VAR"):
        unsettled({"AYNI_VAR": str(tmp_path / "elsewhere")})
    assert not (tmp_path / "elsewhere").exists()
