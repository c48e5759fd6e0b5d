"""What one message costs when many are stored already: preloaded through the store, deleted afterwards."""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import uvloop

from ayni.engine.bench.cell import CHANNELS, relayed
from ayni.engine.bench.processes import start_engine
from ayni.engine.bench.store_only import delivered, new_message
from ayni.engine.bench.workload import PATIENTS
from ayni.engine.store.lanes import claim, settle
from ayni.engine.store.messages import add_message
from ayni.engine.store.sqlite import SqliteStore
from ayni.engine.store.times import to_micros
from ayni.engine.store.transaction import Transaction
from ayni.wire.clock import real_now

ROOT = Path(__file__).resolve().parent.parent
CONNECTIONS = 64
AT_ONCE = PATIENTS
"""One message for each lane in one transaction, so that all of them can be settled in it too."""
SAY_EVERY = 250_000
FREE_BYTES_MIN = 15 << 30
"""Below this the preload stops: a full disk would stop the machine's other work."""


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
                uvloop.run(_preload(path, stored, count))
            except NoRoom as error:
                yield {"stored": count, "skipped": str(error)}
                return
            took, stored = time.perf_counter() - started, count
            with start_engine(folder, CHANNELS) as running:
                found = relayed(running, CONNECTIONS, seconds)
            preloaded = {"preload_seconds": round(took, 1), "file_mb": path.stat().st_size >> 20}
            yield {"stored": count} | found | preloaded


async def _preload(path: Path, stored: int, count: int) -> None:
    """Adds what is missing of `count`; raises NoRoom."""
    async with contextlib.AsyncExitStack() as stack:
        store = SqliteStore(path)
        stack.push_async_callback(store.close)
        for first in range(stored, count, AT_ONCE):
            if (free := shutil.disk_usage(path.parent).free) < FREE_BYTES_MIN:
                raise NoRoom(f"stopped at {first:,}: {free >> 30} GB free, {FREE_BYTES_MIN >> 30} needed")
            await store.writer.write(partial(_history, first=first, count=min(AT_ONCE, count - first)))
            if first % SAY_EVERY < AT_ONCE:
                print(f"    {first:>10,} of {count:,} stored", flush=True)


def _history(tx: Transaction, *, first: int, count: int) -> None:
    """Messages that came, were leased, delivered and settled, in one transaction."""
    now = real_now()
    for number in range(first, first + count):
        add_message(tx, new_message(number, now))
    micros = to_micros(now)
    for each in claim(tx, "lab", owner="preload", at=micros, until=micros, limit=count):
        settle(tx, each, delivered(now))
