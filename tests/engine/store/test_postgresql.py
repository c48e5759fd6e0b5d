"""The store in PostgreSQL, by one engine."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest

from ayni.engine.store.contract import Earlier, Question
from ayni.engine.store.postgresql import WORDS, PostgresqlStore, check
from ayni.engine.store.postgresql_link import (
    RECONNECT_SECONDS,
    PostgresqlWriting,
    Unreachable,
    connect,
    in_its_words,
)
from ayni.engine.store.transaction import Transaction
from ayni.wire.database import UnsafeStorage
from ayni.wire.failure import CannotStart

from .contract import StoreContract
from .contract_keeping import Outside
from .contract_search import Plans
from .plans import queries_of
from .samples import added, assert_balanced, message


@pytest.fixture
async def store(postgresql_url: str) -> AsyncIterator[PostgresqlStore]:
    made = PostgresqlStore(postgresql_url)
    yield made
    await made.close()


@pytest.fixture
def outside(postgresql_url: str) -> Outside:
    def ask(sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(postgresql_url) as connection:
            return connection.execute(sql.encode()).fetchall()

    return ask


@pytest.fixture
def plans(store: PostgresqlStore, postgresql_url: str) -> Plans:
    """A few rows are read whole whatever indexes there are, unless that is forbidden."""

    def ask(question: Question) -> str:
        with connect(postgresql_url) as connection:
            connection.execute("set enable_seqscan = off")
            lines = [
                line
                for sql, values in queries_of(store, question)
                for (line,) in connection.execute(f"explain {in_its_words(sql)}".encode(), values)
            ]
        return "\n".join(lines)

    return ask


class TestPostgresqlStore(StoreContract):
    """The contract."""


SAFE = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "data_checksums": "on",
    "ignore_checksum_failure": "off",
    "zero_damaged_pages": "off",
}


async def test_law_11_it_says_at_start_on_what_durability_stands(store: PostgresqlStore) -> None:
    said = dict(store.attestation())
    assert said["database"].startswith("PostgreSQL 1")
    assert {name: said[name] for name in SAFE} == SAFE
    assert said["synchronous_standby_names"] == "none"


@pytest.mark.parametrize("value", ["on", "remote_apply", "local", "remote_write"])
def test_law_11_settings_that_sync_are_taken(value: str) -> None:
    check(SAFE | {"synchronous_commit": value, "data_checksums": "off"}, is_standby=False, skew_seconds=9)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("fsync", "off"),
        ("full_page_writes", "off"),
        ("synchronous_commit", "off"),
        ("data_checksums", None),
        ("ignore_checksum_failure", "on"),
        ("zero_damaged_pages", "on"),
    ],
)
def test_law_11_each_unsafe_setting_is_refused_by_name(setting: str, value: str | None) -> None:
    with pytest.raises(UnsafeStorage, match=f"^PostgreSQL: {setting} is .*; it must be [a-z_ ]+$"):
        check(SAFE | {setting: value}, is_standby=False, skew_seconds=0)


def test_law_11_a_standby_is_refused() -> None:
    with pytest.raises(UnsafeStorage, match="standby"):
        check(SAFE, is_standby=True, skew_seconds=0)


@pytest.mark.parametrize("skew", [-60.0, 60.0])
def test_law_11_a_clock_that_ends_leases_too_early_is_refused(skew: float) -> None:
    with pytest.raises(UnsafeStorage, match="clock"):
        check(SAFE, is_standby=False, skew_seconds=skew)


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
async def test_law_11_a_server_that_does_not_sync_keeps_the_engine_from_starting(
    postgresql_url: str, setting: str
) -> None:
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        try:
            connection.execute(f"alter system set {setting} = off".encode())
            reload(connection, setting, "off")
            with pytest.raises(CannotStart, match=setting):
                PostgresqlStore(postgresql_url)
        finally:
            connection.execute(f"alter system reset {setting}".encode())
            reload(connection, setting, "on")


async def test_law_11_a_role_that_does_not_wait_for_its_commits_is_refused(postgresql_url: str) -> None:
    with pytest.raises(CannotStart, match="synchronous_commit"):
        PostgresqlStore(postgresql_url + "%20-csynchronous_commit%3Doff")


async def test_a_server_that_is_not_there_keeps_the_engine_from_starting_in_one_line() -> None:
    with pytest.raises(CannotStart, match="cannot be reached") as refusal:
        PostgresqlStore("postgresql://postgres:secret@127.0.0.1:1/postgres")
    assert "secret" not in str(refusal.value)


async def test_law_01_a_commit_that_the_standby_did_not_hear_of_is_not_acknowledged(
    store: PostgresqlStore, postgresql_url: str
) -> None:
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        try:
            connection.execute("alter system set synchronous_standby_names = 'nobody'")
            reload(connection, "synchronous_standby_names", "nobody")
            asked = asyncio.ensure_future(store.add(message(control_id="M1")))
            await asyncio.to_thread(cancel_the_commit, connection)
            with pytest.raises(Unreachable):
                await asked
        finally:
            connection.execute("alter system reset synchronous_standby_names")
            reload(connection, "synchronous_standby_names", "")
    await asyncio.sleep(RECONNECT_SECONDS)
    again = await store.add(message(control_id="M1"))
    assert isinstance(again, Earlier)  # it was here all the time; its sender hears so now
    assert_balanced(store)


async def test_a_lost_connection_writes_nothing_twice_and_is_there_again(
    store: PostgresqlStore, postgresql_url: str
) -> None:
    await added(store, "A")
    end_sessions(postgresql_url)
    kept = await store.add(message("A"))  # nothing was under way: the group goes over a new connection
    assert isinstance(kept, int)
    assert len(store.search(Question())) == 2
    assert_balanced(store)


async def test_a_connection_lost_in_the_middle_of_a_group_fails_the_group(
    store: PostgresqlStore, postgresql_url: str
) -> None:
    def break_it(tx: Transaction) -> None:
        tx.run("hold_message", 404)
        end_sessions(postgresql_url)

    said = await asyncio.gather(
        store.add(message("A")), store.writer.write(break_it), store.add(message("B")), return_exceptions=True
    )
    assert all(isinstance(each, psycopg.OperationalError) for each in said)
    assert store.search(Question()) == []
    await asyncio.sleep(RECONNECT_SECONDS)
    assert isinstance(await store.add(message("A")), int)
    assert_balanced(store)


async def test_a_statement_planned_while_its_table_was_empty_still_reads_the_index(
    postgresql_url: str,
) -> None:
    writing = PostgresqlWriting(postgresql_url, {"ask": "show enable_seqscan"})
    assert writing.begin().one("ask") == ("off",)
    writing.close()


@pytest.mark.parametrize(
    ("name", "index", "values"),
    [("oldest_waiting", "delivery_waiting", ("lab",)), ("held", "delivery_held", ())],
)
async def test_what_waits_is_told_from_an_index(
    store: PostgresqlStore, postgresql_url: str, name: str, index: str, values: tuple[str, ...]
) -> None:
    with connect(postgresql_url) as connection:
        connection.execute("set enable_seqscan = off")
        plan = "\n".join(line for (line,) in connection.execute(f"explain {WORDS[name]}".encode(), values))
    assert index in plan, plan


async def test_two_engines_may_start_at_the_same_moment(postgresql_url: str) -> None:
    def start() -> PostgresqlStore:
        return asyncio.run(opened(postgresql_url))

    stores = await asyncio.gather(*(asyncio.to_thread(start) for _ in range(4)))
    assert len(stores) == 4


async def opened(url: str) -> PostgresqlStore:
    made = PostgresqlStore(url)
    await made.close()
    return made


def reload(connection: psycopg.Connection[Any], setting: str, value: str) -> None:
    connection.execute("select pg_reload_conf()")
    for _ in range(200):
        if connection.execute("select current_setting(%s)", (setting,)).fetchone() == (value,):
            return
        time.sleep(0.02)
    raise TimeoutError(setting)


def cancel_the_commit(connection: psycopg.Connection[Any]) -> None:
    for _ in range(500):
        found = connection.execute(
            "select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'"
        ).fetchall()
        if found:
            return
        time.sleep(0.01)
    raise TimeoutError


def end_sessions(url: str) -> None:
    """Every session of the engine ends, as when the server restarts."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid, 2000) from pg_stat_activity"
            " where application_name = 'ayni-engine'"
        )
