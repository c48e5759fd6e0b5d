"""Speaking with PostgreSQL: a connection that writes in groups, a few that read, statements in its words."""

import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from queue import Empty, LifoQueue
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import Int8BinaryDumper

from ayni.engine.store.transaction import Transaction, Values

READERS_MAX = 8
"""More searches at once than people sit at one console."""
RECONNECT_SECONDS = 1.0
"""After a lost connection nothing is asked for a second: whether the group was written is not known, so none
of it may be written anew one by one, and a server that starts is not flooded."""

SESSION = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "application_name": "ayni-engine",
    "target_session_attrs": "read-write",
    "client_encoding": "utf8",
}
"""A dead server is noticed in seconds; a standby is never taken for the primary."""
LIMITS = "set idle_in_transaction_session_timeout = '15s'; set lock_timeout = '20s'"
"""An engine that hangs in the middle of a group gives up its lanes, and nobody waits for it longer."""
BY_INDEX = "set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off"
"""Everything that is written is found by an index, row by row. Without this a statement that was planned when
its table was empty would read all of the table for as long as the plan is kept."""
LOCALLY_ONLY = "01000"
"""SQLSTATE of the warning that a commit is here but perhaps not on the standby that was asked for."""

_COMMENT = re.compile(r"^\s*--.*$", re.MULTILINE)


class Unreachable(psycopg.OperationalError):
    """The server was lost a moment ago, or did not say that a commit is safe; nothing may be acknowledged."""


def in_its_words(sql: str) -> str:
    """A statement with `?` for its values, as psycopg wants it."""
    return _COMMENT.sub("", sql).strip().replace("%", "%%").replace("?", "%s")


def connect(url: str) -> psycopg.Connection[Any]:
    """A connection on which every number is eight bytes, so that each statement is prepared once."""
    connection = psycopg.connect(url, autocommit=True, **_unsaid(url))
    connection.adapters.register_dumper(int, Int8BinaryDumper)
    connection.prepared_max = 1_000
    connection.execute(LIMITS)
    return connection


def _unsaid(url: str) -> dict[str, Any]:
    said = conninfo_to_dict(url)
    return {name: value for name, value in SESSION.items() if name not in said}


class PostgresqlConnection:
    """psycopg's connection in the words of `transaction`."""

    __slots__ = ("_connection", "_cursor", "change_count")

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._cursor = connection.cursor(binary=True)
        self.change_count = 0

    def rows(self, sql: str, values: Values) -> list[tuple[Any, ...]]:
        self._execute(sql, values)
        return self._cursor.fetchall() if self._cursor.description else []

    def changed(self, sql: str, values: Values) -> int:
        self._execute(sql, values)
        return self._cursor.rowcount

    def inserted(self, sql: str, values: Values) -> int:
        found = self.rows(sql, values)
        return int(found[0][0]) if found else 0

    def all_changed(self, sql: str, rows: Sequence[Values]) -> None:
        self.together([(sql, values) for values in rows])

    def together(self, statements: Sequence[tuple[str, Values]]) -> list[list[tuple[Any, ...]]]:
        """The rows of each of these statements, which make one journey to the server."""
        if not statements:
            return []
        self.change_count += len(statements)
        cursors = [self._connection.cursor(binary=True) for _ in statements]
        with self._connection.pipeline():
            for cursor, (sql, values) in zip(cursors, statements, strict=True):
                cursor.execute(sql, sayable(values))
        return [cursor.fetchall() if cursor.description else [] for cursor in cursors]

    def _execute(self, sql: str, values: Values) -> None:
        self._cursor.execute(sql, sayable(values))
        if not (self._cursor.statusmessage or "").startswith("SELECT"):
            self.change_count += self._cursor.rowcount


class PostgresqlTransaction(Transaction):
    """One that can ask several things at once."""

    _connection: PostgresqlConnection

    def together(self, *statements: tuple[Any, ...]) -> list[list[tuple[Any, ...]]]:
        """The rows of each of these named statements, (name, value, ...), in one journey."""
        return self._connection.together([(self._sql[name], values) for name, *values in statements])


def sayable(values: Values) -> list[Any]:
    """PostgreSQL's texts have no NUL; a name that a stranger chose may."""
    return [_sayable(value) for value in values]


def _sayable(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    return sayable(value) if isinstance(value, list) else value


class PostgresqlWriting:
    """Write transactions, one after another, for the group-commit writer's thread."""

    is_local = False

    def __init__(self, url: str, sql: Mapping[str, str]) -> None:
        self._url, self._sql = url, sql
        self._connection: psycopg.Connection[Any] | None = None
        self._speaking: PostgresqlConnection | None = None
        self._open_again_at = 0.0
        self._is_doubtful = False

    def begin(self) -> PostgresqlTransaction:
        connection = self._connected()
        try:
            connection.execute("begin")
        except psycopg.OperationalError:  # restarted since the last group; nothing of this one was sent
            connection = self._connect()
            connection.execute("begin")
        assert self._speaking is not None
        return PostgresqlTransaction(self._speaking, self._sql)

    def commit(self) -> None:
        assert self._connection is not None
        self._is_doubtful = False
        try:
            self._connection.execute("commit")
        except psycopg.Error:
            self._lose()
            raise
        if self._is_doubtful:
            self._lose()
            raise Unreachable("committed here, but the standby has not said so")

    def rollback(self) -> None:
        if self._connection is None:
            return
        try:
            self._connection.execute("rollback")
        except psycopg.Error:
            self._lose()

    def total_changes(self) -> int:
        return self._speaking.change_count if self._speaking else 0

    @property
    def is_open(self) -> bool:
        """Any failed statement closes a transaction here."""
        return (
            self._connection is not None
            and self._connection.info.transaction_status == TransactionStatus.INTRANS
        )

    def close(self) -> None:
        """Ends the session."""
        if self._connection is not None:
            self._connection.close()

    def _connected(self) -> psycopg.Connection[Any]:
        if self._connection is not None and not self._connection.closed:
            return self._connection
        if time.monotonic() < self._open_again_at:
            raise Unreachable("the connection to PostgreSQL was lost")
        return self._connect()

    def _connect(self) -> psycopg.Connection[Any]:
        self._lose()
        self._connection = connection = connect(self._url)
        connection.execute(BY_INDEX)
        connection.add_notice_handler(self._hear)
        self._speaking = PostgresqlConnection(connection)
        return connection

    def _lose(self) -> None:
        """Nothing goes on over this connection."""
        self.close()
        self._connection, self._speaking = None, None
        self._open_again_at = time.monotonic() + RECONNECT_SECONDS

    def _hear(self, said: psycopg.errors.Diagnostic) -> None:
        self._is_doubtful = self._is_doubtful or said.sqlstate == LOCALLY_ONLY


class PostgresqlReaders:
    """A few connections, each lent for one view of what is committed. One that broke is thrown away."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._idle: LifoQueue[psycopg.Connection[Any]] = LifoQueue()
        self._free = threading.BoundedSemaphore(READERS_MAX)

    @contextmanager
    def lent(self) -> Iterator[psycopg.Cursor[Any]]:
        """A cursor that reads."""
        with self._free:
            connection = self._open()
            try:
                yield connection.cursor(binary=True)
            finally:
                if connection.info.transaction_status == TransactionStatus.IDLE:
                    self._idle.put(connection)
                else:
                    connection.close()

    def rows(self, sql: str, values: Values) -> tuple[list[str], list[tuple[Any, ...]]]:
        """(names, rows) of a query; asked twice when the first connection was a dead one."""
        try:
            return self._asked(sql, values)
        except psycopg.OperationalError:
            self.close()
            return self._asked(sql, values)

    def _asked(self, sql: str, values: Values) -> tuple[list[str], list[tuple[Any, ...]]]:
        with self.lent() as cursor:
            cursor.execute(sql, sayable(values))
            return [column.name for column in cursor.description or ()], cursor.fetchall()

    def close(self) -> None:
        """Ends the sessions that nobody reads from."""
        while not self._idle.empty():
            self._idle.get().close()

    def _open(self) -> psycopg.Connection[Any]:
        try:
            return self._idle.get_nowait()
        except Empty:
            connection = connect(self._url)
            connection.execute("set default_transaction_read_only = on")
            return connection
