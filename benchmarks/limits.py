"""What the disk allows one who shares no commit."""

import os
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SYNC_BYTES = 4096
SYNCS = 2_000


def syncs() -> dict[str, Any]:
    """Raw fdatasync a second of four kilobytes appended, about what a small commit writes."""
    with (
        tempfile.TemporaryDirectory(prefix="ayni-bench-", dir=ROOT / "var") as name,
        (Path(name) / "syncs").open("wb") as file,
    ):
        started = time.perf_counter()
        for _ in range(SYNCS):
            file.write(b"x" * SYNC_BYTES)
            file.flush()
            os.fdatasync(file.fileno())
        return {"per_second": round(SYNCS / (time.perf_counter() - started), 1)}
