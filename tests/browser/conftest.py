"""Real windows on the real exercise: the three systems as processes, the system's Chromium."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from ayni.exercise.processes import Processes
from ayni.exercise.systems import free_ports
from tests.browser.citizen import phone

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
"""Chromium asks its maker's hosts for nothing, and starts as root too."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium; missing, it skips at home and fails in CI."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing: make setup installs it as root")
        pytest.skip("Chromium is missing: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def exercise(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    """The three systems, started for these tests alone."""
    folder = tmp_path_factory.mktemp("exercise")
    settings = {
        "AYNI_VAR": str(folder),
        "AYNI_CHANNELS": str(ROOT / "channels"),
        "AYNI_LINK_PROBE_SECONDS": "1",
        "AYNI_LINK_PROBE_SECONDS_MAX": "1",
    }
    with Processes(settings | free_ports(HOST)) as processes:
        processes.start(ready=lambda system, seconds: None)
        yield processes


@pytest.fixture(scope="session")
def url(exercise: Processes) -> str:
    """Where citizens open QHALI."""
    return f"http://{HOST}:{exercise.variables['AYNI_QHALI_PORT']}"


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A phone that nobody has used before."""
    opened = phone(chromium)
    yield opened
    opened.close()
