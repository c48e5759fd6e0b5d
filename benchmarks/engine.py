"""How fast is the engine, and what bounds it? One run, so that every figure is of the same busy machine.

`make bench`, or `.venv/bin/python benchmarks/engine.py [--short] [--stored N ...]`. Prints each part as it is
measured and writes benchmarks/results/<date>-<commit>.json. A preload needs disk: below 15 GB free it is
left out and said so.
"""

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from backlog import backlog, idle_memory_mb
from startup import ready_seconds
from stored import cost_with_stored

from ayni.engine.bench.cell import cell

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).parent / "results"
CONNECTIONS = (1, 4, 16, 64)
SYNC_BYTES = 1024
SYNCS = 500
FREE_BYTES_MIN = 15 << 30
MIRTH_PER_SECOND = (100, 134)
"""Mirth Connect 4.5.2 with PostgreSQL, the same workload on this class of machine."""


def syncs_per_second(folder: Path) -> float:
    """Raw fdatasync of a kilobyte appended: what the disk allows one who shares no commit."""
    with (folder / "syncs").open("wb") as file:
        started = time.perf_counter()
        for _ in range(SYNCS):
            file.write(b"x" * SYNC_BYTES)
            file.flush()
            os.fdatasync(file.fileno())
        return round(SYNCS / (time.perf_counter() - started), 1)


def machine() -> dict[str, Any]:
    """Where the figures come from."""
    dirty = "-dirty" if _git("status", "--porcelain") else ""
    return {
        "machine": f"{platform.system()} {platform.release()} {platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "commit": _git("rev-parse", "HEAD") + dirty,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "load_average": os.getloadavg()[0],
    }


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def measure(*, seconds: float, backlog_count: int, channel_count: int, stored: list[int]) -> dict[str, Any]:
    """Everything, in order; each figure is said as soon as it is there."""
    found: dict[str, Any] = machine()
    with tempfile.TemporaryDirectory(prefix="ayni-bench-", dir=ROOT / "var") as name:
        found["fdatasync_per_second"] = said("raw fdatasync/s", syncs_per_second(Path(name)))
    found["cells"] = [
        said(f"{connections} connections", cell(connections, seconds)) for connections in CONNECTIONS
    ]
    best = max(each["messages_per_second"] for each in found["cells"])
    found["times_mirth"] = said("times Mirth", [round(best / each, 1) for each in MIRTH_PER_SECOND])
    found["idle_mb"] = said("resident idle, MB", idle_memory_mb())
    found["backlog"] = said("backlog", backlog(backlog_count))
    found["ready"] = said("ready", ready_seconds(channel_count))
    found["stored"] = [said(f"{count:,} stored", with_room(count)) for count in stored]
    return found


def with_room(count: int) -> dict[str, Any]:
    """The cost per message with so many stored, or why it was not measured."""
    free = shutil.disk_usage(ROOT).free
    if count and free < FREE_BYTES_MIN:
        return {"stored": count, "skipped": f"only {free >> 30} GB free, 15 needed"}
    return cost_with_stored(count)


def said(name: str, value: Any) -> Any:
    """Prints a figure and hands it on."""
    print(f"{name:24} {json.dumps(value)}", flush=True)
    return value


def main() -> None:
    """Reads the options, measures, writes the results down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="a form of a minute, for trying it")
    parser.add_argument("--stored", type=int, nargs="*", help="how many stored messages to measure with")
    given = parser.parse_args()
    (ROOT / "var").mkdir(exist_ok=True)
    plan = (
        (3.0, 20_000, 10, [0, 20_000]) if given.short else (20.0, 1_000_000, 100, [0, 1_000_000, 10_000_000])
    )
    seconds, backlog_count, channel_count, stored = plan
    found = measure(
        seconds=seconds,
        backlog_count=backlog_count,
        channel_count=channel_count,
        stored=stored if given.stored is None else given.stored,
    )
    found["peak_mb"] = round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, 1)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{found['at'][:10]}-{found['commit'][:12]}.json"
    if not given.short:
        path.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
        print(f"written to {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
