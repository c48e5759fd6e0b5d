"""How long until an engine with many channels takes messages."""

import tempfile
import time
from pathlib import Path
from typing import Any

from ayni.engine.bench.cell import free_port, start_engine

ROOT = Path(__file__).resolve().parent.parent
TRIES = 5
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


def ready_seconds(channel_count: int) -> dict[str, Any]:
    """Seconds from starting the process to a healthy answer, each channel with a listener of its own."""
    with tempfile.TemporaryDirectory(dir=ROOT / "var") as name:
        channels = _written(Path(name) / "channels", channel_count)
        took = [_once(Path(name) / str(number), channels) for number in range(TRIES)]
    return {"channels": channel_count, "seconds_best": min(took), "seconds_worst": max(took)}


def _written(folder: Path, count: int) -> Path:
    for number in range(count):
        place = folder / f"start_{number:03}"
        place.mkdir(parents=True)
        (place / "channel.py").write_text(CHANNEL.format(name=place.name, port=free_port()), "utf-8")
    return folder


def _once(folder: Path, channels: Path) -> float:
    folder.mkdir()
    started = time.perf_counter()
    with start_engine(folder, channels):
        return round(time.perf_counter() - started, 2)
