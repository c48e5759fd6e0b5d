"""Memory: of an idle engine, and with a backlog whose partner is away."""

import tempfile
import time
from pathlib import Path
from typing import Any

from ayni.engine.bench.cell import CHANNELS, HOST, free_port, loaded, start_engine

ROOT = Path(__file__).resolve().parent.parent
SETTLE_SECONDS = 3.0
CONNECTIONS = 64
SLICE_SECONDS = 10.0


def idle_memory_mb() -> float:
    """Resident megabytes of an engine that has done nothing for a moment."""
    with tempfile.TemporaryDirectory(dir=ROOT / "var") as name, start_engine(Path(name), CHANNELS) as running:
        time.sleep(SETTLE_SECONDS)
        return resident_mb(running.pid)


def backlog(count: int) -> dict[str, Any]:
    """Resident megabytes as the backlog grows to `count`: nobody listens where the deliveries should go."""
    away = f"{HOST}:{free_port()}"
    with (
        tempfile.TemporaryDirectory(dir=ROOT / "var") as name,
        start_engine(Path(name), CHANNELS, BENCH_SINK=away) as running,
    ):
        grown, taken = [resident_mb(running.pid)], 0
        while taken < count:
            figures = loaded(running.mllp_port, CONNECTIONS, SLICE_SECONDS)
            taken += round(figures["per_second"] * SLICE_SECONDS)
            grown.append(resident_mb(running.pid))
        return {
            "queued": taken,
            "mb_at_start": grown[0],
            "mb_max": max(grown[1:]),
            "mb_at_end": grown[-1],
            "p99_ms_at_end": figures["p99_ms"],
            "per_second_at_end": figures["per_second"],
        }


def resident_mb(pid: int) -> float:
    """VmRSS of a process."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    return round(int(kilobytes) / 1024, 1)
