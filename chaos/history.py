"""The history of one run: what every actor did and saw, one JSON line each.

A line is written with one system call to a file opened for appending, so it survives the death of whoever
wrote it. Only a kill within that call, at the border of a page, leaves half a line: it tells of something
that was about to be done, and the next life takes it away. Times are the machine's monotonic clock, which
all its processes share.
"""

import hashlib
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing an actor did or saw. Fields that say nothing about it are left empty.

    `src`, `src_id`: the sender and its control id; `dest`, `lane`: where it goes and what keeps its order;
    `seq`: the number in the lane, or of the row; `token`: the fencing token, or the hash before an audit
    entry.

    | actor    | op                                                                                 |
    |----------|------------------------------------------------------------------------------------|
    | load     | invoke, due (owed to `dest` as the bytes `sha256`), ok, nack, unknown              |
    | engine   | accepted, claimed, sent, settled, fenced                                           |
    | peer     | received, effect, answered (`outcome`: yes, no, nonsense), due (a handover)        |
    | nemesis  | what it did, heal                                                                  |
    | store    | look; stored, delivery, attempt, count, recount, stray, backlog, audit: its rows |
    """

    mono_ns: int
    actor: str
    op: str
    src: str = ""
    src_id: str = ""
    sha256: str = ""
    dest: str = ""
    lane: str = ""
    seq: int = -1
    token: str = ""
    outcome: str = ""


class History:
    """Appends events to a file that nobody else writes."""

    def __init__(self, path: Path, actor: str) -> None:
        self.path, self._actor = path, actor
        _end_at_a_line(path)
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def tell(self, op: str, **fields: str | int) -> None:
        """Adds one event of this actor, now."""
        line = {"mono_ns": time.monotonic_ns(), "actor": self._actor, "op": op, **fields}
        os.write(self._file, msgspec.json.encode(line) + b"\n")

    def close(self) -> None:
        """Nothing more is told."""
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: object, __: TracebackType | None) -> None:
        self.close()


def _end_at_a_line(path: Path) -> None:
    if path.exists():
        os.truncate(path, path.read_bytes().rfind(b"\n") + 1)


_READ = msgspec.json.Decoder(Event)


def read(*paths: Path) -> list[Event]:
    """The events of all files in the order of time."""
    return sorted(_events(paths), key=lambda event: event.mono_ns)


def _events(paths: Iterable[Path]) -> Iterator[Event]:
    for path in paths:
        *whole, _ = path.read_bytes().split(b"\n")  # behind the last line end there may be half a line
        yield from map(_READ.decode, whole)


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
