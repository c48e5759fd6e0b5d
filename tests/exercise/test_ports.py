"""A taken port is named before anything is started."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ayni.exercise.systems import PORT_SETTINGS, PortTaken, check_ports, free_ports
from ayni.wire.settings import Environment


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_the_free_ports_are_free_and_all_different() -> None:
    ports = free_ports("127.0.0.1")
    assert set(ports) == set(PORT_SETTINGS)
    assert len(set(ports.values())) == len(PORT_SETTINGS)
    check_ports(Environment(ports))


@pytest.mark.parametrize("setting", PORT_SETTINGS)
def test_a_taken_port_is_named_with_its_option_and_its_variable(setting: str, taken: int) -> None:
    option = "--" + setting.removeprefix("AYNI_").lower().replace("_", "-")
    with pytest.raises(PortTaken) as raised:
        check_ports(Environment(free_ports("127.0.0.1") | {setting: str(taken)}))
    assert str(raised.value) == f"port {taken} is taken: choose another with {option} or {setting}"


def test_one_port_given_to_two_listeners_is_found_out() -> None:
    ports = free_ports("127.0.0.1")
    with pytest.raises(PortTaken, match="AYNI_QHALI_PORT"):
        check_ports(Environment(ports | {"AYNI_QHALI_PORT": ports["AYNI_ENGINE_PORT"]}))


def test_ayni_up_says_it_in_one_line_and_starts_nothing(taken: int, tmp_path: Path) -> None:
    ports = free_ports("127.0.0.1") | {"AYNI_ONEVISION_PORT": str(taken)}
    result = subprocess.run(
        [sys.executable, "-m", "ayni", "up", "--var", str(tmp_path / "var")],
        env=ports,
        capture_output=True,
        text=True,
    )
    assert (result.returncode, result.stdout) == (1, "")
    line = f"Error: port {taken} is taken: choose another with --onevision-port or AYNI_ONEVISION_PORT\n"
    assert result.stderr == line
    assert not (tmp_path / "var").exists()


def test_a_port_that_is_none_is_a_usage_error(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ayni", "up", "--var", str(tmp_path), "--qhali-port", "70000"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 2
    assert "--qhali-port" in result.stderr
