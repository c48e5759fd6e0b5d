"""The benchmark measures what it says: real engines and loads, in its shortest form. No figure is judged."""

import asyncio
import json
import socket
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from ayni.engine.bench.cell import CHANNELS
from ayni.engine.bench.processes import start_engine
from ayni.engine.store.contract import Balance, Row
from ayni.engine.store.sqlite import SqliteStore
from ayni.wire.mllp import frame

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


def test_what_is_preloaded_is_history_like_any_other(tmp_path: Path) -> None:
    spec = spec_from_file_location("stored", ROOT / "benchmarks" / "stored.py")
    assert spec is not None
    assert spec.loader is not None
    stored = module_from_spec(spec)
    spec.loader.exec_module(stored)
    stored.preload(tmp_path / "messages.sqlite", 0, 6_000)
    stored.preload(tmp_path / "messages.sqlite", 6_000, 12_000)
    balance, message = asyncio.run(looked_at(tmp_path / "messages.sqlite"))
    assert balance.strays == []
    assert balance.counts == balance.recount
    assert [row["count"] for row in balance.counts] == [12_000, 12_000]
    assert message is not None
    (delivery,) = message["deliveries"]
    assert [each["outcome"] for each in delivery["attempts"]] == [delivery["state"]] == ["delivered"]


async def looked_at(path: Path) -> tuple[Balance, Row | None]:
    store = SqliteStore(path)
    found = store.balance(), store.message(9_000)
    await store.close()
    return found


def test_a_sender_without_the_words_of_enhanced_mode_is_served(tmp_path: Path) -> None:
    """A foreign load generator: another version, MSH-11 P, nothing in MSH-15 and MSH-16."""
    raw = b"MSH|^~\\&|HIS|X|M|D|20240611103015||ADT^A01|F1|P|2.3\rEVN|A01|20240611\rPID|1||77\rPV1|1|O\r"
    with start_engine(tmp_path, ROOT / CHANNELS) as running:
        with socket.create_connection(("127.0.0.1", running.mllp_port)) as sender:
            sender.sendall(frame(raw))
            assert b"\rMSA|AA|F1\r" in sender.recv(4096)
        assert running.resident_mb() > 0
        assert running.cpu_seconds() > 0


def test_an_engine_that_cannot_start_is_said_so(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ayni", "engine", "bench", "--seconds", "1", "--channels", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "the engine did not become ready" in done.stderr
    assert "no-channels" in done.stderr
