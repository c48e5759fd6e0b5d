"""One write transaction, the same words for both databases: named statements, and tallies kept with them."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ayni.engine.store.contract import Row

Values = Sequence[Any]


class Connection(Protocol):
    """What a database gives: the rows of one statement."""

    def rows(self, sql: str, values: Values) -> list[tuple[Any, ...]]: ...

    def changed(self, sql: str, values: Values) -> int: ...

    def inserted(self, sql: str, values: Values) -> int:
        """The number of the row that was written, 0 when none was."""
        ...

    def all_changed(self, sql: str, rows: Sequence[Values]) -> None:
        """Runs one statement with each of these values."""
        ...


class Transaction:
    """Runs named statements on a connection that has begun."""

    __slots__ = ("_changed", "_connection", "_inserted", "_last", "_rows", "_sql", "tally")

    def __init__(self, connection: Connection, sql: Mapping[str, str]) -> None:
        self._connection, self._sql = connection, sql
        self._rows, self._changed = connection.rows, connection.changed
        self._inserted = connection.inserted
        self.tally: dict[tuple[str, str, str], int] = {}
        self._last = 0

    def rows(self, name: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of a statement."""
        return self._rows(self._sql[name], values)

    def one(self, name: str, *values: Any) -> tuple[Any, ...] | None:
        """Its first row, None when there is none."""
        found = self._rows(self._sql[name], values)
        return found[0] if found else None

    def run(self, name: str, *values: Any) -> int:
        """How many rows it changed."""
        return self._changed(self._sql[name], values)

    def insert(self, name: str, *values: Any) -> int:
        """The number of the row it wrote, 0 when it wrote none."""
        return self._inserted(self._sql[name], values)

    def count(self, channel: str, destination: str, state: str, by: int = 1, *, at: int = 0) -> None:
        """Notes a change of the tallies, at a time; written once, before the commit."""
        tally, names = self.tally, (channel, destination, state)
        tally[names] = tally.get(names, 0) + by
        if at > self._last:
            self._last = at

    def write_tallies(self) -> None:
        """Writes what `count` noted."""
        rows = [(*names, by, self._last) for names, by in sorted(self.tally.items()) if by]
        if rows:
            self._connection.all_changed(self._sql["add_to_tally"], rows)
        self.tally.clear()


def as_rows(names: Sequence[str], values: Sequence[tuple[Any, ...]]) -> list[Row]:
    """Tuples with their column names."""
    return [dict(zip(names, each, strict=True)) for each in values]
