"""A partner's SQLite file. It is opened for each step, because it belongs to another program."""

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import apsw

from ayni.engine.connectors.sql_base import KeyTaken, Row, Values
from ayni.wire.failure import LinkError, NotConnected, NotTaken, OutcomeUnknown, Refused

KEY_TAKEN = frozenset(
    {apsw.SQLITE_CONSTRAINT_UNIQUE, apsw.SQLITE_CONSTRAINT_PRIMARYKEY, apsw.SQLITE_CONSTRAINT_ROWID}
)
BUSY_SHARE = 0.5
"""Of the time for an answer, spent on waiting for the other program's writes."""

FAILURES: dict[type[Exception], type[LinkError]] = {
    apsw.CantOpenError: NotConnected,
    apsw.NotADBError: NotConnected,
    apsw.PermissionsError: NotConnected,
    apsw.ReadOnlyError: NotConnected,
    apsw.BusyError: NotTaken,
    apsw.LockedError: NotTaken,
    apsw.FullError: NotTaken,
    apsw.SQLError: NotTaken,
    apsw.ConstraintError: Refused,
    apsw.MismatchError: Refused,
    apsw.TooBigError: Refused,
    apsw.BindingsError: Refused,
    KeyError: Refused,
    OverflowError: Refused,
}
"""What an error tells about trying again; any other may have come after the commit."""


class SqliteBase:
    """See SqlBase. Values are bound as `:name`."""

    def __init__(self, path: Path, answer_seconds: float) -> None:
        self._path, self._answer_seconds = path, answer_seconds

    async def rows(self, query: str, values: Values, *, limit: int) -> list[Row]:
        return await asyncio.to_thread(self._rows, query, values, limit)

    async def run(self, statement: str, values: Values) -> None:
        await asyncio.to_thread(self._run, statement, values)

    async def close(self) -> None:
        """Nothing is held."""

    def _rows(self, query: str, values: Values, limit: int) -> list[Row]:
        with self._opened() as connection:
            connection.execute("pragma query_only = on")
            cursor = connection.cursor()
            cursor.row_trace = _named
            return list(itertools.islice(cursor.execute(query, _bound(values)), limit))

    def _run(self, statement: str, values: Values) -> None:
        with self._opened() as connection:
            connection.execute("pragma synchronous = full")
            connection.execute(statement, _bound(values))

    @contextmanager
    def _opened(self) -> Iterator[apsw.Connection]:
        connection = None
        try:
            connection = apsw.Connection(str(self._path), flags=apsw.SQLITE_OPEN_READWRITE)
            connection.set_busy_timeout(int(self._answer_seconds * BUSY_SHARE * 1000))
            yield connection
        except (apsw.Error, KeyError, OverflowError) as error:
            raise _failure(error) from None
        finally:
            if connection is not None:
                connection.close()


def _failure(error: Exception) -> LinkError:
    name = type(error).__name__
    if getattr(error, "extendedresult", 0) in KEY_TAKEN:
        return KeyTaken(f"sqlite: {name}")
    return FAILURES.get(type(error), OutcomeUnknown)(f"sqlite: {name}")


def _named(cursor: apsw.Cursor, row: tuple[Any, ...]) -> Row:
    return dict(zip((column[0] for column in cursor.get_description()), row, strict=True))


def _bound(values: Values) -> dict[str, Any]:
    """SQLite has no decimals: their digits go as text, and the column's affinity decides."""
    return {name: str(each) if isinstance(each, Decimal) else each for name, each in values.items()}
