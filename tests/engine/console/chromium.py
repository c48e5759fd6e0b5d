"""One Chromium for all tests of a run; each test has a window with cookies of its own."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-sync",
    "--no-first-run",
    "--remote-debugging-port=0",
)
START_SECONDS = 30
LINES = 2


@contextmanager
def running_chromium(folder: Path) -> Iterator[str]:
    """The DevTools address of a Chromium; missing, it skips at home and fails in CI."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing: make setup installs it as root")
        pytest.skip("Chromium is missing: apt-get install chromium")
    command = [path, *FLAGS, f"--user-data-dir={folder}", "about:blank"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            port, socket_path = _said(folder / "DevToolsActivePort")
            yield f"ws://127.0.0.1:{port}{socket_path}"
        finally:
            process.terminate()


def _said(file: Path) -> list[str]:
    """What Chromium writes once it listens: its port and the path of its socket."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if file.exists() and len(lines := file.read_text("ascii").split()) == LINES:
            return lines
        time.sleep(0.02)
    pytest.fail("Chromium did not start")
