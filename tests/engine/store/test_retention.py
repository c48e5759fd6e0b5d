"""Retention between messages: what is old goes, traffic goes on, the disk gets its space back."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ayni.engine.store import retention
from ayni.engine.store.contract import Question
from ayni.engine.store.postgresql import PostgresqlStore
from ayni.engine.store.retention import FREE_PAGES_KEPT, Retention
from ayni.engine.store.sql import SqlStore
from ayni.engine.store.sqlite import SqliteStore

from .samples import LATE, NOW, added, assert_balanced, claimed, message, refused, settlement, taken

OLD = NOW - timedelta(days=400)
COUNT = 20_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "messages.sqlite"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    made = SqliteStore(path)
    yield made
    await made.close()


def retention_of(store: SqlStore, *, content: float | None = 30, rows: float | None = 365) -> Retention:
    return Retention(store, lambda: NOW, content_days=content, message_days=rows)


async def fill(store: SqlStore, count: int, *, at: datetime = OLD) -> None:
    """Old messages that came to their end, some of them with a delivery."""
    for start in range(0, count, 500):
        await asyncio.gather(
            *(
                store.add(message(raw=b"x" * 1_500, received_at=at, deliveries=()))
                for _ in range(start, min(start + 500, count))
            )
        )


class Traffic:
    """Messages that keep arriving; how long each waited for its commit."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self.waited: list[float] = []
        self._task = asyncio.create_task(self._arrive())

    async def end(self) -> list[float]:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        return sorted(self.waited)

    async def _arrive(self) -> None:
        while True:
            started = time.perf_counter()
            await added(self._store, "A")
            self.waited.append(time.perf_counter() - started)
            await asyncio.sleep(0.005)


async def test_twenty_thousand_go_while_messages_arrive_and_the_file_gets_smaller(
    store: SqliteStore, path: Path
) -> None:
    await fill(store, COUNT)
    full, traffic = size_of(path), Traffic(store)
    done = await retention_of(store, content=None).once()
    waited = await traffic.end()
    assert (done.deleted, done.forgotten) == (COUNT, 0)
    assert done.free_pages <= FREE_PAGES_KEPT
    assert size_of(path) < full / 3
    assert len(waited) > 20
    assert waited[len(waited) // 2] < 0.1, "half of those that came in the meantime waited"
    assert len(await taken(store, at=LATE)) >= len(waited)
    assert_balanced(store)


def size_of(path: Path) -> int:
    return path.stat().st_size


async def test_content_goes_before_the_row(store: SqliteStore) -> None:
    kept, bare, gone = (NOW - timedelta(days=days) for days in (10, 100, 400))
    ids = [await added(store, str(at), received_at=at) for at in (gone, bare, kept)]
    await taken(store)
    done = await retention_of(store).once()
    assert (done.forgotten, done.deleted, done.passed_at) == (2, 1, NOW)
    assert [each["id"] for each in store.search(Question())] == ids[:0:-1]
    contents = [found["raw"] for each in ids[1:] if (found := store.message(each)) is not None]
    assert [bool(each) for each in contents] == [False, True]


@pytest.mark.parametrize(
    ("content", "rows", "left"), [(None, None, (3, 3)), (1, None, (3, 0)), (None, 1, (0, 0))]
)
async def test_none_keeps_for_ever(store: SqliteStore, content, rows, left) -> None:
    await fill(store, 3)
    await retention_of(store, content=content, rows=rows).once()
    found = [store.message(each["id"]) for each in store.search(Question())]
    assert (len(found), len([each for each in found if each and each["raw"]])) == left


def test_content_cannot_outlive_its_message() -> None:
    with pytest.raises(ValueError, match="longer"):
        retention_of(None, content=366, rows=365)  # type: ignore[arg-type]


async def test_what_waits_or_is_held_stays_and_goes_when_it_may(store: SqliteStore) -> None:
    waiting, held = await added(store, "A", received_at=OLD), await added(store, "B", received_at=OLD)
    await store.hold([held], reason="EXP-1", who="rosa", at=NOW)
    pruner = retention_of(store, rows=None)
    _, of_held = await claimed(store)
    await store.settle(of_held, settlement())
    await fill(store, 3)
    assert (await pruner.once()).forgotten == 3
    await store.lift("EXP-1", [held])
    await store.recover("one", at=NOW)
    await taken(store)
    assert (await pruner.once()).forgotten == 3, "behind what was looked through today"
    later = retention_of(store, rows=None)
    assert (await later.once()).forgotten == 2
    assert {waiting, held} <= {each["id"] for each in store.search(Question())}


async def test_a_pass_that_fails_is_tried_again(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "PASS_SECONDS", 0.01)
    await store.add(refused(received_at=OLD))
    pruner, real, calls = retention_of(store), store.delete_messages, []

    async def fails_once(**asked):
        calls.append(asked)
        if len(calls) == 1:
            raise OSError("disk full")
        return await real(**asked)

    monkeypatch.setattr(store, "delete_messages", fails_once)
    running = asyncio.create_task(pruner.run())
    async with asyncio.timeout(5):
        while not pruner.progress.deleted:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)
    running.cancel()
    assert len(calls) >= 2


async def test_in_postgresql_too(postgresql_url: str) -> None:
    store = PostgresqlStore(postgresql_url)
    await fill(store, 200)
    traffic = Traffic(store)
    done = await retention_of(store).once()
    await traffic.end()
    assert (done.deleted, done.forgotten, done.free_pages) == (200, 200, 0)
    assert_balanced(store)
    await store.close()
