"""The message store in one SQLite file: WAL, `synchronous=FULL`, one writer thread with group commit."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from ayni.engine.store.checkpoint import LOG_PAGES_MAX, Checkpointer, shorten
from ayni.engine.store.contract import Row
from ayni.engine.store.filesystem import OVER_THE_NETWORK, filesystem_of
from ayni.engine.store.reserve import Reserve
from ayni.engine.store.schema import upgrade_sqlite
from ayni.engine.store.search import Books
from ayni.engine.store.sql import SQL, Ask, SqlStore
from ayni.engine.store.transaction import Transaction, Values, as_rows
from ayni.engine.writing import Writer, nothing
from ayni.wire.database import Database, UnsafeStorage

ASKED = ("journal_mode", "synchronous", "auto_vacuum")


class SqliteConnection:
    """apsw's connection in the words of `transaction`. One cursor: making one costs as much as a row."""

    __slots__ = ("_changes", "_cursor", "_execute", "_last_rowid")

    def __init__(self, connection: apsw.Connection) -> None:
        self._cursor, self._changes = connection.cursor(), connection.changes
        self._execute, self._last_rowid = self._cursor.execute, connection.last_insert_rowid

    def rows(self, sql: str, values: Values) -> list[tuple[Any, ...]]:
        return self._execute(sql, values).fetchall()

    def changed(self, sql: str, values: Values) -> int:
        self._execute(sql, values)
        return self._changes()

    def inserted(self, sql: str, values: Values) -> int:
        """Asked of the connection: RETURNING costs a table in memory, half as dear as the row."""
        self._execute(sql, values)
        return self._last_rowid() if self._changes() else 0

    def all_changed(self, sql: str, rows: Sequence[Values]) -> None:
        self._cursor.executemany(sql, rows)


class SqliteFile:
    """Write transactions on one file, for the group-commit writer."""

    is_local = True

    def __init__(self, database: Database, sql: Mapping[str, str] = SQL) -> None:
        self._database, self._sql = database, sql
        self._connection: apsw.Connection | None = None

    def begin(self) -> Transaction:
        self._connection = self._database.begin()
        return Transaction(SqliteConnection(self._connection), self._sql)

    def commit(self) -> None:
        self._database.commit()

    def rollback(self) -> None:
        self._database.rollback()

    def total_changes(self) -> int:
        return self._connection.total_changes() if self._connection else 0

    @property
    def is_open(self) -> bool:
        return self._connection is not None and self._connection.in_transaction


class SqliteStore(SqlStore):
    """One engine's store. Methods that write are coroutines and return after the commit."""

    def __init__(self, path: Path, reserve: Reserve | None = None) -> None:
        """Opens or makes the file; raises UnsafeStorage when it would not keep what it says it keeps, and
        CannotStart when a newer engine has worked with it.

        `reserve` is of the disk it lies on.
        """
        self._path, self._filesystem = path, _safe_filesystem(path)
        self._database = Database(path, f"pragma wal_autocheckpoint = {LOG_PAGES_MAX}")
        upgrade_sqlite(self._database)
        file = SqliteFile(self._database)
        self._said = _settings(file)
        self._checkpointer = Checkpointer(path)
        self.reserve = reserve
        self.writer = Writer(file, reserve.give_up if reserve else nothing)
        self.books = Books(self._named_rows, within="instr({}, ?) > 0")

    async def give_back_space(self) -> int:
        """Returns freed pages to the disk, some at a time; how many are still free."""
        freed, free = await self.writer.write(_freed)
        if freed:
            await asyncio.to_thread(shorten, self._path)
        return free

    def attestation(self) -> Mapping[str, str]:
        """What the writing connection said when it was opened; `synchronous` 2 is FULL."""
        version = f"SQLite {apsw.sqlite_lib_version()}"
        return {"database": version, "filesystem": self._filesystem, **self._said}

    async def close(self) -> None:
        await self.writer.close()
        self._checkpointer.close()
        self._database.close()

    @contextmanager
    def _view(self) -> Iterator[Ask]:
        with self._database.reading() as tx:
            yield lambda name, *values: tx.execute(SQL[name], values).fetchall()

    def _rows(self, name: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._database.reading() as tx:
            return tx.execute(SQL[name], values).fetchall()

    def _named_rows(self, sql: str, values: Sequence[Any]) -> list[Row]:
        with self._database.reading() as tx:
            cursor = tx.execute(sql, tuple(values))
            first = cursor.fetchone()
            if first is None:
                return []
            return as_rows([name for name, *_ in cursor.get_description()], [first, *cursor])


def _freed(tx: Transaction) -> tuple[int, int]:
    """(pages given back, pages still free)"""
    (before,) = tx.rows("free_pages")[0]
    tx.rows("give_back_space")
    (after,) = tx.rows("free_pages")[0]
    return before - after, after


def _safe_filesystem(path: Path) -> str:
    kind = filesystem_of(path.resolve())
    if kind in OVER_THE_NETWORK:
        raise UnsafeStorage(f"{path.name} lies on {kind}: give the engine a disk of this machine (AYNI_VAR)")
    return kind


def _settings(file: SqliteFile) -> dict[str, str]:
    """As the one connection that writes has them; others may have their own."""
    tx = file.begin()
    said = {name: str(tx.rows(f"ask_{name}")[0][0]) for name in ASKED}
    file.rollback()
    return said
