"""Moving what the write-ahead log holds into the database file, beside the traffic instead of within it.

SQLite does this in the commit that makes the log long, and every sender of that moment waits for it. Here a
thread with a connection of its own does it, without blocking the writer. Under a load that never pauses the
log could then grow for ever, because it starts anew only when all of it is moved; so the commit still does
it at a length that is seldom reached, with little left to move.
"""

import threading
from pathlib import Path

import apsw
import structlog

from ayni.wire.logging import where

log = structlog.get_logger()

LOOK_SECONDS = 0.2
LOG_BYTES = 4 << 20
"""Long enough that pages written often are moved once, short enough to be moved in some milliseconds."""
SHORTEN_MILLISECONDS = 20
LOG_PAGES_MAX = 16_384
"""64 MB: the commit that finds the log this long moves it itself."""


class Checkpointer:
    """Looks at the log of one database file until it is closed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log = path.with_name(path.name + "-wal")
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="checkpoint", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends the thread."""
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        connection = apsw.Connection(str(self._path))
        connection.execute("pragma synchronous = full")
        while not self._is_over.wait(LOOK_SECONDS):
            try:
                if self._log.stat().st_size > LOG_BYTES:
                    connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            except apsw.BusyError:  # a commit, or `shorten`, is doing it
                continue
            except (apsw.Error, OSError) as error:  # the commit does it then
                log.warning("checkpoint failed", **where(error))
        connection.close()


def shorten(path: Path) -> None:
    """Gives the ends of a database file and of its log to the disk, once pages were freed.

    The file ends where it should when all of the log is in it, which beside steady traffic never happens by
    itself. So what is left after a first move is moved while the writer waits, some milliseconds; a reader
    who still needs the log is not waited for, there is another time.
    """
    connection = apsw.Connection(str(path))
    connection.execute("pragma synchronous = full")
    connection.set_busy_timeout(SHORTEN_MILLISECONDS)
    try:
        for mode in (apsw.SQLITE_CHECKPOINT_PASSIVE, apsw.SQLITE_CHECKPOINT_TRUNCATE):
            connection.wal_checkpoint(mode=mode)
    except apsw.BusyError:
        log.debug("log is being read")
    finally:
        connection.close()
