"""Memory: of an idle engine, and with a backlog whose partner is away."""

import tempfile
import time
from pathlib import Path
from typing import Any

from ayni.engine.bench.cell import CHANNELS, loaded
from ayni.engine.bench.processes import HOST, Running, free_ports, start_engine

ROOT = Path(__file__).resolve().parent.parent
SETTLE_SECONDS = 5.0
CONNECTIONS = 64
SLICE_SECONDS = 20.0
RATE_GUESSED = 2_000.0
"""Messages a second, before any was measured."""


def idle() -> dict[str, Any]:
    """Resident megabytes of an engine that has done nothing for a moment."""
    with tempfile.TemporaryDirectory(dir=ROOT / "var") as name, start_engine(Path(name), CHANNELS) as running:
        time.sleep(SETTLE_SECONDS)
        return {"resident_mb": running.resident_mb()}


def backlog(count: int) -> dict[str, Any]:
    """Resident megabytes as the backlog grows to `count`: nobody listens where the deliveries should go.

    `flat` is the memory at the end against that after the first slice of load, when the queue was short.
    """
    away = f"{HOST}:{free_ports(1)[0]}"
    with (
        tempfile.TemporaryDirectory(dir=ROOT / "var") as name,
        start_engine(Path(name), CHANNELS, BENCH_SINK=away) as running,
    ):
        idle_mb, grown, slices = running.resident_mb(), list[float](), list[dict[str, float]]()
        while (queued := running.queued_count() if slices else 0) < count:
            slices.append(_slice(running, _slice_seconds(slices, count - queued)))
            grown.append(running.resident_mb())
            _say(running, slices[-1], grown[-1])
        time.sleep(SETTLE_SECONDS)
        return {
            "queued": queued,
            "mb_before": idle_mb,
            "mb_short_queue": grown[0],
            "mb_max": max(grown),
            "mb_at_rest": running.resident_mb(),
            "flat": round(grown[-1] / grown[0], 3),
            "cpu_us_short_queue": slices[0]["cpu_us"],
            "cpu_us_at_end": slices[-1]["cpu_us"],
            "per_second_short_queue": slices[0]["per_second"],
            "per_second_at_end": slices[-1]["per_second"],
            "p99_ms_at_end": slices[-1]["p99_ms"],
        }


def _slice(running: Running, seconds: float) -> dict[str, float]:
    """The figures of a load, with the engine's processor time for each message of it."""
    before = running.cpu_seconds()
    found = loaded(running.mllp_port, CONNECTIONS, seconds)
    return found | {"cpu_us": round((running.cpu_seconds() - before) / max(1, found["answered"]) * 1e6)}


def _slice_seconds(slices: list[dict[str, float]], missing: int) -> float:
    """As long as a slice is, or as long as what is missing takes."""
    rate = slices[-1]["per_second"] if slices else RATE_GUESSED
    return max(1.0, min(SLICE_SECONDS, missing / max(1.0, rate)))


def _say(running: Running, found: dict[str, float], resident_mb: float) -> None:
    print(
        f"    {running.queued_count():>9,} queued  {resident_mb} MB  {found['per_second']} messages/s"
        f"  {found['cpu_us']} µs of processor each",
        flush=True,
    )
