"""How long until an engine with many channels takes messages, and what that time is spent on.

`.venv/bin/python benchmarks/startup.py [CHANNELS]`. Each channel has a real listener of its own; the engine
listens when the last of them takes a connection, and its console is there when `/health` answers.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from ayni.engine.bench.processes import Running, free_ports, is_listening, spawned, wait_healthy

ROOT = Path(__file__).resolve().parent.parent
DOORS = ("AYNI_ENGINE_PORT", "AYNI_ENGINE_FHIR_PORT", "AYNI_ENGINE_MLLP_PORT")
CHANNEL = """
from ayni.engine import Channel, Destination, Outgoing
from ayni.engine.connectors.mllp import MllpListener, MllpSender


def transform(message):
    return Outgoing(content=message.encode(), control_id=message.control_id, key=message["PID-3.1"])


channel = Channel(
    name="{name}",
    title="Start-up {name}",
    source=MllpListener(port="{port}"),
    destinations=(
        Destination(partner="{name}", connector=MllpSender(address="127.0.0.1:9"), transform=transform),
    ),
)
"""
PARTS = """
import asyncio, sys, time
from pathlib import Path

started = time.perf_counter()
import ayni.engine.cli
sys.modules["rich"] = None  # as `ayni engine serve` does
import ayni.engine.process as process
imported = time.perf_counter()
environment = process.Environment(process.os.environ)
process.checked_channels(Path(environment.text("AYNI_CHANNELS")), environment)
loaded = time.perf_counter()


async def open_store():
    process.open_store(environment, environment.folder("engine"))


asyncio.run(open_store())
print(imported - started, loaded - imported, time.perf_counter() - loaded, flush=True)
process.os._exit(0)
"""
"""The first three things a starting engine does, by the functions it calls; what is left is listening."""


def ready(channel_count: int, tries: int = 5) -> dict[str, Any]:
    """Seconds from starting the process to the last listener and to the console; best and worst of some."""
    with tempfile.TemporaryDirectory(dir=ROOT / "var") as name:
        folder = Path(name)
        ports = free_ports(channel_count)
        channels = _written(folder / "channels", ports)
        took = [_once(folder / str(number), channels, ports) for number in range(tries)]
        parts = min((_parts(folder / f"parts{number}", channels) for number in range(tries)), key=sum)
    listening = min(each[0] for each in took)
    imports, load, store = parts
    return {
        "channels": channel_count,
        "listening_seconds": listening,
        "listening_seconds_worst": max(each[0] for each in took),
        "console_seconds": min(each[1] for each in took),
        "cpu_seconds": min(each[2] for each in took),
        "imports_seconds": imports,
        "load_seconds": load,
        "open_store_seconds": store,
        "interpreter_and_listen_seconds": round(max(0.0, listening - sum(parts)), 2),
    }


def _written(folder: Path, ports: list[int]) -> Path:
    for number, port in enumerate(ports):
        place = folder / f"start_{number:03}"
        place.mkdir(parents=True)
        (place / "channel.py").write_text(CHANNEL.format(name=place.name, port=port), "utf-8")
    return folder


def _once(folder: Path, channels: Path, ports: list[int]) -> tuple[float, float, float]:
    """(seconds to the last listener, seconds to the console, seconds of processor until then)"""
    variables = _variables(folder, channels)
    started = time.perf_counter()
    with spawned(["ayni", "engine", "serve"], variables, folder / "log") as process:
        for port in reversed(ports):  # the last one opened is asked first
            _wait_listening(port)
        listening = time.perf_counter() - started
        wait_healthy(int(variables[DOORS[0]]), process, folder / "log")
        used = Running(process.pid, mllp_port=0, console_port=0).cpu_seconds()
        return round(listening, 2), round(time.perf_counter() - started, 2), round(used, 2)


def _variables(folder: Path, channels: Path) -> dict[str, str]:
    folder.mkdir()
    doors = dict(zip(DOORS, map(str, free_ports(len(DOORS))), strict=True))
    return doors | {"AYNI_VAR": str(folder), "AYNI_CHANNELS": str(channels)}


def _wait_listening(port: int) -> None:
    while not is_listening(port):
        time.sleep(0.005)


def _parts(folder: Path, channels: Path) -> tuple[float, ...]:
    variables = os.environ | _variables(folder, channels)
    done = subprocess.run([sys.executable, "-c", PARTS], env=variables, capture_output=True, check=True)
    return tuple(round(float(each), 2) for each in done.stdout.splitlines()[-1].split())


if __name__ == "__main__":
    (ROOT / "var").mkdir(exist_ok=True)
    print(json.dumps(ready(int(sys.argv[1]) if len(sys.argv) > 1 else 100), indent=2))
