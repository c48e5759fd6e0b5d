"""What one message costs when many are stored already: preloaded by the store's statements, deleted after."""

import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import apsw
import uvloop

from ayni.engine.bench.cell import CHANNELS, relayed
from ayni.engine.bench.processes import start_engine
from ayni.engine.bench.store_only import ANSWER, new_message
from ayni.engine.store.contract import NewDelivery, NewMessage
from ayni.engine.store.lanes import Place, join, text_of
from ayni.engine.store.messages import values_of
from ayni.engine.store.sql import SQL
from ayni.engine.store.sqlite import SqliteConnection, SqliteStore
from ayni.engine.store.times import to_micros
from ayni.engine.store.transaction import Transaction
from ayni.wire.clock import real_now

ROOT = Path(__file__).resolve().parent.parent
CONNECTIONS = 64
AT_ONCE = 10_000
SAY_EVERY = 500_000
FREE_BYTES_MIN = 15 << 30
"""Below this the preload stops: a full disk would stop the machine's other work."""
IN_A_HURRY = "pragma synchronous = off; pragma cache_size = -262144"
"""Whoever loses the power in a preload begins anew."""


NEWEST = {
    "message": "select coalesce(max(id), 0) from message",
    "delivery": "select coalesce(max(id), 0) from delivery",
}


class NoRoom(Exception):
    """The disk has too little room to go on."""


def cost_with_stored(counts: Sequence[int], seconds: float) -> Iterator[dict[str, Any]]:
    """The relay's figures after so many were stored and delivered, in one file that grows each time."""
    with tempfile.TemporaryDirectory(dir=ROOT / "var") as name:
        folder, stored = Path(name), 0
        (folder / "engine").mkdir()
        for count in sorted(counts):
            started, path = time.perf_counter(), folder / "engine" / "messages.sqlite"
            try:
                preload(path, stored, count)
            except NoRoom as error:
                yield {"stored": count, "skipped": str(error)}
                return
            took, stored = time.perf_counter() - started, count
            with start_engine(folder, CHANNELS) as running:
                found = relayed(running, CONNECTIONS, seconds)
            preloaded = {"preload_seconds": round(took, 1), "file_mb": path.stat().st_size >> 20}
            yield {"stored": count} | found | preloaded


def preload(path: Path, stored: int, count: int) -> None:
    """Adds what is missing of `count` messages, each delivered; raises NoRoom."""
    uvloop.run(_make_tables(path))
    connection = apsw.Connection(str(path))
    connection.execute(IN_A_HURRY)
    for first in range(stored, count, AT_ONCE):
        if (free := shutil.disk_usage(path.parent).free) < FREE_BYTES_MIN:
            raise NoRoom(f"stopped at {first:,}: {free >> 30} GB free, {FREE_BYTES_MIN >> 30} needed")
        with connection:
            _add_history(connection, range(first, min(first + AT_ONCE, count)))
        if first % SAY_EVERY < AT_ONCE:
            print(f"    {first:>10,} of {count:,} stored", flush=True)
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()


async def _make_tables(path: Path) -> None:
    await SqliteStore(path).close()


def _add_history(connection: apsw.Connection, numbers: range) -> None:
    """Messages that came, each with a delivery that was taken at the first attempt. Nothing of them waits."""
    now, micros = real_now(), to_micros(real_now())
    messages = [new_message(number, now) for number in numbers]
    owed = [each.deliveries[0] for each in messages]
    tx = Transaction(SqliteConnection(connection), SQL)
    places = [join(tx, each.destination, each.keys[0], micros)[0] for each in owed]
    message_ids, ids = (_next_ids(connection, NEWEST[table], numbers) for table in NEWEST)
    names = zip(message_ids, messages, owed, places, strict=True)
    rows = {
        "insert_message": map(values_of, messages),
        "insert_delivery": (_delivery(*each) for each in names),
        "insert_attempt": ((number, micros, 0.1, "delivered", "", ANSWER) for number in ids),
        "settle_delivery": (("delivered", 1, micros, 0, number) for number in ids),
        "free_lane": ((1, micros, lane_id) for lane_id, _ in places),
        "add_to_tally": (
            ("adt_relay", destination, state, len(numbers), micros)
            for destination, state in (("", "accepted"), ("lab", "delivered"))
        ),
    }
    for name, values in rows.items():
        connection.executemany(SQL[name], values)


def _delivery(message_id: int, message: NewMessage, owed: NewDelivery, place: Place) -> tuple[Any, ...]:
    names = (message_id, message.channel, owed.destination, message.correlation_id, owed.control_id)
    return (*names, owed.content, text_of([place]))


def _next_ids(connection: apsw.Connection, newest: str, numbers: range) -> range:
    """The numbers that the next rows of a table get."""
    highest = connection.execute(newest).get
    return range(highest + 1, highest + 1 + len(numbers))
