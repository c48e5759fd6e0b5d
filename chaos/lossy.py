"""A disk that forgets what was not synced: SQLite's files with every unsynced write in this process's memory.

Killing the process is then a power cut, because only what was synced is in the files. The disk can also be
worse than that: lose part of what a sync was about to write, write some of it early and out of order, fail
at the n-th call, or be full. After a failed sync the pages count as clean, as Linux has it: what they held
can be read, and never reaches the disk unless it is written again.
"""

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

import apsw
import msgspec

SECTOR_BYTES = 512
Call = Literal["write", "sync", "truncate", "read"]
Survives = Literal["nothing", "beginning", "some", "all"]


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """What this disk does wrong. Counts begin at 1; 0 is never.

    `fail_call`, `fail_at`, `error`: the n-th call of a kind fails, and all later ones where it `lasts`;
    counted from when the engine is ready, or `from_start`.
    `cut_at_sync`: the power goes during the n-th sync, after `survives` of what it was to write.
    `early`: the chance that a write reaches the disk by itself before it is synced.
    """

    seed: int = 0
    sync_seconds: float = 0.0005
    cut_at_sync: int = 0
    survives: Survives = "nothing"
    early: float = 0.0
    fail_call: Call = "write"
    fail_at: int = 0
    error: Literal["eio", "full"] = "eio"
    lasts: bool = False
    from_start: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One write, or one truncation where there is no content."""

    offset: int
    content: bytes | None


class Memory:
    """The content of one file as this machine sees it."""

    def __init__(self, content: bytes) -> None:
        self.content = bytearray(content)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's names
        missing = offset - len(self.content)
        if missing > 0:
            self.content += bytes(missing)
        self.content[offset : offset + len(data)] = data

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        del self.content[newsize:]


@dataclass(slots=True)
class Cache:
    """One file: what is seen of it, and the changes its disk has not been made to keep."""

    seen: Memory
    unsynced: list[Change] = field(default_factory=list)


class LossyDisk(apsw.VFS):
    """The default file system of SQLite in this process, once made. There is one for each process."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__("lossy", "unix", makedefault=True)
        self.trouble = trouble
        self.chance = Random(trouble.seed)  # noqa: S311 - the same seed, the same run
        self.lock = threading.RLock()
        self.caches: dict[str, Cache] = {}
        self.counts: dict[str, int] = {"write": 0, "sync": 0, "truncate": 0, "read": 0}
        self.is_counting = trouble.from_start
        self.is_well = False
        self.hits = 0

    def begin(self) -> None:
        """The engine is ready: calls are counted from here on, unless they are from the start."""
        if not self.trouble.from_start:
            self.counts = dict.fromkeys(self.counts, 0)
            self.is_counting = True

    def heal(self) -> None:
        """No call fails any more."""
        self.is_well = True

    def xOpen(self, name: Any, flags: list[int]) -> "LossyFile":  # noqa: N802
        return LossyFile(self, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        with self.lock:
            self.caches.pop(filename, None)
            super().xDelete(filename, syncdir)

    def called(self, call: Call) -> None:
        """Counts a call, and fails it when its turn has come."""
        count = self.counts[call] = self.counts[call] + 1
        trouble = self.trouble
        if self.is_well or not self.is_counting or call != trouble.fail_call or not trouble.fail_at:
            return
        if count == trouble.fail_at or (trouble.lasts and count > trouble.fail_at):
            self.hits += 1
            raise _error(trouble.error, call)

    def is_cut_now(self) -> bool:
        """Whether this sync is the one during which the power goes."""
        return (
            self.is_counting
            and bool(self.trouble.cut_at_sync)
            and self.counts["sync"] >= self.trouble.cut_at_sync
        )

    def surviving(self, changes: list[Change]) -> list[Change]:
        """What of these changes still reached the disk when the power went."""
        if self.trouble.survives in ("nothing", "all"):
            return changes if self.trouble.survives == "all" else []
        if self.trouble.survives == "beginning":
            count = self.chance.randint(0, len(changes))
            return [*changes[:count], *(_torn(each, self.chance) for each in changes[count : count + 1])]
        return [_torn(each, self.chance) for each in changes if self.chance.random() < 0.5]


class LossyFile(apsw.VFSFile):
    """One opened file. All that open the same one share its cache."""

    def __init__(self, disk: LossyDisk, name: Any, flags: list[int]) -> None:
        super().__init__("unix", name, flags)
        path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        self._disk = disk
        with disk.lock:
            if path not in disk.caches:
                size = super().xFileSize()
                disk.caches[path] = Cache(Memory(super().xRead(size, 0) if size else b""))
            self._cache = disk.caches[path]

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        with self._disk.lock:
            self._disk.called("read")
            return bytes(self._cache.seen.content[offset : offset + amount])

    def xFileSize(self) -> int:  # noqa: N802
        return len(self._cache.seen.content)

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802
        self._change("write", Change(offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        self._change("truncate", Change(newsize, None))

    def xSync(self, flags: int) -> None:  # noqa: N802
        time.sleep(self._disk.trouble.sync_seconds)
        with self._disk.lock:
            changes, self._cache.unsynced = self._cache.unsynced, []
            self._disk.called("sync")  # failing here, the changes are dropped: the pages count as clean
            if self._disk.is_cut_now():
                self._keep(self._disk.surviving(changes))
                cut_power()
            self._keep(changes)

    def _change(self, call: Call, change: Change) -> None:
        with self._disk.lock:
            self._disk.called(call)
            _make(change, self._cache.seen.xWrite, self._cache.seen.xTruncate)
            self._cache.unsynced.append(change)
            if self._disk.trouble.early and self._disk.chance.random() < self._disk.trouble.early:
                self._keep([self._disk.chance.choice(self._cache.unsynced)])

    def _keep(self, changes: list[Change]) -> None:
        for each in changes:
            _make(each, super().xWrite, super().xTruncate)


def _make(change: Change, write: Callable[[bytes, int], None], truncate: Callable[[int], None]) -> None:
    if change.content is None:
        truncate(change.offset)
    else:
        write(change.content, change.offset)


def cut_power() -> None:
    """Ends this process at once; what was not synced is gone."""
    os.kill(os.getpid(), signal.SIGKILL)


def _torn(change: Change, chance: Random) -> Change:
    """The change as far as a disk got that writes sector by sector."""
    if change.content is None:
        return change
    sectors = -(-len(change.content) // SECTOR_BYTES)
    return Change(change.offset, change.content[: chance.randint(0, sectors) * SECTOR_BYTES])


_CODES = {
    "write": apsw.SQLITE_IOERR_WRITE,
    "sync": apsw.SQLITE_IOERR_FSYNC,
    "truncate": apsw.SQLITE_IOERR_TRUNCATE,
    "read": apsw.SQLITE_IOERR_READ,
}


def _error(error: str, call: Call) -> Exception:
    """As SQLite's own file system says it: only what makes a file longer can find the disk full."""
    is_full = error == "full" and call in ("write", "truncate")
    return apsw.exception_for(apsw.SQLITE_FULL if is_full else _CODES[call])
