"""A reserve of disk: a file that is worth nothing but its space.

When the disk comes to its end new messages are refused first, while there still is room. What was taken is
delivered and written down in what is left; when that ends too the reserve is given up for it. Once there is
room again the reserve is made anew, and messages are taken as before.
"""

import os
import shutil
import threading
from pathlib import Path

import structlog

from ayni.wire.folder_lock import usable
from ayni.wire.logging import where

log = structlog.get_logger()

FILE = "reserve"
RESERVE_BYTES = 16 << 20
"""What some forty thousand deliveries need to be settled, and the write-ahead log to be moved."""
LOW_BYTES = 256 << 20
"""Five seconds of five thousand messages a second: a look every half second cannot miss it."""
RESERVE_SHARE, LOW_SHARE = 16, 8
"""On a small disk: a sixteenth is kept in reserve, and a free eighth is little."""
BARE_SHARE = 4
"""Below a quarter of what is little, the reserve is given up before a write finds nothing."""
ROOM_SHARE = 1.25
"""Room again is a quarter more than little, so that a figure that trembles does not open and shut."""


class Reserve:
    """Watches the disk of one folder. `is_low`: nothing new may be taken."""

    def __init__(self, folder: Path) -> None:
        """Makes the file where there is room for it; raises FolderUnusable when the folder cannot be had."""
        with usable(folder):
            total = shutil.disk_usage(folder).total
        self._folder, self._file = folder, folder / FILE
        self._bytes = min(RESERVE_BYTES, total // RESERVE_SHARE)
        self._low_bytes = min(LOW_BYTES, total // LOW_SHARE)
        self._turn = threading.Lock()
        self.is_low = not self._is_made()
        self.look()

    def look(self) -> None:
        """Finds out how much room there is, and gives the reserve up or makes it anew."""
        free = shutil.disk_usage(self._folder).free
        if free < self._low_bytes // BARE_SHARE:
            self.give_up()
        elif self.is_low:
            self._recover(free)
        elif free < self._low_bytes:
            self.is_low = True
            log.warning("disk nearly full, nothing new is taken", free_mib=free >> 20)

    def give_up(self) -> None:
        """Leaves its space to what is in hand. A write found the disk full, or the next one would."""
        with self._turn:
            self.is_low = True
            try:
                self._file.unlink()
            except FileNotFoundError:  # it was given up before
                return
            except OSError as error:
                log.error("disk full, and its reserve cannot be given up", **where(error))
                return
        log.error("disk full, its reserve is given up")

    def _recover(self, free: int) -> None:
        with self._turn:
            missing = 0 if self._is_whole() else self._bytes
            if free - missing < self._low_bytes * ROOM_SHARE or not self._is_made():
                return
            self.is_low = False
        log.info("disk has room again", free_mib=free >> 20)

    def _is_whole(self) -> bool:
        return self._file.exists() and self._file.stat().st_size >= self._bytes

    def _is_made(self) -> bool:
        """Makes the file unless it is there; False, and no file, where its space cannot be had."""
        if self._is_whole():
            return True
        try:
            file = os.open(self._file, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.posix_fallocate(file, 0, self._bytes)
            finally:
                os.close(file)
        except OSError as error:
            self._file.unlink(missing_ok=True)
            log.warning("no room for a reserve of disk", **where(error))
            return False
        return True
