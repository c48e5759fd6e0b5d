"""The account of a span of time, in both databases."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ayni.engine.store.account import account_of
from ayni.engine.store.contract import Row
from ayni.engine.store.postgresql import PostgresqlStore
from ayni.engine.store.sql import SqlStore
from ayni.engine.store.sqlite import SqliteStore

from .contract_decisions import stop
from .samples import LAB, MINUTE, NOW, added, claimed, filtered, refused, settlement, taken


@pytest.fixture(params=["sqlite", "postgresql"])
async def store(request: Any, tmp_path: Path) -> AsyncIterator[SqlStore]:
    if request.param == "sqlite":
        made: SqlStore = SqliteStore(tmp_path / "messages.sqlite")
    else:
        made = PostgresqlStore(request.getfixturevalue("postgresql_url"))
    yield made
    await made.close()


def rows_of(store: SqlStore, since: int, until: int, channel: str = "orders") -> list[tuple[str, str, int]]:
    found: list[Row] = account_of(store.books, channel, NOW + since * MINUTE, NOW + until * MINUTE)
    assert all(row["channel"] == channel for row in found)
    return sorted((row["destination"], str(row["state"]), int(row["count"])) for row in found)


async def test_messages_of_the_span_are_counted_with_what_became_of_them(store: SqlStore) -> None:
    await added(store, "A", received_at=NOW - timedelta(days=1))
    await added(store, "B", received_at=NOW)
    await store.add(filtered(received_at=NOW + MINUTE))
    await store.add(refused(received_at=NOW + 2 * MINUTE))
    await added(store, "C", received_at=NOW + 3 * MINUTE, channel="other")
    await taken(store, at=NOW + 5 * MINUTE)
    await added(store, "D", received_at=NOW + 9 * MINUTE)
    (unknown,) = await claimed(store, at=NOW + 10 * MINUTE)
    await store.settle(unknown, settlement("unknown"))
    assert rows_of(store, 0, 10) == [
        ("", "accepted", 2),
        ("", "filtered", 1),
        ("", "refused", 1),
        (LAB, "delivered", 1),
        (LAB, "pending", 1),
    ]
    assert rows_of(store, 0, 2) == [("", "accepted", 1), ("", "filtered", 1), (LAB, "delivered", 1)]
    assert rows_of(store, 0, 10, "other") == [("", "accepted", 1), (LAB, "delivered", 1)]
    assert rows_of(store, 20, 30) == []


async def test_a_stopped_delivery_is_counted_as_such(store: SqlStore) -> None:
    await stop(store, "A")
    assert (LAB, "stalled", 1) in rows_of(store, 0, 1)
