"""The message store in PostgreSQL, which several engines may share.

Order is kept by the lanes, as in one file: a number is given under the lane's lock, a lane has one owner at a
time, and who lost it changes nothing. Each engine has its own name in the leases (`owner`).
"""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg

from ayni.engine.store.contract import Claim, DeliveryState, Earlier, Fenced, NewMessage, Row, Settlement
from ayni.engine.store.postgresql_group import Adding, Settling, write_together
from ayni.engine.store.postgresql_link import (
    PostgresqlReaders,
    PostgresqlTransaction,
    PostgresqlWriting,
    connect,
    in_its_words,
    sayable,
)
from ayni.engine.store.schema import read_steps, steps_from
from ayni.engine.store.search import Books
from ayni.engine.store.sql import PACKAGE, SQL, Ask, Change, SqlStore
from ayni.engine.store.times import to_micros
from ayni.engine.store.transaction import Transaction, as_rows
from ayni.engine.writing import Waiting, Writer
from ayni.wire.database import UnsafeStorage
from ayni.wire.failure import CannotStart
from ayni.wire.statements import statements

STEPS = read_steps("postgresql.sql", "postgresql_2.sql", "postgresql_3.sql")
OTHERWISE = ("postgresql_statements.sql", "postgresql_group.sql")
_SAID = SQL | {name: sql for file in OTHERWISE for name, sql in statements(PACKAGE, file).items()}
WORDS = {name: in_its_words(sql) for name, sql in _SAID.items()}

ASKED = (
    "server_version",
    "fsync",
    "full_page_writes",
    "synchronous_commit",
    "synchronous_standby_names",
    "data_checksums",
    "ignore_checksum_failure",
    "zero_damaged_pages",
)
"""Settings on which durability stands; `synchronous_commit` may differ for each role."""
NEEDED = {
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "synchronous_commit": ("on", "remote_apply", "remote_write", "local"),
    "data_checksums": ("on", "off"),
    "ignore_checksum_failure": ("off", None),
    "zero_damaged_pages": ("off", None),
}
SKEW_SECONDS_MAX = 10.0
"""Engines that share a database measure leases by their own clocks; a lease has fifteen seconds to spare."""
TRIES_MAX = 3
"""Two engines that lock in a different order are rare (a person decides, the same key comes to both); one of
them is undone by the server and does it again."""
VERSION_TABLE = "create table if not exists store_version (version bigint not null)"
"""A row for each step that was taken."""
SCHEMA_LOCK = 0x41794E69
"""Engines that start at the same moment make the tables one after the other."""

T = TypeVar("T")


class GroupWriter(Writer):
    """Makes the messages and settlements of a group together, before its other changes."""

    def _make_all(self, tx: Transaction, changes: list[Waiting]) -> None:
        assert isinstance(tx, PostgresqlTransaction)
        adding = [(each, each.change) for each in changes if isinstance(each.change, Adding)]
        settling = [(each, each.change) for each in changes if isinstance(each.change, Settling)]
        if adding or settling:
            added, settled = write_together(
                tx, [change for _, change in adding], [change for _, change in settling]
            )
            for (waiting, _), result in zip((*adding, *settling), (*added, *settled), strict=True):
                waiting.succeeded(result)
        super()._make_all(tx, [each for each in changes if not isinstance(each.change, Adding | Settling)])


class PostgresqlStore(SqlStore):
    """One engine's door to a database. Methods that write are coroutines and return after the commit."""

    def __init__(self, url: str) -> None:
        """Makes what tables are missing; raises CannotStart when the server cannot be used, in one line."""
        self._url = url
        try:
            with connect(url) as connection:
                upgrade(connection)
        except psycopg.OperationalError as error:
            raise CannotStart(f"PostgreSQL cannot be reached: {str(error).strip()}") from error
        self._readers = PostgresqlReaders(url)
        self.attestation()
        self._writing = PostgresqlWriting(url, WORDS)
        self.writer = GroupWriter(self._writing)
        self.books = Books(self._named_rows, within="position(? in {}) > 0")

    async def add(self, message: NewMessage) -> int | Earlier:
        return await self._write(Adding(message))

    async def settle(self, claim: Claim, settlement: Settlement, *, then: NewMessage | None = None) -> None:
        def finish(tx: Transaction) -> None:
            if settlement.state is DeliveryState.DELIVERED:
                at = to_micros(settlement.due_at)
                self._finish(tx, claim.channel, claim.destination, claim.message_id, at=at)

        if not await self._write(Settling(claim, settlement, then, finish)):
            raise Fenced

    async def _write(self, change: Change[T]) -> T:
        for _ in range(TRIES_MAX - 1):
            try:
                return await self.writer.write(change)
            except (psycopg.errors.DeadlockDetected, psycopg.errors.LockNotAvailable):
                continue
        return await self.writer.write(change)

    async def give_back_space(self) -> int:
        """Nothing: the server's own sweeping gives freed rows back."""
        return 0

    def attestation(self) -> Mapping[str, str]:
        """What the server says; raises UnsafeStorage when it would not keep what it says it kept."""
        with self._readers.lent() as cursor:
            said = {name: _said(cursor, "select current_setting(%s, true)", name) for name in ASKED}
            is_standby = _said(cursor, "select pg_is_in_recovery()")
            skew = _skew(cursor)
        check(said, is_standby=is_standby == "True", skew_seconds=skew)
        version = said.pop("server_version")
        return {
            "database": f"PostgreSQL {version}",
            **{name: value or "none" for name, value in said.items()},
            "clock_skew_seconds": f"{skew:.1f}",
        }

    async def close(self) -> None:
        await self.writer.close()
        self._writing.close()
        self._readers.close()

    @contextmanager
    def _view(self) -> Iterator[Ask]:
        with self._readers.lent() as cursor, cursor.connection.transaction():
            cursor.execute("set transaction isolation level repeatable read")
            yield lambda name, *values: cursor.execute(WORDS[name], sayable(values)).fetchall()

    def _rows(self, name: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._readers.rows(WORDS[name], values)[1]

    def _named_rows(self, sql: str, values: Sequence[Any]) -> list[Row]:
        return as_rows(*self._readers.rows(in_its_words(sql), values))


def check(said: Mapping[str, str | None], *, is_standby: bool, skew_seconds: float) -> None:
    """Raises UnsafeStorage with one line that names what is not as it must be."""
    for name, allowed in NEEDED.items():
        if said[name] not in allowed:
            must = " or ".join(each for each in allowed if each)
            raise UnsafeStorage(f"PostgreSQL: {name} is {said[name] or 'not known'}; it must be {must}")
    if is_standby:
        raise UnsafeStorage("PostgreSQL: this is a standby; AYNI_ENGINE_DATABASE must name the primary")
    if abs(skew_seconds) > SKEW_SECONDS_MAX:
        raise UnsafeStorage(f"PostgreSQL: its clock is {skew_seconds:+.0f} s from this machine's; set them")


def _said(cursor: psycopg.Cursor[Any], sql: str, *values: str) -> str | None:
    found = cursor.execute(sql, values).fetchone()
    return None if found is None or found[0] is None else str(found[0])


def _skew(cursor: psycopg.Cursor[Any]) -> float:
    """How far the server's clock is ahead of ours, in seconds."""
    before = time.time()
    theirs = float(_said(cursor, "select extract(epoch from clock_timestamp())::float8") or 0)
    return theirs - (before + time.time()) / 2


def upgrade(connection: psycopg.Connection[Any], steps: Sequence[str] = STEPS) -> None:
    """Brings the tables to the newest version, in one transaction; raises CannotStart for newer ones."""
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (SCHEMA_LOCK,))
        _make(connection, VERSION_TABLE)
        found = connection.execute("select coalesce(max(version), 0) from store_version").fetchone()
        assert found is not None
        for number, step in steps_from(found[0], steps):
            for statement in step.split(";\n"):
                _make(connection, statement)
            connection.execute("insert into store_version (version) values (%s)", (number,))


def _make(connection: psycopg.Connection[Any], statement: str) -> None:
    """Not what is there already: making an index locks its table even then."""
    name = re.search(r"(?:table|index) if not exists (\w+)", statement)
    if in_its_words(statement) and not (name and _is_there(connection, name[1])):
        connection.execute(statement.encode())


def _is_there(connection: psycopg.Connection[Any], name: str) -> bool:
    return connection.execute("select to_regclass(%s)", (name,)).fetchone() != (None,)
