"""The relay at so many connections, beside its limits, with either database."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ayni.engine.bench.cell import cell

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


@contextlib.contextmanager
def _server() -> Iterator[str]:
    sys.path.insert(0, str(ROOT))
    from tests.engine.store.postgresql_server import postgresql_server

    with postgresql_server() as url:
        yield url
