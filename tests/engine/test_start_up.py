"""What a starting engine imports: only what its channels need, and the console's code once they listen.

Modules are counted and not milliseconds: a count is the same on a busy machine. `benchmarks/startup.py` has
the milliseconds.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from .test_process import free_ports

NEVER = {"aiohttp", "rich", "asyncssh", "cryptography", "psycopg", "aiosmtplib", "opentelemetry", "django"}
"""A tenth of a second or more each, and nothing that an engine of MLLP channels does needs one of them."""
AFTERWARDS = {
    "jinja2",
    "starlette",
    "uvicorn",
    "prometheus_client",
    "itsdangerous",
    "ayni.engine.console.app",
}
"""The console's: it may come a moment after the listeners."""

CHANNEL = """
from ayni.engine import Channel, Destination, Outgoing
from ayni.engine.connectors.mllp import MllpListener, MllpSender


def transform(message):
    return Outgoing(content=message.encode(), control_id=message.control_id, key="one")


to = MllpSender(address="127.0.0.1:9")
channel = Channel(
    name="plain",
    title="Plain",
    source=MllpListener(port="${PLAIN_PORT}"),
    destinations=(Destination(partner="away", connector=to, transform=transform),),
)
"""

WATCHED = """
import json, signal, socket, sys, threading, time, urllib.request

console, mllp = map(int, sys.argv[1:])
sys.argv = ["ayni", "engine", "serve"]
said = {}


def imported():
    return sorted(name for name, module in sys.modules.items() if module is not None)


class Looked:
    def find_spec(name, path, target=None):
        if name == "ayni.engine.console.app":
            socket.create_connection(("127.0.0.1", mllp)).close()
            said["listening"] = imported()


def ask():
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{console}/health").read()
            break
        except OSError:
            time.sleep(0.02)
    said["ready"] = imported()
    print(json.dumps(said), flush=True)
    signal.raise_signal(signal.SIGTERM)


sys.meta_path.insert(0, Looked)
threading.Thread(target=ask, daemon=True).start()
from ayni.__main__ import main

main()
"""
"""Runs the engine and says what it has imported when it first looks for the console's code, by when the
channel must listen, and when the console answers."""


def modules_of_a_plain_engine(folder: Path) -> dict[str, set[str]]:
    """What a real `ayni engine serve` has imported once its channels listen, and once its console answers."""
    (folder / "channels" / "plain").mkdir(parents=True)
    (folder / "channels" / "plain" / "channel.py").write_text(CHANNEL, "utf-8")
    plain, console, *others = free_ports(4)
    names = ("AYNI_ENGINE_PORT", "AYNI_ENGINE_FHIR_PORT", "AYNI_ENGINE_MLLP_PORT")
    settings = dict(zip(names, map(str, (console, *others)), strict=True))
    settings |= {"AYNI_VAR": str(folder / "var"), "AYNI_CHANNELS": str(folder / "channels")}
    settings |= {"PLAIN_PORT": str(plain)}
    command = [sys.executable, "-c", WATCHED, str(console), str(plain)]
    done = subprocess.run(
        command, env=os.environ | settings, capture_output=True, text=True, timeout=30, check=True
    )
    return {name: set(modules) for name, modules in json.loads(done.stdout).items()}


def test_a_plain_engine_imports_what_it_needs_when_it_needs_it(tmp_path: Path) -> None:
    modules = modules_of_a_plain_engine(tmp_path)
    assert "ayni.engine.connectors.mllp" in modules["listening"]
    assert modules["listening"] & (NEVER | AFTERWARDS) == set()
    assert modules["ready"] >= AFTERWARDS
    assert modules["ready"] & NEVER == set()
