"""`ayni up`: three processes that are there until Ctrl-C, and gone after it."""

import fcntl
import http.client
import os
import pty
import re
import signal
import stat
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ayni.exercise.systems import check_ports, free_ports
from ayni.exercise.waiting import wait_for
from ayni.wire.settings import Environment

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


def _take_terminal() -> None:
    if os.isatty(0):
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Up:
    """`ayni up` as a process of its own terminal, with what it has said so far."""

    def __init__(self, variables: dict[str, str], keyboard: int) -> None:
        self.variables = variables
        self.lines: list[str] = []
        self._said_all = threading.Event()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ayni", "up"],
            env=os.environ | variables,
            stdin=keyboard,
            stdout=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=_take_terminal,
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

    def told(self, pattern: str, times: int = 1) -> str:
        """What the group of a pattern matched in what it said, as soon as it has said it so many times."""
        wait_for(pattern, lambda: len(re.findall(pattern, "".join(self.lines))) >= times)
        return str(re.findall(pattern, "".join(self.lines))[-1])

    def children(self) -> list[int]:
        pid = self._process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def close(self) -> None:
        if self._process.poll() is None:
            self.end(signal.SIGTERM)
        self._reader.join()


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("var with spaces")


@pytest.fixture
def up(var: Path) -> Iterator[Up]:
    running = Up(free_ports("127.0.0.1") | {"AYNI_VAR": str(var)}, subprocess.DEVNULL)
    yield running
    running.close()


@pytest.fixture
def keyboard() -> Iterator[tuple[int, int]]:
    """Where a person types, and where a program reads it."""
    person, program = pty.openpty()
    yield person, program
    os.close(person)
    os.close(program)


@pytest.fixture
def up_at_terminal(var: Path, keyboard: tuple[int, int]) -> Iterator[Up]:
    running = Up(free_ports("127.0.0.1") | {"AYNI_VAR": str(var)}, keyboard[1])
    yield running
    running.close()


def test_it_starts_three_processes_and_ctrl_c_stops_them_all(up: Up) -> None:
    up.wait_ready()
    children = up.children()
    assert len(children) == 3
    assert up.end(signal.SIGINT) == 0
    assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []
    check_ports(Environment(up.variables))
    up.close()
    assert up.lines[-1] == "all three are stopped\n"


def test_a_link_that_was_dead_is_tried_again_while_one_looks_on(up: Up) -> None:
    up.wait_ready()
    for pid in up.children():
        assert b"AYNI_LINK_PROBE_SECONDS_MAX=15\0" in Path(f"/proc/{pid}/environ").read_bytes()


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
    assert tokens == dict.fromkeys(("qhali-to-engine", "engine-to-qhali", "questionnaire"), 0o600)


def test_a_system_started_again_elsewhere_as_told_is_left_running_and_named_at_the_end(up: Up) -> None:
    up.wait_ready()
    engine, *others = up.children()
    os.kill(engine, signal.SIGKILL)
    command = up.told(r"start it again in another terminal: (.*)")
    assert all(Path(f"/proc/{pid}").exists() for pid in others)
    again = subprocess.Popen(["bash", "-c", command], cwd="/")
    try:
        wait_for("the engine to be healthy again", lambda: is_healthy(up.variables["AYNI_ENGINE_PORT"]))
        assert up.end(signal.SIGINT) == 0
        up.close()
        assert "stopped: oneVisionCax, QHALI\n" in up.lines
        os.kill(
            int(up.told(r"of engine is held by another process.* end it with: kill (\d+)")), signal.SIGTERM
        )
    finally:
        again.wait(STOP_SECONDS_MAX)


def test_enter_starts_an_ended_system_again_and_its_next_end_is_told_too(
    up_at_terminal: Up, keyboard: tuple[int, int]
) -> None:
    up = up_at_terminal
    up.wait_ready()
    for times in (1, 2):
        os.kill(int(up.told(r"oneVisionCax is ready .* process (\d+)", times)), signal.SIGKILL)
        up.told("(oneVisionCax ended)", times)
        up.told("(press Enter to start it again)", times)
        os.write(keyboard[0], b"\n")
    up.told(r"(oneVisionCax is ready)", 3)
    assert is_healthy(up.variables["AYNI_ONEVISION_PORT"])
    assert up.end(signal.SIGINT) == 0


def test_ctrl_c_is_heard_while_it_waits_for_a_key(up_at_terminal: Up, keyboard: tuple[int, int]) -> None:
    up_at_terminal.wait_ready()
    os.write(keyboard[0], b"\x03")
    assert up_at_terminal.wait_ended() == 0


def test_two_runs_on_the_same_data_are_refused_and_the_first_goes_on(up: Up, var: Path) -> None:
    up.wait_ready()
    engine = up.children()[0]
    second = refused({"AYNI_VAR": str(var)})
    line = f"the data folder {var / 'engine'} is in use by process {engine}: end that one or choose another"
    assert line in second
    assert is_healthy(up.variables["AYNI_ENGINE_PORT"])


@pytest.mark.parametrize(
    ("setting", "value", "line"),
    [
        ("AYNI_HOST", "192.0.2.1", "Error: cannot listen on 192.0.2.1, port"),
        ("AYNI_VAR", "/etc/passwd", "Error: cannot use the data folder /etc/passwd/engine"),
        ("AYNI_LINK_PROBE_SECONDS_MAX", "x", "AYNI_LINK_PROBE_SECONDS_MAX='x': write a number"),
        ("AYNI_PROCESSING_ID", "X", "ended by itself (exit code 1): AYNI_PROCESSING_ID='X': write T"),
        ("AYNI_ONEVISION_MLLP", "foo", "='foo': write host:port; see "),
        (
            "AYNI_ENGINE_FHIR_URL",
            "foo",
            "QHALI ended by itself (exit code 1): AYNI_ENGINE_FHIR_URL='foo': write",
        ),
        ("AYNI_CHANNELS", "/nonexistent", "engine ended by itself (exit code 1): "),
        ("AYNI_CLOCK", "/", "ended by itself (exit code 1): AYNI_CLOCK: write a number of seconds"),
    ],
)
def test_a_setting_that_cannot_be_used_is_said_in_one_line(
    setting: str, value: str, line: str, tmp_path: Path
) -> None:
    said = refused({"AYNI_VAR": str(tmp_path)} | {setting: value})
    assert line in said
    assert "Traceback" not in said


def refused(variables: dict[str, str]) -> str:
    """What a run says that does not get ready."""
    command = [sys.executable, "-m", "ayni", "up"]
    environment = os.environ | free_ports("127.0.0.1") | variables
    ran = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=READY_SECONDS_MAX, check=False
    )
    assert ran.returncode in (1, 2)
    return ran.stdout + ran.stderr


def test_when_none_is_left_it_ends_with_the_log_to_read(up: Up) -> None:
    up.wait_ready()
    for child in up.children():
        os.kill(child, signal.SIGKILL)
    assert up.wait_ended() == 1
    up.close()
    assert re.search(r"ended by itself .* see .*log\.jsonl", "".join(up.lines))
