"""Results: where they were measured, kept cell by cell, and as a table to read."""

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).parent / "results"
COMMIT_LENGTH = 12


class Results:
    """The cells of one commit, in one file that is written anew with each of them.

    A run that was broken off goes on where it stopped: what is there already is not measured again.
    """

    def __init__(self, folder: Path) -> None:
        commit = _git("rev-parse", "HEAD")[:COMMIT_LENGTH] + (
            "-dirty" if _git("status", "--porcelain") else ""
        )
        before = sorted(folder.glob(f"*-{commit}.json"))
        self.path = before[-1] if before else folder / f"{datetime.now(UTC).date()}-{commit}.json"
        self.found: dict[str, Any] = json.loads(self.path.read_bytes()) if before else _machine(commit)

    def __contains__(self, name: str) -> bool:
        return name in self.found["cells"]

    def keep(self, name: str, figures: dict[str, Any]) -> None:
        """Writes down what a cell measured."""
        self.found["cells"][name] = figures
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self.found, indent=2) + "\n", "utf-8")
        self.path.with_suffix(".md").write_text(table(self.found), "utf-8")


def _machine(commit: str) -> dict[str, Any]:
    """Where the figures come from."""
    return {
        "machine": f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "commit": commit,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cells": {},
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def table(found: dict[str, Any]) -> str:
    """The results as Markdown: a table for each kind of cell, whose names share the part before the dash."""
    kinds: dict[tuple[str, ...], list[tuple[str, dict[str, Any]]]] = {}
    for name, figures in found["cells"].items():
        kinds.setdefault(tuple(figures), []).append((name, figures))
    head = [
        f"# Measured {found['at'][:10]}, commit {found['commit']}",
        "",
        f"{found['machine']}, Python {found['python']}. `other cores`: what the rest of the machine took.",
    ]
    return "\n".join([*head, *(line for kind in kinds.values() for line in _lines(kind))]) + "\n"


def _lines(cells: list[tuple[str, dict[str, Any]]]) -> list[str]:
    columns = list(cells[0][1])
    rows = [[name, *(_shown(figures[each]) for each in columns)] for name, figures in cells]
    heads = ["cell", *(each.replace("_", " ") for each in columns)]
    ruled = ["---", *("---:" for _ in columns)]
    return ["", *(f"| {' | '.join(row)} |" for row in (heads, ruled, *rows))]


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return " to ".join(map(_shown, reversed(value)))
    return f"{value:,}" if isinstance(value, int | float) else str(value)
