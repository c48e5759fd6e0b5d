"""Files that partners leave in a folder, here or on another machine: which are ready, and where they go.

A file is ready when two looks find the same size and the same time of change. It is moved to `taken` once the
engine has it; one that was refused goes to `refused` with a note beside it.
"""

import fnmatch
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

import structlog

from ayni.engine.connectors.contract import Arrived
from ayni.engine.errors import ContentError, ContentRefused, code_of, place_of

log = structlog.get_logger()

FILE_BYTES_MAX = 1 << 20
"""A megabyte: room for a scanned referral, far below memory."""
NOT_YET = (".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".swp", "~")
"""How the names of files end that somebody is still writing."""
NOTE = ".error.txt"

Order = Literal["name", "time"]
Room = Literal["taken", "refused"]


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A regular file as a look finds it. `changed` is its time of change in the unit of its shelf."""

    name: str
    changed: int
    size: int

    @property
    def control_id(self) -> str:
        """The name of this file with this content: it comes again under the same one."""
        readable = self.name.encode("utf-8", "backslashreplace").decode()
        return f"{readable}/{self.changed}/{self.size}"


class Shelf(Protocol):
    """A folder somewhere. It never follows a link."""

    async def entries(self) -> list[Entry]:
        """The regular files in it."""
        ...

    async def entry(self, name: str) -> Entry | None:
        """One of them as it is now."""
        ...

    async def read(self, entry: Entry) -> bytes:
        """Its content, not longer than the entry says."""
        ...

    async def move(self, name: str, room: Room, *, note: bytes = b"") -> None:
        """Moves a file to the folder `room` in this one, never over another; a note is there first."""
        ...

    async def close(self) -> None:
        """Gives back what it holds; it may be used again."""
        ...


class FilePlace:
    """The files of a shelf as a polling source takes them (see `polling.Place`)."""

    def __init__(self, shelf: Shelf, *, pattern: str, order: Order, bytes_max: int) -> None:
        self._shelf, self._pattern, self._order, self._bytes_max = shelf, pattern, order, bytes_max
        self._seen: set[Entry] = set()
        self._current = Entry("", 0, 0)

    async def look(self) -> AsyncGenerator[Arrived, None]:
        for entry in self._ready(await self._shelf.entries()):
            self._current = entry
            if entry.size > self._bytes_max:
                log.warning("file refused", code="too-long", bytes=entry.size)
                await self._put_aside(_too_long(self._bytes_max))
                continue
            raw = await self._shelf.read(entry)
            if await self._is_unchanged():
                yield Arrived(raw=raw, control_id=entry.control_id)

    async def taken(self, arrived: Arrived) -> None:
        if await self._is_unchanged():
            await self._shelf.move(self._current.name, "taken")

    async def refused(self, arrived: Arrived, error: ContentError | None) -> None:
        if await self._is_unchanged():
            await self._put_aside(error)

    async def close(self) -> None:
        await self._shelf.close()

    def _ready(self, entries: Iterable[Entry]) -> list[Entry]:
        found = {entry for entry in entries if self._is_for_us(entry.name)}
        ready, self._seen = found & self._seen, found
        by_time = self._order == "time"
        return sorted(ready, key=lambda entry: (entry.changed, entry.name) if by_time else (0, entry.name))

    def _is_for_us(self, name: str) -> bool:
        is_hidden = name.startswith(".") or name.lower().endswith(NOT_YET)
        return not is_hidden and fnmatch.fnmatchcase(name, self._pattern)

    async def _is_unchanged(self) -> bool:
        """A file that was written to meanwhile is another message: the next looks will find it."""
        return await self._shelf.entry(self._current.name) == self._current

    async def _put_aside(self, error: ContentError | None) -> None:
        await self._shelf.move(self._current.name, "refused", note=_note(error))


def _too_long(bytes_max: int) -> ContentRefused:
    return ContentRefused("too-long", f"El archivo supera {bytes_max} bytes.")


def _note(error: ContentError | None) -> bytes:
    """What a person reads beside a refused file: nothing of its content."""
    if error is None:
        return b"refused\n"
    return f"{code_of(error)}\n{place_of(error)}\n{error.text}\n".encode()
