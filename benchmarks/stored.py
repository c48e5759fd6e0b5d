"""What one message costs when many are stored already: preloaded through the store, deleted afterwards."""

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any

import uvloop

from ayni.engine.bench.cell import CHANNELS, loaded, start_engine
from ayni.engine.bench.store_only import delivered, new_message
from ayni.engine.store.sqlite import SqliteStore
from ayni.wire.clock import real_now

ROOT = Path(__file__).resolve().parent.parent
CONNECTIONS = 64
SECONDS = 10.0
AT_ONCE = 500
SAY_EVERY = 200_000


def cost_with_stored(count: int) -> dict[str, Any]:
    """Messages a second and milliseconds, after so many were stored and delivered."""
    with tempfile.TemporaryDirectory(dir=ROOT / "var") as name:
        folder = Path(name)
        (folder / "engine").mkdir()
        took = uvloop.run(_preload(folder / "engine" / "messages.sqlite", count)) if count else 0.0
        with start_engine(folder, CHANNELS) as running:
            found = loaded(running.mllp_port, CONNECTIONS, SECONDS)
        size = (folder / "engine" / "messages.sqlite").stat().st_size
    return {
        "stored": count,
        "per_second": found["per_second"],
        "p99_ms": found["p99_ms"],
        "preload_seconds": round(took, 1),
        "file_mb": size >> 20,
    }


async def _preload(path: Path, count: int) -> float:
    store, started = SqliteStore(path), time.perf_counter()
    for first in range(1, count + 1, AT_ONCE):
        await asyncio.gather(*(store.add(new_message(first + each, real_now())) for each in range(AT_ONCE)))
        await _settle(store)
        if first % SAY_EVERY < AT_ONCE:
            print(f"  {first:,} of {count:,}", flush=True)
    await store.close()
    return time.perf_counter() - started


async def _settle(store: SqliteStore) -> None:
    """Delivers all that waits, so that what is stored is history and not a queue."""
    now = real_now()
    while claims := await store.claim("lab", owner="preload", at=now, until=now, limit=AT_ONCE):
        await asyncio.gather(*(store.settle(each, delivered(now)) for each in claims))
