"""The benchmark measures what it says: real engines and loads, in its shortest form. No figure is judged."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
KEYS = [
    "connections",
    "messages_per_second",
    "p50_ms",
    "p99_ms",
    "echo_per_second",
    "store_per_second",
    "ratio_to_echo",
]


def said_by(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_one_cell_says_its_figures_in_one_object() -> None:
    command = ("engine", "bench", "--connections", "3", "--seconds", "1", "--json")
    found = json.loads(said_by("-m", "ayni", *command))
    assert list(found) == KEYS
    assert found["connections"] == 3
    assert 0 < found["messages_per_second"] < found["echo_per_second"]
    assert 0 < found["p50_ms"] <= found["p99_ms"]
    rates = found["messages_per_second"] / found["echo_per_second"]
    assert found["ratio_to_echo"] == pytest.approx(rates, abs=0.001)


def test_the_whole_run_can_be_had_cell_by_cell() -> None:
    said_by("benchmarks/engine.py", "--short", "--only", "syncs", "startup", "backlog", "stored")
    (path,) = sorted((ROOT / "var" / "bench-short").glob("*.json"), key=lambda path: path.stat().st_mtime)[
        -1:
    ]
    cells = json.loads(path.read_bytes())["cells"]
    assert cells["syncs"]["per_second"] > 0
    assert cells["startup"]["channels"] == 5
    assert cells["startup"]["listening_seconds"] <= cells["startup"]["console_seconds"]
    assert cells["backlog"]["queued"] >= 500
    assert cells["stored-5000"]["file_mb"] > cells["stored-0"]["file_mb"] > 0
    assert path.with_suffix(".md").read_text("utf-8").count("| stored-") == 2


def test_an_engine_that_cannot_start_is_said_so(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ayni", "engine", "bench", "--seconds", "1", "--channels", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "the engine did not become ready" in done.stderr
    assert "no-channels" in done.stderr
