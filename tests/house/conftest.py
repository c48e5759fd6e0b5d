"""The repository as data: its root, its Python sources and what git tracks."""

import ast
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("ayni", "channels", "tests", "benchmarks", "evaluations")


@cache
def _sources() -> dict[Path, ast.Module]:
    paths = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    return {path.relative_to(ROOT): ast.parse(path.read_text("utf-8")) for path in paths}


@cache
def _tracked() -> tuple[Path, ...]:
    # Files not yet added are in: a name must not slip in with the next commit.
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return tuple(ROOT / name for name in names if name and (ROOT / name).is_file())


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def sources() -> dict[Path, ast.Module]:
    """Syntax trees of every Python file, by path from the root."""
    return _sources()


@pytest.fixture(scope="session")
def tracked() -> tuple[Path, ...]:
    """Every file of the repository that git tracks or is about to."""
    return _tracked()
