"""The audit of the console, in a file of its own: looks never wait for messages, and retention of messages
never takes it away.

SQLite rather than lines of JSON, because an entry is synced or absent (no half line after a power cut), the
newest are found without reading the rest, and triggers refuse whoever would change one by mistake. Against
who would change it on purpose stands the chain of hashes; its head goes to the log with every entry, so that
a log kept elsewhere shows also a chain that was cut off or made anew.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import structlog

from ayni.engine.console.audit.entry import BEGINNING, Entry, Outcome, chained, entry_of
from ayni.wire.clock import Now
from ayni.wire.database import Database
from ayni.wire.statements import statements

log = structlog.get_logger()

SQL = statements("ayni.engine.console.audit", "audit.sql")
NUMBER_MAX = 1 << 62
PAGE_MAX = 500


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What reading the whole chain found. `head` is the last entry as `number:hash`, to compare later.

    `first_bad`: the first entry that is missing, changed or out of place. `expected_found`: whether an entry
    noted earlier is still there unchanged, None when none was asked for.
    """

    is_whole: bool
    count: int
    head: str
    first_bad: int | None = None
    expected_found: bool | None = None


class Audit:
    """Appends and reads. Each method is one transaction; call them from a thread."""

    def __init__(self, path: Path, now: Now) -> None:
        self._database, self._now = Database(path, SQL["schema"]), now

    def append(
        self,
        *,
        who: str,
        role: str,
        address: str,
        action: str,
        outcome: Outcome,
        messages: Sequence[int] = (),
        details: Mapping[str, str | int | list[int]] | None = None,
    ) -> int:
        """Writes an entry; its number, once it is on the disk. Raises when it cannot be: then nothing may be
        shown or done."""
        texts = (_text(list(messages)), _text(dict(details or {})))
        at = self._now().isoformat()
        with self._database.transaction() as tx:
            last, previous = tx.execute(SQL["last"]).fetchone() or (0, BEGINNING)
            columns = (last + 1, at, who, role, address, action, outcome, *texts)
            digest = chained(previous, *columns)
            tx.execute(SQL["insert"], (*columns, digest))
            tx.executemany(SQL["name_message"], [(each, last + 1) for each in messages])
        log.info("audit entry", number=last + 1, hash=digest, action=action, outcome=outcome)
        return int(last + 1)

    def page(self, *, before: int = NUMBER_MAX, who: str = "", limit: int = 100) -> list[Entry]:
        """Entries, newest first."""
        return self._entries("page", before, who, who, min(limit, PAGE_MAX))

    def of_message(self, message_id: int) -> list[Entry]:
        """The entries that name a message, oldest first."""
        return self._entries("of_message", message_id)

    def verify(self, expected: str = "") -> Verification:
        """Reads the whole chain. `expected` is a head noted earlier."""
        number, previous, found = 0, BEGINNING, not expected
        with self._database.reading() as tx:
            for row in tx.execute(SQL["all"]):
                *columns, digest = row
                if digest != chained(previous, *columns):
                    return _verification(number, previous, found, expected, first_bad=number + 1)
                number, previous = number + 1, digest
                found = found or expected == f"{number}:{digest}"
        return _verification(number, previous, found, expected)

    def close(self) -> None:
        """Closes the file."""
        self._database.close()

    def _entries(self, name: str, *values: Any) -> list[Entry]:
        with self._database.reading() as tx:
            return [entry_of(row) for row in tx.execute(SQL[name], values)]


def _verification(
    number: int, previous: str, found: bool, expected: str, *, first_bad: int | None = None
) -> Verification:
    return Verification(
        is_whole=first_bad is None and found,
        count=number,
        head=f"{number}:{previous}",
        first_bad=first_bad,
        expected_found=found if expected else None,
    )


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()
