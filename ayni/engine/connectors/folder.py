"""Files in a folder of this machine: a reader that watches it, and a writer.

Inside the folder no link is followed: whoever may write there must not make us read or write elsewhere.
"""

import asyncio
import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ayni.engine.connectors.contract import Parcel, Sender, Source, World
from ayni.engine.connectors.file_name import checked_template, name_for
from ayni.engine.connectors.files import FILE_BYTES_MAX, NOTE, Entry, FilePlace, Order, Room
from ayni.engine.connectors.polling import PollingSource
from ayni.engine.connectors.sends import Sends
from ayni.wire.failure import LinkError, NotConnected, NotTaken, OutcomeUnknown, Refused

LOOK_SECONDS = 2.0
NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS)
"""What memory cards and some network disks say: they have no second name for a file, and only a rename."""
_OPEN = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderReader:
    """Takes the files of a folder that match `pattern`, in the order of their names or of their times.

    What was taken is in its folder `taken`, what was refused in `refused` with an `.error.txt` beside it.
    """

    path: str
    pattern: str = "*"
    format: str = "json"
    order: Order = "name"
    every_seconds: float = LOOK_SECONDS
    bytes_max: int = FILE_BYTES_MAX

    def open(self, world: World, channel: str) -> Source:
        """See SourceDeclaration."""
        shelf = _FolderShelf(world.path(self.path))
        place = FilePlace(shelf, pattern=self.pattern, order=self.order, bytes_max=self.bytes_max)
        return PollingSource(place, every_seconds=self.every_seconds, channel=channel)


class _FolderShelf:
    """A folder, opened anew at each look: it may be a disk that comes and goes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def entries(self) -> list[Entry]:
        return await asyncio.to_thread(self._entries)

    async def entry(self, name: str) -> Entry | None:
        return await asyncio.to_thread(self._entry, name)

    async def read(self, entry: Entry) -> bytes:
        return await asyncio.to_thread(self._read, entry)

    async def move(self, name: str, room: Room, *, note: bytes = b"") -> None:
        await asyncio.to_thread(self._move, name, room, note)

    async def close(self) -> None:
        """Nothing is held."""

    def _entries(self) -> list[Entry]:
        with _opened(self._path) as folder:
            names = os.listdir(folder)  # noqa: PTH208 - the open folder, wherever its path leads meanwhile
            found = [_entry_in(folder, name) for name in names]
        return [entry for entry in found if entry is not None]

    def _entry(self, name: str) -> Entry | None:
        with _opened(self._path) as folder:
            return _entry_in(folder, name)

    def _read(self, entry: Entry) -> bytes:
        with _opened(self._path) as folder:
            file = os.open(entry.name, os.O_RDONLY | _OPEN, dir_fd=folder)
            with os.fdopen(file, "rb") as content:
                return content.read(entry.size)

    def _move(self, name: str, room: Room, note: bytes) -> None:
        with _opened(self._path) as folder, _room_in(folder, room) as there:
            free = _free_name(there, name)
            if note:
                _write(there, free + NOTE, note)
            os.rename(name, free, src_dir_fd=folder, dst_dir_fd=there)


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderWriter:
    """Writes each message as a file named by `name`, which appears whole or not at all.

    The same file again changes nothing; a file of the same name with other content is never overwritten.
    """

    path: str
    name: str = "{control_id}"

    def open(self, world: World, partner: str) -> Sender:
        """See DestinationDeclaration."""
        return _FolderSending(world.path(self.path), checked_template(self.name))


class _FolderSending:
    def __init__(self, path: Path, template: str) -> None:
        self._path, self._template = path, template
        self._sends = Sends()

    async def send(self, parcel: Parcel) -> bytes:
        return await self._sends.run(self._send(parcel))

    async def close(self) -> None:
        await self._sends.close()

    async def _send(self, parcel: Parcel) -> bytes:
        await asyncio.to_thread(put, self._path, name_for(self._template, parcel), parcel.content)
        return b""


def put(path: Path, name: str, content: bytes) -> None:
    """Writes a file that survives a power cut once this returns; raises LinkError."""
    try:
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise NotConnected(f"folder out of reach: {type(error).__name__}") from None
    try:
        _put(folder, name, content)
    finally:
        os.close(folder)


def _put(folder: int, name: str, content: bytes) -> None:
    draft = f".{secrets.token_hex(8)}.tmp"
    failure: type[LinkError] = NotTaken
    try:
        _write(folder, draft, content)
        failure = OutcomeUnknown
        if not _is_linked(folder, draft, name) and not _holds(folder, name, content):
            raise Refused("a file of this name has other content")
        os.fsync(folder)
    except PermissionError as error:
        raise NotConnected(f"folder not writable: {type(error).__name__}") from None
    except OSError as error:
        raise failure(f"file not written: {os.strerror(error.errno or 0)}") from None
    finally:
        with contextlib.suppress(OSError):
            os.unlink(draft, dir_fd=folder)


def _is_linked(folder: int, draft: str, name: str) -> bool:
    """Whether the draft has got its name, which nobody had before."""
    try:
        os.link(draft, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        if _is_there(folder, name):
            return False
        os.rename(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
    return True


def _holds(folder: int, name: str, content: bytes) -> bool:
    found = _entry_in(folder, name)
    if found is None or found.size != len(content):
        return False
    file = os.open(name, os.O_RDONLY | _OPEN, dir_fd=folder)
    with os.fdopen(file, "rb") as existing:
        return existing.read() == content


def _write(folder: int, name: str, content: bytes) -> None:
    file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _OPEN, 0o640, dir_fd=folder)
    with os.fdopen(file, "wb") as made:
        made.write(content)
        made.flush()
        os.fsync(made.fileno())


@contextmanager
def _opened(path: Path | str, *, within: int | None = None) -> Iterator[int]:
    follow = 0 if within is None else os.O_NOFOLLOW
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | follow, dir_fd=within)
    try:
        yield folder
    finally:
        os.close(folder)


@contextmanager
def _room_in(folder: int, room: Room) -> Iterator[int]:
    with contextlib.suppress(FileExistsError):
        os.mkdir(room, 0o750, dir_fd=folder)
    with _opened(room, within=folder) as there:
        yield there


def _free_name(folder: int, name: str) -> str:
    """The name, or with a number where an earlier file has it; only we put files there."""
    free, number = name, 1
    while _is_there(folder, free) or _is_there(folder, free + NOTE):
        number += 1
        free = f"{name}.{number}"
    return free


def _is_there(folder: int, name: str) -> bool:
    return _found(folder, name) is not None


def _entry_in(folder: int, name: str) -> Entry | None:
    found = _found(folder, name)
    if found is None or not stat.S_ISREG(found.st_mode):
        return None
    return Entry(name, found.st_mtime_ns, found.st_size)


def _found(folder: int, name: str) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
