"""One process for one data folder: two that wrote into the same one would each send what the other keeps.

The lock is advisory (`flock` on the file `lock`) and ends with its process, however that ends. The file
stays, with the number of the last process that held it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from ayni.wire.failure import CannotStart

FILE = "lock"


class FolderTaken(CannotStart):
    """Another process works with this data folder."""

    def __init__(self, folder: Path, pid: str) -> None:
        super().__init__(
            f"the data folder {folder} is in use by process {pid}: end that one or choose another AYNI_VAR"
        )
        self.pid = pid


class FolderUnusable(CannotStart):
    """The file system does not let us have this data folder."""


@contextmanager
def usable(folder: Path) -> Iterator[None]:
    """Makes the folder (mode 0700) when there is none; raises FolderUnusable for any OSError inside."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        yield
    except OSError as error:
        raise FolderUnusable(
            f"cannot use the data folder {folder} ({error.strerror}): choose another AYNI_VAR"
        ) from error


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Holds the folder until the block ends; raises FolderTaken or FolderUnusable."""
    with usable(folder):
        file = os.fdopen(os.open(folder / FILE, os.O_RDWR | os.O_CREAT, 0o600), "r+")
    with file:
        with usable(folder):
            if (pid := _held_by(file)) is not None:
                raise FolderTaken(folder, pid)
            file.truncate()
            file.write(str(os.getpid()))
            file.flush()
        yield


def holder(folder: Path) -> str | None:
    """The number of the process that holds the folder; None when nobody does, or nobody can."""
    try:
        with (folder / FILE).open() as file:
            return _held_by(file)
    except OSError:
        return None


def _held_by(file: TextIO) -> str | None:
    """Takes the lock for as long as the file is open, or says which process has it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return file.read() or "unknown"
    return None
