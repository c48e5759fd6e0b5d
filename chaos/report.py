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
RESULTS = ROOT / "chaos" / "results"
"""Runs that were kept, by their dates."""
FINDINGS_SHOWN = 10
TOLD = {
    "kills": ("ends", "acknowledged", "received", "effects"),
    "cuts": ("ends", "acknowledged", "received", "effects"),
    "calls": ("points", "power cut afterwards", "ends"),
    "peers": ("lies", "poisons"),
    "clock": ("clock jumps",),
    "databases": ("rounds", "acknowledged"),
    "nodes": ("rounds", "acknowledged", "leases lost"),
}
"""The counts of each campaign that its line in a table tells."""

Report = dict[str, Any]


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


def save(name: str, outcome: Outcome) -> Report:
    """Writes the report of a campaign and returns it."""
    made: Report = {
        "name": name,
        **machine(),
        "seconds": outcome.seconds,
        "counts": dict(sorted(outcome.counts.items())),
        "findings": outcome.findings,
        "clean": outcome.is_clean,
    }
    _write(name, made)
    return made


def summary(name: str, reports: list[Report]) -> None:
    """Writes the reports of a whole run as one, and says how long it took."""
    _write(name, {**machine(), "campaigns": reports})
    minutes = sum(report["seconds"] for report in reports) / 60
    findings = sum(len(report["findings"]) for report in reports)
    sys.stdout.write(f"{name}: {findings or 'no'} findings in {minutes:.1f} minutes\n")


def _write(name: str, made: Report) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.json").write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n")


def table(run: Report) -> list[str]:
    """The lines of a whole run, as docs/engine/faults.md shows it."""
    where = f"{run['machine']}, {run['cores']} cores, Python {run['python']}, SQLite {run['sqlite']}"
    return [
        f"{run['at'][:10]}, {where}. Load: of the whole machine, by the end of each.",
        "",
        "| campaign | what was done | commit | load | seconds | findings |",
        "|---|---|---|---|---|---|",
        *(_line(report) for report in run["campaigns"]),
    ]


def _line(report: Report) -> str:
    counts, name = report["counts"], report["name"]
    told = ", ".join(f"{counts.get(each, 0):,} {each}" for each in TOLD.get(name, sorted(counts)))
    ran = f"{report['commit']} | {report['load']} | {report['seconds']:.0f}"
    return f"| {name} | {told} | {ran} | {len(report['findings'])} |"


def machine() -> Report:
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


def say(report: Report) -> None:
    """The summary."""
    verdict = "clean" if report["clean"] else f"{len(report['findings'])} FINDINGS"
    where = (
        f"{report['machine']}, {report['cores']} cores, Python {report['python']}, commit {report['commit']}"
    )
    lines = [f"{report['name']}: {verdict} in {report['seconds']} s", f"  {where}"]
    lines += [f"  {count:8}  {name}" for name, count in report["counts"].items()]
    lines += [f"  ! {each}" for each in report["findings"][:FINDINGS_SHOWN]]
    sys.stdout.write("\n".join(lines) + "\n")
