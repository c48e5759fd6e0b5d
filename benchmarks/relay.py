"""The relay at so many connections, beside its limits, with either database."""

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ayni.engine.bench.cell import CHANNELS, DATABASE, cell, relayed
from ayni.engine.bench.processes import Running, start_engine

ROOT = Path(__file__).resolve().parent.parent
MIRTH_PER_SECOND = (100, 134)
"""Mirth Connect 4.5.2 with PostgreSQL, the same workload on this class of machine."""


def relay(connections: int, seconds: float, *, database: str = "") -> dict[str, Any]:
    """One cell, and how many times Mirth's rates that is."""
    found = cell(connections, seconds, database=database, say=lambda what: print(f"    {what} …", flush=True))
    return found | {
        "times_mirth": [round(found["messages_per_second"] / rate, 1) for rate in MIRTH_PER_SECOND]
    }


def relay_in_postgresql(connections: int, seconds: float) -> dict[str, Any]:
    """The same with a PostgreSQL of its own for the cell, from the wheel that the tests use."""
    with _server() as url:
        return relay(connections, seconds, database=url)


def relay_by_two(connections: int, seconds: float) -> dict[str, Any]:
    """Two engines on one PostgreSQL, half of the connections each: what a second process is worth here."""
    with _server() as url, contextlib.ExitStack() as stack:
        engines = [stack.enter_context(_engine(url)) for _ in range(2)]
        with ThreadPoolExecutor() as pool:
            found = list(pool.map(lambda each: relayed(each, connections // 2, seconds), engines))
    return {
        "connections": connections,
        "messages_per_second": round(sum(each["messages_per_second"] for each in found), 1),
        "p50_ms": max(each["p50_ms"] for each in found),
        "p99_ms": max(each["p99_ms"] for each in found),
        "queued_at_end": max(each["queued_at_end"] for each in found),
        "cpu_us_per_message": max(each["cpu_us_per_message"] for each in found),
    }


@contextlib.contextmanager
def _engine(url: str) -> Iterator[Running]:
    with (
        tempfile.TemporaryDirectory(prefix="ayni-bench-") as name,
        start_engine(Path(name), CHANNELS, **{DATABASE: url}) as running,
    ):
        yield running


@contextlib.contextmanager
def _server() -> Iterator[str]:
    sys.path.insert(0, str(ROOT))
    from chaos.postgresql import postgresql_server

    with postgresql_server() as server:
        yield server.url
