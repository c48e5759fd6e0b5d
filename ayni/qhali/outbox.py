"""The operator's view of QHALI's outbox: what has not been delivered, and sending a refused row again.

It works on the data folder, also while QHALI runs: the running sender looks at the file by itself every
half minute.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager

from ayni.qhali import DATABASE_FILE, SYSTEM
from ayni.wire import outbox
from ayni.wire.database import Database
from ayni.wire.outbox import Unsettled
from ayni.wire.settings import Environment, SettingError


def unsettled(variables: Mapping[str, str] = os.environ) -> list[Unsettled]:
    """What waits or was refused, oldest first, without content; raises SettingError for a wrong folder."""
    with _data(variables) as database, database.reading() as tx:
        return list(outbox.unsettled(tx))


def send_again(event_key: str, variables: Mapping[str, str] = os.environ) -> bool:
    """Puts a refused row back in the line; False when there is no such refused row. Raises SettingError."""
    with _data(variables) as database, database.transaction() as tx:
        return outbox.send_again(tx, event_key)


def line(row: Unsettled) -> str:
    """One row for a terminal: key, state, attempts, since when, reason; no control characters."""
    parts = (f"{row.event_key:<18}", f"{row.state:<8}", str(row.attempt_count), row.created_at, row.reason)
    text = "  ".join(part for part in parts if part)
    return "".join(letter if letter.isprintable() else "?" for letter in text)


@contextmanager
def _data(variables: Mapping[str, str]) -> Iterator[Database]:
    """QHALI's own file; a folder without one is somebody's slip, and nothing is made there."""
    path = Environment(variables).folder(SYSTEM) / DATABASE_FILE
    if not path.is_file():
        raise SettingError(f"AYNI_VAR: there is no {path}: write the folder that QHALI runs with")
    with closing(Database(path)) as database:
        yield database
