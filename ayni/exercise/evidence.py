"""What the exercise proves, as a file for those who were not there."""

import os
import platform
import subprocess
from pathlib import Path
from typing import BinaryIO

import msgspec

UNKNOWN_COMMIT = "unknown"


class Hop(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a message: taken in by the engine, or an attempt to hand it on.

    `at` is ISO 8601 with offset. `ms` is what reading and translating took, or until the answer came.
    """

    hop: str
    at: str
    control_id: str
    ack: str
    ms: float


class ScenarioResult(msgspec.Struct, frozen=True, kw_only=True):
    """One scenario: whether every step passed, and the hops its messages made, in order of time."""

    name: str
    passed: bool
    hops: list[Hop]


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """The whole run, with the machine and the commit it ran on."""

    machine: str
    commit: str
    scenarios: list[ScenarioResult]

    @property
    def passed(self) -> bool:
        """Whether something was played and all of it passed."""
        return bool(self.scenarios) and all(scenario.passed for scenario in self.scenarios)


def write(evidence: Evidence, file: BinaryIO) -> None:
    """Writes the evidence as indented JSON."""
    file.write(msgspec.json.format(msgspec.json.encode(evidence), indent=2) + b"\n")


def machine() -> str:
    """What kind of machine this is, without its name: system, architecture, cores, Python."""
    return (
        f"{platform.system()} {platform.release()} {platform.machine()}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}"
    )


def commit(root: Path) -> str:
    """The commit of the sources, with `-dirty` when they were changed since; `unknown` outside git."""
    try:
        name = _git(root, "rev-parse", "HEAD")
        changed = _git(root, "status", "--porcelain")
    except (OSError, subprocess.CalledProcessError):
        return UNKNOWN_COMMIT
    return f"{name}-dirty" if changed else name


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
