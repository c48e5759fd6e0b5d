"""The store in one SQLite file."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from ayni.engine.store.contract import Question
from ayni.engine.store.filesystem import filesystem_of
from ayni.engine.store.sql import SQL
from ayni.engine.store.sqlite import SqliteStore
from ayni.wire.database import UnsafeStorage

from .contract import StoreContract
from .contract_keeping import Outside
from .contract_search import Plans
from .plans import queries_of
from .samples import LATE, NOW, added, assert_balanced, claimed, taken


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "messages.sqlite"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    made = SqliteStore(path)
    yield made
    await made.close()


@pytest.fixture
def outside(path: Path) -> Outside:
    def ask(sql: str) -> list[tuple[Any, ...]]:
        return apsw.Connection(str(path)).execute(sql).fetchall()

    return ask


@pytest.fixture
def plans(store: SqliteStore, path: Path) -> Plans:
    def ask(question: Question) -> str:
        connection = apsw.Connection(str(path))
        lines = [
            row[3]
            for sql, values in queries_of(store, question)
            for row in connection.execute(f"explain query plan {sql}", tuple(values))
        ]
        return "\n".join(lines)

    return ask


class TestSqliteStore(StoreContract):
    """The contract."""


async def test_what_was_committed_is_there_after_the_process_ended(path: Path) -> None:
    first = SqliteStore(path)
    message_id = await added(first, "A")
    await claimed(first)
    await first.close()
    second = SqliteStore(path)
    assert await second.recover("one", at=NOW) == 1
    assert await taken(second) == [message_id]
    assert_balanced(second)
    await second.close()


async def test_the_file_gets_smaller_when_messages_go(store: SqliteStore, path: Path) -> None:
    ids = await asyncio.gather(*(added(store, str(number), raw=b"x" * 9_000) for number in range(600)))
    await taken(store)
    await store.delete_messages(after_id=0, before=LATE, limit=len(ids))
    full = size_of(path)
    while await store.give_back_space():
        pass
    assert size_of(path) < full / 10


def size_of(path: Path) -> int:
    return path.stat().st_size


async def test_law_11_it_says_at_start_on_what_durability_stands(store: SqliteStore) -> None:
    said = dict(store.attestation())
    assert said["database"].startswith("SQLite 3.")
    assert said["filesystem"]
    assert (said["journal_mode"], said["synchronous"], said["auto_vacuum"]) == ("wal", "2", "2")


@pytest.mark.parametrize("version", ["3.40.1", "3.51.2", "3.7.0"])
def test_law_11_a_library_that_can_lose_commits_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: version)
    with pytest.raises(UnsafeStorage, match=version):
        SqliteStore(path)


@pytest.mark.parametrize(
    ("setting", "said"), [("journal_mode", "delete"), ("journal_mode", "memory"), ("synchronous", 1)]
)
def test_law_11_a_setting_that_does_not_hold_is_refused_by_name(
    path: Path, monkeypatch: pytest.MonkeyPatch, setting: str, said: object
) -> None:
    class Lying(apsw.Connection):
        """A database that does not do what it is told."""

        def execute(self, statements: str, *values: Any) -> Any:
            if statements.startswith(f"pragma {setting}") and ";" not in statements:
                return super().execute("select ?", (said,))
            return super().execute(statements, *values)

    monkeypatch.setattr(apsw, "Connection", Lying)
    with pytest.raises(UnsafeStorage, match=f"{setting} {said}"):
        SqliteStore(path)


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "9p"])
def test_law_11_a_disk_of_another_machine_is_refused(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/vda / ext4 rw 0 0\nserver:/share {tmp_path} {kind} rw 0 0\n")
    monkeypatch.setattr(filesystem_of, "__defaults__", (mounts,))
    with pytest.raises(UnsafeStorage, match=kind):
        SqliteStore(path)
    assert filesystem_of(Path("/etc"), mounts) == "ext4"
    assert filesystem_of(path, tmp_path / "no-such-list") == "not known"


INDEXED = {
    "lease_lanes": ("lane_due", ("one", 2, "lab", 1, 9)),
    "heads_of_lanes": ("PRIMARY KEY", ("[1]",)),
    "next_due": ("lane_due", ("lab",)),
    "earlier": ("message_key", ("M1", "s", "c", "M1", "s", "c", b"h")),
    "held": ("delivery_held", ()),
    "oldest_waiting": ("delivery_waiting", ("lab",)),
    "newest_before": ("message_by_channel", (1,)),
}


@pytest.mark.parametrize("name", INDEXED)
def test_what_is_asked_often_reads_an_index(store: SqliteStore, path: Path, name: str) -> None:
    index, values = INDEXED[name]
    plan = [row[3] for row in apsw.Connection(str(path)).execute(f"explain query plan {SQL[name]}", values)]
    assert any(index in line for line in plan), plan
    whole = ("SCAN message", "SCAN delivery", "SCAN lane", "SCAN place")
    assert [line for line in plan if line.startswith(whole) and "delivery_held" not in line] == []


async def test_what_waits_is_told_without_walking_the_queue(store: SqliteStore, path: Path) -> None:
    """Counted in the steps of the database's own machine, which do not grow with the queue."""
    await asyncio.gather(*(added(store, str(number % 400)) for number in range(200)))
    few = steps_of(store, path)
    await asyncio.gather(*(added(store, str(number % 400)) for number in range(4_000)))
    assert store.waiting()[0]["waiting"] == 4_200
    assert steps_of(store, path) < few + 50


def steps_of(store: SqliteStore, path: Path) -> int:
    """What answering `waiting` takes, in steps."""
    connection, count = apsw.Connection(str(path)), 0

    def step() -> bool:
        nonlocal count
        count += 1
        return False

    connection.set_progress_handler(step, 1)
    for name, values in (("waiting", ()), ("held", ()), ("oldest_waiting", ("laboratory",))):
        connection.execute(SQL[name], values).fetchall()
    return count
