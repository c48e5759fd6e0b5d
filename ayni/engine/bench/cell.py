"""One cell: the relay at so many connections, and its limits in the same minute on the same machine."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from ayni.engine.bench.processes import CannotMeasure, Running, free_ports, peer, said_by, start_engine

LIMIT_SECONDS = 3.0
"""Enough for a figure of a limit; the cell itself is measured longer."""
CHANNELS = Path("benchmarks/channels")
DATABASE = "AYNI_ENGINE_DATABASE"

Say = Callable[[str], None]


def cell(
    connections: int,
    seconds: float,
    *,
    channels: Path = CHANNELS,
    database: str = "",
    say: Say = lambda _: None,
) -> dict[str, Any]:
    """MLLP → transform → MLLP at so many connections, with the echo and the store alone beside it.

    `database` is the address of a PostgreSQL, whose tables are made and filled; "" is a SQLite file.
    """
    with tempfile.TemporaryDirectory(prefix="ayni-bench-") as name:
        folder = Path(name)
        say("MLLP echo without a store")
        brief = min(LIMIT_SECONDS, seconds)
        echo = _echo(connections, brief)
        say("store alone")
        alone = said_by("ayni.engine.bench.store_only", database or name, str(connections), str(brief))
        store = float(alone)
        say("engine")
        with start_engine(folder, channels, **{DATABASE: database}) as running:
            found = relayed(running, connections, seconds)
    return found | {
        "echo_per_second": echo,
        "store_per_second": store,
        "ratio_to_echo": _ratio(found["messages_per_second"], echo),
        "ratio_to_store": _ratio(found["messages_per_second"], store),
    }


def relayed(running: Running, connections: int, seconds: float) -> dict[str, Any]:
    """The figures of an engine under load; raises CannotMeasure when an answer was not AA to its message.

    `messages_per_second` leaves out what was acknowledged and still waits when the load ends: that was not
    relayed.
    """
    before, queued_before = running.cpu_seconds(), running.queued_count()
    found = loaded(running.mllp_port, connections, seconds)
    used, queued = running.cpu_seconds() - before, running.queued_count()
    if found["wrong"]:
        raise CannotMeasure(f"{found['wrong']} answers were not AA to their message")
    behind = max(0, queued - queued_before) / found["seconds"]
    return {
        "connections": connections,
        "messages_per_second": round(max(0.0, found["per_second"] - behind), 1),
        "p50_ms": found["p50_ms"],
        "p99_ms": found["p99_ms"],
        "acknowledged_per_second": found["per_second"],
        "queued_at_end": queued,
        "cpu_us_per_message": round(used / max(1, found["answered"]) * 1e6),
    }


def loaded(port: int, connections: int, seconds: float) -> dict[str, float]:
    """The figures of a load on a port."""
    said = said_by("ayni.engine.bench.load", str(port), str(connections), str(seconds))
    found: dict[str, float] = msgspec.json.decode(said)
    return found


def _echo(connections: int, seconds: float) -> float:
    (port,) = free_ports(1)
    with peer("echo", port):
        return loaded(port, connections, seconds)["per_second"]


def _ratio(rate: float, limit: float) -> float:
    return round(rate / limit, 3) if limit else 0.0
