"""One SQLite file of one system, opened so that a commit survives a power cut.

WAL with `synchronous=FULL`, through apsw's own SQLite: versions up to 3.51.2 have a WAL-reset race that
can lose commits, so an older library is refused at start. There is no setting that turns safety off.
"""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import apsw

from ayni.wire.failure import CannotStart
from ayni.wire.folder_lock import usable

SQLITE_VERSION_MIN = (3, 51, 3)
BUSY_MILLISECONDS = 10_000
"""Readers and the one writer wait this long for each other before they give up."""

FULL = 2


class UnsafeStorage(CannotStart):
    """The database would not keep what it said it kept; the process must not start."""


class Database:
    """A file with one writer at a time and as many readers as there are threads."""

    def __init__(self, path: Path, *schemas: str) -> None:
        """Opens or creates the file (mode 0600) and applies the schemas, each `create … if not exists`."""
        _check_library()
        with usable(path.parent):
            path.touch(mode=0o600)
        is_new = path.stat().st_size == 0
        self.path = path
        # a thread that asks for a transaction inside its own must hear SQLite's no, not wait for ever
        self._turn = threading.RLock()
        self._readers = threading.local()
        self._writer = _connect(path, is_new=is_new)
        for schema in schemas:
            self._writer.execute(schema)

    @contextmanager
    def transaction(self) -> Iterator[apsw.Connection]:
        """A write transaction: committed and synced when the block ends, undone when it raises."""
        with self._turn:
            self.begin()
            try:
                yield self._writer
                self.commit()
            except BaseException:
                self.rollback()
                raise

    def begin(self) -> apsw.Connection:
        """Begins what `commit` or `rollback` ends, maybe on another thread, for a caller who keeps the
        turns."""
        self._writer.execute("begin immediate")
        return self._writer

    def commit(self) -> None:
        """Syncs what was begun; raises when it could not be, and then nothing of it is there."""
        self._writer.execute("commit")

    def rollback(self) -> None:
        """Undoes what was begun. SQLite has done so already where the disk failed, not where a check did."""
        if self._writer.in_transaction:
            self._writer.execute("rollback")

    @contextmanager
    def reading(self) -> Iterator[apsw.Connection]:
        """One consistent view of what is committed."""
        connection = self._reader()
        connection.execute("begin")
        try:
            yield connection
        finally:
            connection.execute("commit")

    def _reader(self) -> apsw.Connection:
        if not hasattr(self._readers, "connection"):
            self._readers.connection = _connect(self.path)
            self._readers.connection.execute("pragma query_only = on")
        connection: apsw.Connection = self._readers.connection
        return connection

    def fold_log(self) -> None:
        """Empties the write-ahead log into the file: until then what was deleted still stands in it."""
        with closing(apsw.Connection(str(self.path))) as connection:
            connection.set_busy_timeout(BUSY_MILLISECONDS)
            connection.execute("pragma wal_checkpoint(truncate)")

    def close(self) -> None:
        """Closes the writer; readers close with their threads."""
        with self._turn:
            self._writer.close()


def _check_library() -> None:
    version = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))
    if version < SQLITE_VERSION_MIN:
        raise UnsafeStorage(f"SQLite {apsw.sqlite_lib_version()} can lose commits; 3.51.3 or newer is needed")


def _connect(path: Path, *, is_new: bool = False) -> apsw.Connection:
    connection = apsw.Connection(str(path))
    connection.set_busy_timeout(BUSY_MILLISECONDS)
    if is_new:
        # heard by an empty file only, before anything else: what is deleted can go back to the disk
        connection.execute("pragma auto_vacuum = incremental")
    mode = connection.execute("pragma journal_mode = wal").get
    connection.execute("pragma synchronous = full; pragma foreign_keys = on")
    synchronous = connection.execute("pragma synchronous").get
    if (mode, synchronous) != ("wal", FULL):
        raise UnsafeStorage(f"{path.name}: journal_mode {mode}, synchronous {synchronous}; need wal and 2")
    return connection
