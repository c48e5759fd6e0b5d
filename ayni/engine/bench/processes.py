"""What a measurement starts: the engine, a sink, an echo, each a process of its own on free ports."""

import contextlib
import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ayni.wire.serve import bind

HOST = "127.0.0.1"
START_SECONDS_MAX = 30.0
STOP_SECONDS_MAX = 60.0
"""A stopping engine moves the log of a long run into its file."""
QUEUED = re.compile(rb'^ayni_queue_deliveries\{destination="[^"]*"\} ([0-9.e+]+)$', re.MULTILINE)


class CannotMeasure(Exception):
    """A part of the benchmark did not start or did not answer; the text says which and where to look."""


@dataclass(frozen=True, slots=True)
class Running:
    """An engine at work."""

    pid: int
    mllp_port: int
    console_port: int

    def queued_count(self) -> int:
        """Deliveries that wait, as the engine says it."""
        found = QUEUED.findall(_asked(self.console_port, "/metrics")[1])
        return round(sum(map(float, found)))

    def cpu_seconds(self) -> float:
        """Processor time of the process since its start, the system's for it included."""
        fields = Path(f"/proc/{self.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mb(self) -> float:
        """Memory it has now (VmRSS)."""
        status = Path(f"/proc/{self.pid}/status").read_text("ascii")
        kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
        return round(int(kilobytes) / 1024, 1)


@contextlib.contextmanager
def start_engine(folder: Path, channels: Path, **settings: str) -> Iterator[Running]:
    """An engine of its own with its sink, on free ports, once it is healthy."""
    sink, console, fhir, mllp = free_ports(4)
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
    with peer("sink", sink), spawned(["ayni", "engine", "serve"], variables | settings, log) as process:
        wait_healthy(console, process, log)
        yield Running(process.pid, mllp, console)


@contextlib.contextmanager
def peer(kind: str, port: int) -> Iterator[None]:
    """A sink or an echo in a process of its own, listening."""
    with spawned(["ayni.engine.bench.peers", kind, str(port)], {}, None):
        started = time.monotonic()
        while not is_listening(port):
            if time.monotonic() - started > START_SECONDS_MAX:
                raise CannotMeasure(f"the {kind} did not start")
            time.sleep(0.01)
        yield


@contextlib.contextmanager
def spawned(
    module: list[str], variables: dict[str, str], log: Path | None
) -> Iterator[subprocess.Popen[bytes]]:
    """A Python module as a process that ends with the block."""
    with contextlib.ExitStack() as stack:
        said = stack.enter_context(log.open("wb")) if log else subprocess.DEVNULL
        process = subprocess.Popen(
            [sys.executable, "-m", *module], env=os.environ | variables, stdout=said, stderr=said
        )
        try:
            yield process
        finally:
            _end(process)


def said_by(module: str, *arguments: str) -> bytes:
    """What a Python module prints; raises CannotMeasure when it fails."""
    done = subprocess.run([sys.executable, "-m", module, *arguments], capture_output=True, check=False)
    if done.returncode:
        raise CannotMeasure(f"{module} failed: {done.stderr.decode(errors='replace').strip()[-300:]}")
    return done.stdout


def _end(process: subprocess.Popen[bytes]) -> None:
    """Asks it to stop, and kills it when it does not: a benchmark must end by itself."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_healthy(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Returns once `/health` on this port answers 200; raises CannotMeasure with what the engine said."""
    started = time.monotonic()
    while not _is_healthy(port):
        if process.poll() is not None or time.monotonic() - started > START_SECONDS_MAX:
            said = log.read_text("utf-8", "replace").strip()[-300:]
            raise CannotMeasure(f"the engine did not become ready: {said}")
        time.sleep(0.01)


def _is_healthy(port: int) -> bool:
    try:
        return _asked(port, "/health")[0] == http.HTTPStatus.OK
    except OSError:
        return False


def _asked(port: int, path: str) -> tuple[int, bytes]:
    """(status, body) of a GET"""
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def is_listening(port: int) -> bool:
    """Whether somebody takes connections there."""
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now, all different: they are held together before any is let go."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(bind(HOST, 0)) for _ in range(count)]
        return [int(each.getsockname()[1]) for each in sockets]
