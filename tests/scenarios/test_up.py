"""`ayni up`: three processes that are there until Ctrl-C, and gone after it."""

import http.client
import os
import re
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ayni.exercise.systems import check_ports, free_ports
from ayni.exercise.waiting import wait_for
from ayni.wire.settings import Environment

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS_MAX = 120
STOP_SECONDS_MAX = 40


def is_healthy(port: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=2)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


class Up:
    """`ayni up` as a process, with what it has said so far."""

    def __init__(self, variables: dict[str, str]) -> None:
        self.variables = variables
        self.lines: list[str] = []
        self._said_all = threading.Event()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ayni", "up"],
            env=os.environ | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self.lines.append(line)
            if "Ctrl-C stops" in line:
                self._said_all.set()
        self._said_all.set()

    def wait_ready(self) -> None:
        assert self._said_all.wait(READY_SECONDS_MAX)
        assert self._process.poll() is None, "".join(self.lines)

    def end(self, number: signal.Signals) -> int:
        self._process.send_signal(number)
        return self.wait_ended()

    def wait_ended(self) -> int:
        return self._process.wait(STOP_SECONDS_MAX)

    def told(self, pattern: str) -> str:
        """What the first group of a pattern matched in what it said, as soon as it says it."""
        wait_for(pattern, lambda: re.search(pattern, "".join(self.lines)) is not None)
        found = re.search(pattern, "".join(self.lines))
        return found[1] if found else ""

    def children(self) -> list[int]:
        pid = self._process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def close(self) -> None:
        if self._process.poll() is None:
            self.end(signal.SIGTERM)
        self._reader.join()


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("var")


@pytest.fixture
def up(var: Path) -> Iterator[Up]:
    running = Up(free_ports("127.0.0.1") | {"AYNI_VAR": str(var)})
    yield running
    running.close()


def test_it_starts_three_processes_and_ctrl_c_stops_them_all(up: Up) -> None:
    up.wait_ready()
    children = up.children()
    assert len(children) == 3
    assert up.end(signal.SIGINT) == 0
    assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []
    check_ports(Environment(up.variables))


def test_it_says_where_everything_is(up: Up, var: Path) -> None:
    up.wait_ready()
    said = "".join(up.lines)
    for port in ("AYNI_QHALI_PORT", "AYNI_ONEVISION_PORT", "AYNI_ENGINE_PORT"):
        assert f"http://127.0.0.1:{up.variables[port]}" in said
    for account_file in (var / "onevision/demo-accounts.txt", var / "engine/operator-account.txt"):
        assert str(account_file) in said
        assert stat.S_IMODE(account_file.stat().st_mode) == 0o600


def test_each_system_keeps_its_own_folder_and_secrets_are_private(up: Up, var: Path) -> None:
    up.wait_ready()
    assert {path.name for path in var.iterdir()} == {"qhali", "onevision", "engine", "tokens"}
    tokens = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (var / "tokens").iterdir()}
    assert tokens == {"qhali-to-engine": 0o600, "engine-to-qhali": 0o600}


def test_when_one_system_ends_the_others_go_on_and_it_can_be_started_again_as_told(up: Up) -> None:
    up.wait_ready()
    engine, *others = up.children()
    os.kill(engine, signal.SIGKILL)
    command = up.told(r"start it again in another terminal: (.*)")
    assert all(Path(f"/proc/{pid}").exists() for pid in others)
    again = subprocess.Popen(["env", *command.split()], cwd=ROOT)
    try:
        wait_for("the engine to be healthy again", lambda: is_healthy(up.variables["AYNI_ENGINE_PORT"]))
    finally:
        again.terminate()
        again.wait(STOP_SECONDS_MAX)


def test_when_none_is_left_it_ends_with_the_log_to_read(up: Up) -> None:
    up.wait_ready()
    for child in up.children():
        os.kill(child, signal.SIGKILL)
    assert up.wait_ended() == 1
    up.close()
    assert re.search(r"ended by itself .* see .*log\.jsonl", "".join(up.lines))
