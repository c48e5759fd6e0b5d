"""A database of a partner, PostgreSQL or SQLite, as the SQL connectors use it."""

from collections.abc import Mapping
from typing import Any, Protocol

from ayni.engine.connectors.contract import World
from ayni.engine.connectors.secret import secret_in
from ayni.wire.failure import CannotStart, Refused

Row = dict[str, Any]
Values = Mapping[str, Any]


class KeyTaken(Refused):
    """A row with this unique key is there already."""


class SqlBase(Protocol):
    """One database. It connects when needed, and anew after any doubt.

    What it raises never quotes the database, whose messages quote rows.
    """

    async def rows(self, query: str, values: Values, *, limit: int) -> list[Row]:
        """The first rows that a query finds; it cannot change anything. Raises LinkError."""
        ...

    async def run(self, statement: str, values: Values) -> None:
        """Runs one statement and commits it; raises LinkError, KeyTaken for a unique key."""
        ...

    async def close(self) -> None:
        """Gives back what it holds."""
        ...


def open_base(world: World, url: str, password_file: str) -> SqlBase:
    """The database at `postgresql://…` or `sqlite:<path>`; raises CannotStart."""
    address = world.text(url)
    seconds = world.environment.seconds("AYNI_ANSWER_SECONDS")
    if address.startswith("sqlite:"):
        from ayni.engine.connectors.sqlite import SqliteBase

        return SqliteBase(world.path(address.removeprefix("sqlite:")), seconds)
    if address.startswith(("postgresql://", "postgres://")):
        from ayni.engine.connectors.postgresql import PostgresBase

        return PostgresBase(address, secret_in(world, password_file) if password_file else "", seconds)
    raise CannotStart(f"{url}: write postgresql://user@host/database or sqlite:<path>")
