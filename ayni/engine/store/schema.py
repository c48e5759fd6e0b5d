"""The versions of the tables. A store is brought to the newest one step by step, in one transaction.

Step n makes version n of version n - 1, and is never changed once an engine with it was installed: what is
needed later is a further step. The first makes all tables of an empty database and leaves alone what is
there, because there were databases before their versions were counted.
"""

from collections.abc import Iterator, Sequence
from importlib.resources import files

from ayni.wire.database import Database
from ayni.wire.failure import CannotStart

PACKAGE = "ayni.engine.store"


def read_steps(*names: str) -> tuple[str, ...]:
    """The statements of each step, oldest first."""
    return tuple((files(PACKAGE) / name).read_text("utf-8") for name in names)


SQLITE = read_steps("sqlite.sql", "sqlite_2.sql", "sqlite_3.sql")


def steps_from(version: int, steps: Sequence[str]) -> Iterator[tuple[int, str]]:
    """(version, statements) of what is missing; raises CannotStart for a store of a newer engine."""
    if version > len(steps):
        raise CannotStart(
            f"the store has tables of version {version} and this engine knows {len(steps)}: start the newer"
            " engine again, or give this one the backup that was made before it"
        )
    return ((number, step) for number, step in enumerate(steps, 1) if number > version)


def upgrade_sqlite(database: Database, steps: Sequence[str] = SQLITE) -> None:
    """Brings the tables of a file to the newest version; `user_version` of the file says which they have."""
    with database.transaction() as tx:
        for number, step in steps_from(tx.execute("pragma user_version").get, steps):
            tx.execute(step)
            tx.execute(f"pragma user_version = {number}")
