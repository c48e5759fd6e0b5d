"""Bytes driven by coverage: each target in a process of its own, for a time, from the repository's messages.

Needs atheris, which is no dependency of the project: `uv run --no-sync --with atheris==3.0.0`. Without it
nothing runs, and the report says so.
"""

import importlib
import importlib.util
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from chaos.fuzz import arrivals_hold, corpus, encoding_holds, framing_holds, reading_holds
from chaos.outcome import Outcome
from chaos.report import FOLDER

ROOT = Path(__file__).resolve().parents[1]


def framing(data: bytes) -> None:
    """The first byte says how the rest is cut."""
    size = data[0] + 1 if data else 1
    framing_holds([data[start : start + size] for start in range(1, len(data), size)] or [b""])


TARGETS: dict[str, Callable[[bytes], None]] = {
    "framing": framing,
    "arrivals": arrivals_hold,
    "reading": reading_holds,
    "encoding": encoding_holds,
}


def run(outcome: Outcome, seconds: int) -> None:
    """Every target for so long."""
    if importlib.util.find_spec("atheris") is None:
        outcome.did("not run: atheris is not installed")
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in TARGETS:
        outcome.say(f"{name} for {seconds} seconds")
        _run_one(outcome, name, seconds)


def _run_one(outcome: Outcome, name: str, seconds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for number, raw in enumerate(corpus()):
            (Path(folder) / str(number)).write_bytes(raw)
        limits = (f"-max_total_time={seconds}", f"-artifact_prefix={FOLDER}/")
        command = [sys.executable, "-m", "chaos.fuzzing", name, folder, *limits]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    found = [line for line in done.stderr.splitlines() if line.startswith("Done ")]
    outcome.counts[f"{name}, executions"] = int(found[-1].split()[1]) if found else 0
    if done.returncode:
        outcome.find(name, ["\n".join((done.stdout + done.stderr).splitlines()[-30:])])


def main() -> None:
    """One target, with libFuzzer's arguments behind its name."""
    atheris = importlib.import_module("atheris")

    name, *rest = sys.argv[1:]
    atheris.instrument_all()
    atheris.Setup([sys.argv[0], *rest], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
