"""Runs one cell and its limits in the same minute: the machine is as busy for one as for the others."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from ayni.wire.serve import bind

HOST = "127.0.0.1"
START_SECONDS_MAX = 30.0
STOP_SECONDS_MAX = 20.0
LIMIT_SECONDS = 3.0
"""Enough for a figure of a limit; the cell itself is measured longer."""
CHANNELS = Path("benchmarks/channels")

Say = Callable[[str], None]


class CannotMeasure(Exception):
    """A part of the benchmark did not start; the text says which and where to look."""


def cell(
    connections: int, seconds: float, *, channels: Path = CHANNELS, say: Say = lambda _: None
) -> dict[str, Any]:
    """MLLP → transform → MLLP at so many connections, with the echo and the store alone beside it."""
    with tempfile.TemporaryDirectory(prefix="ayni-bench-") as name:
        folder = Path(name)
        say("MLLP echo without a store")
        echo = _echo(connections)
        say("store alone")
        store = float(_python("ayni.engine.bench.store_only", name, str(connections), str(LIMIT_SECONDS)))
        say("engine")
        with start_engine(folder, channels) as running:
            found = loaded(running.mllp_port, connections, seconds)
        if found["wrong"]:
            raise CannotMeasure(f"{found['wrong']} answers were not AA to their message")
    return {
        "connections": connections,
        "messages_per_second": found["per_second"],
        "p50_ms": found["p50_ms"],
        "p99_ms": found["p99_ms"],
        "echo_per_second": echo,
        "store_per_second": store,
        "ratio_to_echo": round(found["per_second"] / echo, 3) if echo else 0.0,
    }


def loaded(port: int, connections: int, seconds: float) -> dict[str, float]:
    """The figures of a load on a port."""
    said = _python("ayni.engine.bench.load", str(port), str(connections), str(seconds))
    found: dict[str, float] = msgspec.json.decode(said)
    return found


def _echo(connections: int) -> float:
    port = free_port()
    with peer("echo", port):
        return loaded(port, connections, LIMIT_SECONDS)["per_second"]


@dataclass(frozen=True, slots=True)
class Running:
    """An engine at work: its process and the port of its MLLP listener."""

    pid: int
    mllp_port: int


@contextlib.contextmanager
def start_engine(folder: Path, channels: Path, **settings: str) -> Iterator[Running]:
    """An engine of its own with its sink, on free ports, once it is healthy."""
    sink, console, fhir, mllp = (free_port() for _ in range(4))
    variables = {
        "AYNI_VAR": str(folder),
        "AYNI_CHANNELS": str(channels),
        "AYNI_ENGINE_PORT": str(console),
        "AYNI_ENGINE_FHIR_PORT": str(fhir),
        "AYNI_ENGINE_MLLP_PORT": str(mllp),
        "BENCH_SINK": f"{HOST}:{sink}",
        "AYNI_PROCESSING_ID": "P",
    }
    log = folder / "log"
    with peer("sink", sink), _running(["ayni", "engine", "serve"], variables | settings, log) as process:
        wait_healthy(console, process, log)
        yield Running(process.pid, mllp)


def wait_healthy(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Returns once `/health` on this port answers 200; raises CannotMeasure with what the engine said."""
    started = time.monotonic()
    while not _is_healthy(port):
        if process.poll() is not None or time.monotonic() - started > START_SECONDS_MAX:
            said = log.read_text("utf-8", "replace").strip()[-300:]
            raise CannotMeasure(f"the engine did not become ready: {said}")
        time.sleep(0.01)


def _is_healthy(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def free_port() -> int:
    """A port that nobody listens on now."""
    with bind(HOST, 0) as listener:
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def peer(kind: str, port: int) -> Iterator[None]:
    """A sink or an echo in a process of its own, listening."""
    with _running(["ayni.engine.bench.peers", kind, str(port)], {}, None):
        started = time.monotonic()
        while True:
            with contextlib.suppress(OSError), contextlib.closing(_connected(port)):
                break
            if time.monotonic() - started > START_SECONDS_MAX:
                raise CannotMeasure(f"the {kind} did not start")
            time.sleep(0.01)
        yield


def _connected(port: int) -> socket.socket:
    return socket.create_connection((HOST, port), timeout=1)


@contextlib.contextmanager
def _running(
    module: list[str], variables: dict[str, str], log: Path | None
) -> Iterator[subprocess.Popen[bytes]]:
    with contextlib.ExitStack() as stack:
        said = stack.enter_context(log.open("wb")) if log else subprocess.DEVNULL
        process = subprocess.Popen(
            [sys.executable, "-m", *module], env=os.environ | variables, stdout=said, stderr=said
        )
        try:
            yield process
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Asks it to stop, and kills it when it does not: a benchmark must end by itself."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _python(module: str, *arguments: str) -> bytes:
    done = subprocess.run([sys.executable, "-m", module, *arguments], capture_output=True, check=False)
    if done.returncode:
        raise CannotMeasure(f"{module} failed: {done.stderr.decode(errors='replace').strip()[-300:]}")
    return done.stdout
