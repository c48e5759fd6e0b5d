"""What a campaign came to, for people on the screen and for programs in var/chaos/<name>.json."""

import os
import platform
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apsw
import msgspec

from chaos.outcome import Outcome

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "var" / "chaos"
FINDINGS_SHOWN = 10


def progress(name: str) -> "Progress":
    """Says how far a campaign is, on the error stream, each line with its time."""
    return Progress(name)


class Progress:
    """One line for each step."""

    def __init__(self, name: str) -> None:
        self._name, self._started = name, time.monotonic()

    def __call__(self, text: str) -> None:
        seconds = time.monotonic() - self._started
        sys.stderr.write(f"{seconds:7.1f} s  {self._name}: {text}\n")


def save(name: str, outcome: Outcome) -> dict[str, Any]:
    """Writes the report of a campaign and returns it."""
    made = {
        "name": name,
        **machine(),
        "seconds": outcome.seconds,
        "counts": dict(sorted(outcome.counts.items())),
        "findings": outcome.findings,
        "clean": outcome.is_clean,
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.json").write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n")
    return made


def machine() -> dict[str, Any]:
    """Where and of what the figures are."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.system()} {platform.release()}, {platform.machine()}",
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "sqlite": apsw.sqlite_lib_version(),
        "commit": commit(),
    }


def commit() -> str:
    """The commit of the working tree, with a mark when it has changes."""
    command = ["git", "describe", "--always", "--dirty"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout.strip() or "unknown"


def say(report: dict[str, Any]) -> None:
    """The summary."""
    verdict = "clean" if report["clean"] else f"{len(report['findings'])} FINDINGS"
    where = (
        f"{report['machine']}, {report['cores']} cores, Python {report['python']}, commit {report['commit']}"
    )
    lines = [f"{report['name']}: {verdict} in {report['seconds']} s", f"  {where}"]
    lines += [f"  {count:8}  {name}" for name, count in report["counts"].items()]
    lines += [f"  ! {each}" for each in report["findings"][:FINDINGS_SHOWN]]
    sys.stdout.write("\n".join(lines) + "\n")
