"""Processes are started, watched and stopped; here the system is a small program that behaves as told."""

import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ayni.exercise.processes import Process, SystemFailed
from ayni.exercise.systems import QHALI, System, free_ports
from ayni.wire.folder_lock import FolderUnusable

HEALTHY = """
    import http.server, os, signal, sys
    class Health(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/health" else 404)
            self.end_headers()
        def log_message(self, *_): pass
    server = http.server.HTTPServer(("127.0.0.1", int(os.environ["AYNI_QHALI_PORT"])), Health)
"""
ENDS_WHEN_ASKED = HEALTHY + "    print('serving', flush=True)\n    server.serve_forever()\n"
NEVER_ENDS = HEALTHY + "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n    server.serve_forever()\n"
ENDS_BY_ITSELF = "    raise SystemExit('no database')\n"
SAYS_WHY = "    print('{}', flush=True)\n    raise SystemExit('ayni: AYNI_CLOCK: write a number')\n"

Start = Callable[[str], Process]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Process] = []

    def start_program(program: str) -> Process:
        command = (sys.executable, "-c", textwrap.dedent(program))
        system = System(name="qhali", title="QHALI", command=command, ports=("AYNI_QHALI_PORT",))
        process = Process(system, free_ports("127.0.0.1") | {"AYNI_VAR": str(tmp_path)})
        process.start()
        started.append(process)
        return process

    yield start_program
    for process in started:
        process.kill()


def test_a_system_is_ready_once_its_health_answers(start: Start) -> None:
    process = start(ENDS_WHEN_ASKED)
    process.wait_ready()
    assert process.is_running
    process.check()


def test_what_it_says_is_in_its_log(start: Start, tmp_path: Path) -> None:
    process = start(ENDS_WHEN_ASKED)
    process.wait_ready()
    assert process.log == tmp_path / "qhali" / "log.jsonl"
    assert process.log.read_text("utf-8") == "serving\n"


def test_a_system_that_ends_by_itself_is_noticed_and_its_log_named(start: Start, tmp_path: Path) -> None:
    with pytest.raises(SystemFailed, match=r"QHALI ended by itself \(exit code 1\); see .*/qhali/log.jsonl"):
        start(ENDS_BY_ITSELF).wait_ready()
    assert (tmp_path / "qhali" / "log.jsonl").read_text("utf-8") == "no database\n"


def test_the_line_in_which_it_says_why_it_ended_is_told(start: Start) -> None:
    line = r"ended by itself \(exit code 1\): AYNI_CLOCK: write a number; see .*/log.jsonl"
    with pytest.raises(SystemFailed, match=line):
        start(SAYS_WHY).wait_ready()


def test_what_it_said_at_an_earlier_start_is_not_told_again(start: Start) -> None:
    with pytest.raises(SystemFailed):
        start(SAYS_WHY).wait_ready()
    with pytest.raises(SystemFailed, match=r"ended by itself \(exit code 1\); see"):
        start(ENDS_BY_ITSELF).wait_ready()


def test_a_log_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    process = Process(QHALI, free_ports("127.0.0.1") | {"AYNI_VAR": str(tmp_path / "file")})
    with pytest.raises(FolderUnusable, match=r"/file/qhali \(Not a directory\): choose another AYNI_VAR"):
        process.start()


def test_a_system_that_was_started_elsewhere_is_up_and_not_ours(start: Start) -> None:
    elsewhere = start(ENDS_WHEN_ASKED)
    elsewhere.wait_ready()
    ours = Process(elsewhere.system, elsewhere.variables)
    assert (ours.is_up, ours.is_running) == (True, False)
    elsewhere.kill()
    assert not ours.is_up


def test_a_system_that_never_gets_ready_is_given_up(start: Start) -> None:
    with pytest.raises(SystemFailed, match="was not ready after 0 s"):
        start("    import time; time.sleep(60)\n").wait_ready(seconds=0.3)


def test_asked_to_stop_it_stops_and_may_be_started_again(start: Start) -> None:
    process = start(ENDS_WHEN_ASKED)
    process.wait_ready()
    first = process.pid
    process.stop()
    assert not process.is_running
    process.start()
    process.wait_ready()
    assert process.pid != first


def test_a_system_that_does_not_stop_in_time_is_killed(start: Start) -> None:
    process = start(NEVER_ENDS)
    process.wait_ready()
    process.stop(seconds=0.3)
    assert not process.is_running
