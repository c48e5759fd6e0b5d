"""A partner's PostgreSQL database: one connection, used by one step at a time."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, TypeVar

import msgspec

from ayni.engine.connectors.sql_base import KeyTaken, Row, Values
from ayni.wire.failure import (
    CONNECT_SECONDS,
    CannotStart,
    LinkError,
    NotConnected,
    NotTaken,
    NotTried,
    OutcomeUnknown,
    Refused,
)

try:
    import psycopg
    from psycopg.conninfo import make_conninfo
    from psycopg.rows import dict_row
    from psycopg.types.json import set_json_loads
except ImportError as error:
    raise CannotStart("PostgreSQL needs psycopg: install ayni[engine]") from error

T = TypeVar("T")
Connection = psycopg.AsyncConnection[Any]

KEY_TAKEN = "23505"
REFUSED_CLASSES = ("22", "23", "44", "P0")
"""Data that does not fit, constraints, views with a check, what a trigger raises."""
UNKNOWN_STATES = ("08", "40003")
"""The connection broke, or the server itself cannot say whether it committed."""


class PostgresBase:
    """See SqlBase. Values are bound as `%(name)s`; times are told in UTC."""

    def __init__(self, url: str, password: str, answer_seconds: float) -> None:
        self._conninfo, self._answer_seconds = _conninfo(url, password), answer_seconds
        self._turn = asyncio.Lock()
        self._connection: Connection | None = None

    async def rows(self, query: str, values: Values, *, limit: int) -> list[Row]:
        async def read(connection: Connection) -> list[Row]:
            async with connection.transaction():
                await connection.execute("set transaction read only")
                async with connection.cursor(name="look", row_factory=dict_row) as cursor:
                    await cursor.execute(query.encode(), values or None)
                    return await cursor.fetchmany(limit)

        return await self._done(read)

    async def run(self, statement: str, values: Values) -> None:
        async def write(connection: Connection) -> None:
            await connection.execute(statement.encode(), values or None)

        await self._done(write)

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _done(self, step: Callable[[Connection], Coroutine[Any, Any, T]]) -> T:
        """One step within its time; after any doubt the next one has a new connection."""
        until = asyncio.get_running_loop().time() + self._answer_seconds
        async with self._taken_turn(until):
            connection = await self._connected()
            try:
                return await _in_time(step(connection), connection, until)
            except psycopg.Error as error:
                failure = _failure(error)
                if isinstance(failure, OutcomeUnknown):
                    await self.close()
                raise failure from None
            except asyncio.CancelledError:
                await self.close()
                raise

    @contextlib.asynccontextmanager
    async def _taken_turn(self, until: float) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout_at(until):
                await self._turn.acquire()
        except TimeoutError:
            raise NotTried("postgresql: others had the connection all the time") from None
        try:
            yield
        finally:
            self._turn.release()

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed:
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    connection = await psycopg.AsyncConnection.connect(
                        self._conninfo, autocommit=True, options="-c timezone=UTC"
                    )
            except (psycopg.Error, OSError, TimeoutError) as error:
                raise NotConnected(f"postgresql: {type(error).__name__}") from None
            set_json_loads(msgspec.Raw, connection)  # read as Python's own numbers it would lose digits
            self._connection = connection
        return self._connection


def _conninfo(url: str, password: str) -> str:
    try:
        return make_conninfo(url, **({"password": password} if password else {}))
    except psycopg.ProgrammingError:  # its text may quote a password
        raise CannotStart("write postgresql://user@host:port/database") from None


async def _in_time(work: Coroutine[Any, Any, T], connection: Connection, until: float) -> T:
    """The result of the work. When its time is over we hang up, and the work ends with what it finds then."""
    task = asyncio.create_task(work)
    try:
        await asyncio.wait({task}, timeout=until - asyncio.get_running_loop().time())
    finally:
        if not task.done():
            _hang_up(connection)
            await asyncio.gather(task, return_exceptions=True)
    return task.result()


def _hang_up(connection: Connection) -> None:
    """Ends the line under a step: asking a silent server to cancel it would wait for its answer."""
    with (
        contextlib.suppress(OSError, psycopg.Error),
        socket.socket(fileno=os.dup(connection.fileno())) as line,
    ):
        line.shutdown(socket.SHUT_RDWR)


def _failure(error: psycopg.Error) -> LinkError:
    """What an error tells; its text quotes rows and stays out."""
    state = error.sqlstate or ""
    kind: type[LinkError] = NotTaken
    if state == KEY_TAKEN:
        kind = KeyTaken
    elif state.startswith(REFUSED_CLASSES) or (not state and _is_ours(error)):
        kind = Refused
    elif not state or state.startswith(UNKNOWN_STATES):
        kind = OutcomeUnknown
    return kind(f"postgresql: {type(error).__name__} {state}".rstrip())


def _is_ours(error: psycopg.Error) -> bool:
    """Whether the values never left, because they do not fit the statement."""
    return isinstance(error, psycopg.ProgrammingError | psycopg.DataError | psycopg.NotSupportedError)
