"""The versions of the tables, in both databases: upgraded in order or not at all; a newer one is refused."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import psycopg
import pytest

from ayni.engine.store.contract import Question
from ayni.engine.store.postgresql import STEPS as POSTGRESQL
from ayni.engine.store.postgresql import PostgresqlStore, upgrade
from ayni.engine.store.postgresql_link import connect
from ayni.engine.store.schema import SQLITE, upgrade_sqlite
from ayni.engine.store.sql import SqlStore
from ayni.engine.store.sqlite import SqliteStore
from ayni.wire.database import Database
from ayni.wire.failure import CannotStart

from .samples import LAB, added, assert_balanced, taken

BROKEN = (*SQLITE, "create table half (id integer);\ncreate table half (id integer);\n")
BROKEN_THERE = (*POSTGRESQL, BROKEN[-1])


class Base:
    """A database whose versions a test looks at from outside."""

    def open(self) -> SqlStore: ...

    def run(self, sql: str) -> list[tuple[Any, ...]]: ...

    def version(self) -> int: ...

    def be_of(self, version: int) -> None:
        """Says so, whatever its tables are."""

    def objects(self) -> set[tuple[Any, ...]]:
        """Its tables and indexes."""

    def break_it(self) -> None:
        """Takes a step whose second half fails."""


class SqliteBase(Base):
    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self) -> SqlStore:
        return SqliteStore(self._path)

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        connection = apsw.Connection(str(self._path))
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def version(self) -> int:
        return int(self.run("pragma user_version")[0][0])

    def be_of(self, version: int) -> None:
        self.run(f"pragma user_version = {version}")

    def objects(self) -> set[tuple[Any, ...]]:
        return set(self.run("select type, name, tbl_name from sqlite_master"))

    def break_it(self) -> None:
        database = Database(self._path)
        try:
            upgrade_sqlite(database, BROKEN)
        finally:
            database.close()


class PostgresqlBase(Base):
    def __init__(self, url: str) -> None:
        self._url = url

    def open(self) -> SqlStore:
        return PostgresqlStore(self._url)

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self._url, autocommit=True) as connection:
            found = connection.execute(sql.encode())
            return found.fetchall() if found.description else []

    def version(self) -> int:
        return int(self.run("select coalesce(max(version), 0) from store_version")[0][0])

    def be_of(self, version: int) -> None:
        self.run("delete from store_version")
        self.run(f"insert into store_version values ({version})")

    def objects(self) -> set[tuple[Any, ...]]:
        return set(
            self.run("select tablename, indexname from pg_indexes where schemaname = current_schema()")
        ) | set(self.run("select tablename, '' from pg_tables where schemaname = current_schema()"))

    def break_it(self) -> None:
        with connect(self._url) as connection:
            upgrade(connection, BROKEN_THERE)


@pytest.fixture(params=["sqlite", "postgresql"])
def base(request: pytest.FixtureRequest, tmp_path: Path) -> Base:
    if request.param == "sqlite":
        return SqliteBase(tmp_path / "messages.sqlite")
    return PostgresqlBase(request.getfixturevalue("postgresql_url"))


OLD_INDEXES = ("delivery_waiting", "delivery_held")
NEWEST = len(SQLITE)


async def closed(store: SqlStore) -> None:
    await store.close()


def test_both_databases_have_the_same_versions() -> None:
    assert len(SQLITE) == len(POSTGRESQL)


async def test_a_new_store_has_the_newest_tables(base: Base) -> None:
    await closed(base.open())
    assert base.version() == NEWEST


async def test_a_store_from_before_versions_were_counted_is_upgraded_with_what_it_holds(base: Base) -> None:
    store = base.open()
    message_id = await added(store, "A")
    await closed(store)
    fresh = base.objects()
    for name in OLD_INDEXES:
        base.run(f"drop index {name}")
    base.be_of(0)
    again = base.open()
    assert base.version() == NEWEST
    assert base.objects() == fresh
    assert [each["id"] for each in again.search(Question())] == [message_id]
    assert [each["destination"] for each in again.waiting()] == [LAB]
    assert await taken(again) == [message_id]
    assert_balanced(again)
    await closed(again)


async def test_a_store_of_a_newer_engine_is_refused_and_left_as_it_is(base: Base) -> None:
    await closed(base.open())
    base.be_of(NEWEST + 1)
    before = base.objects()
    with pytest.raises(CannotStart, match=f"tables of version {NEWEST + 1} and this engine knows {NEWEST}"):
        base.open()
    assert (base.version(), base.objects()) == (NEWEST + 1, before)


async def test_an_upgrade_that_breaks_leaves_the_store_as_it_was(base: Base) -> None:
    await closed(base.open())
    before = base.objects()
    with pytest.raises(Exception, match="half"):
        base.break_it()
    assert (base.version(), base.objects()) == (NEWEST, before)
    await closed(base.open())


async def test_opening_again_changes_nothing(base: Base) -> None:
    await closed(base.open())
    before = base.objects()
    await closed(base.open())
    assert base.objects() == before


async def test_engines_that_start_at_once_upgrade_once(postgresql_url: str) -> None:
    def start() -> None:
        asyncio.run(_opened(lambda: PostgresqlStore(postgresql_url)))

    await asyncio.gather(*(asyncio.to_thread(start) for _ in range(4)))
    base = PostgresqlBase(postgresql_url)
    assert base.run("select version from store_version order by version") == [
        (number,) for number in range(1, NEWEST + 1)
    ]


async def _opened(make: Callable[[], SqlStore]) -> None:
    await make().close()
