"""QHALI as its own process, started as the exercise starts it."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from ayni.wire.serve import bind

COMMAND = [sys.executable, "-c", "from ayni.qhali.process import main; main()"]


def start(folder: Path, port: int, **settings: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {"AYNI_VAR": str(folder), "AYNI_QHALI_PORT": str(port)} | settings
    return subprocess.Popen(COMMAND, env=environment, stderr=subprocess.PIPE)


def free_port() -> int:
    listener = bind("127.0.0.1", 0)
    with listener:
        return int(listener.getsockname()[1])


def health(port: int) -> dict[str, object]:
    for _ in range(100):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
                return dict(json.loads(answer.read()))
        except OSError:
            time.sleep(0.1)
    raise AssertionError("QHALI did not start")


def test_it_starts_keeps_its_secrets_to_itself_and_stops_on_sigterm(tmp_path: Path) -> None:
    port = free_port()
    process = start(tmp_path, port)
    try:
        assert health(port)["healthy"] is True
        for name in (
            "qhali/qhali.sqlite",
            "qhali/sessions.sqlite",
            "qhali/secret-key",
            "tokens/engine-to-qhali",
        ):
            assert (tmp_path / name).stat().st_mode & 0o077 == 0, name
    finally:
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=10)
    assert process.returncode == 0
    assert all(json.loads(line)["system"] == "qhali" for line in log.splitlines())


def test_a_taken_port_is_one_line_that_names_it(tmp_path: Path) -> None:
    with bind("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        process = start(tmp_path, port)
        _, log = process.communicate(timeout=20)
    assert process.returncode == 1
    (line,) = log.decode().splitlines()
    assert str(port) in line
