"""What is said at the end is true, and what is to be typed can be typed."""

import os
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ayni.exercise.processes import Processes
from ayni.exercise.systems import ONEVISION, free_ports
from ayni.exercise.watch import command_for, farewell
from ayni.wire.folder_lock import hold
from ayni.wire.serve import bind
from ayni.wire.settings import Environment


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return Environment(free_ports("127.0.0.1") | {"AYNI_VAR": str(tmp_path)})


@pytest.fixture
def taken(environment: Environment) -> Iterator[int]:
    """The record's second port, as long as somebody listens there."""
    port = environment.port("AYNI_ONEVISION_MLLP_PORT")
    with bind("127.0.0.1", port):
        yield port


def test_when_nobody_listens_any_more_all_three_are_stopped(environment: Environment) -> None:
    assert farewell(environment) == "all three are stopped"


def test_a_system_started_elsewhere_is_named_with_what_ends_it(environment: Environment, taken: int) -> None:
    with hold(environment.folder("onevision")):
        said = farewell(environment)
    assert said == (
        "stopped: engine, QHALI\n"
        f"port {taken} of oneVisionCax is held by another process, not started here;"
        f" end it with: kill {os.getpid()}"
    )


def test_of_a_stranger_on_a_port_it_is_said_how_to_find_it(environment: Environment, taken: int) -> None:
    assert farewell(environment).endswith(f"find it with: ss -ltnp 'sport = :{taken}'")


def test_the_command_that_starts_a_system_again_works_in_any_folder_and_with_odd_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here := tmp_path / "it's here").mkdir()
    monkeypatch.chdir(here)
    processes = Processes({"AYNI_VAR": "a $folder", "AYNI_QHALI_PORT": "8001", "AYNI_HOST": ""})
    command = command_for(processes, ONEVISION)
    assert shlex.split(command)[-3:] == ["-m", "ayni", "onevision"]
    shows = command.replace(shlex.join(["-m", "ayni", "onevision"]), "-c 'import os; print(os.environ)'")
    said = subprocess.run(["bash", "-c", shows], capture_output=True, text=True, check=True, cwd="/").stdout
    assert "'AYNI_VAR': 'a $folder'" in said
    assert f"'PWD': {str(here)!r}" in said
    assert "AYNI_HOST" not in command
    assert "AYNI_QHALI_PORT" not in command
