"""The code of the engine as data, for tests about what must not stand in it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ROOMS = ("engine", "wire", "vocabulary", "fhirserver")
"""What runs in the engine's process, and what it could come to run; the channels beside them."""


@cache
def trees() -> dict[str, ast.Module]:
    """Every module by its path."""
    folders = (*(ROOT / "ayni" / room for room in ROOMS), ROOT / "channels")
    paths = (path for folder in folders for path in sorted(folder.rglob("*.py")))
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text("utf-8")) for path in paths}


def imports() -> Iterator[tuple[str, str]]:
    """(path, module) of every import."""
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from ((path, each.name) for each in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield path, node.module or ""


def calls() -> Iterator[tuple[str, ast.Call, str]]:
    """(path, call, what is called) of every call by a plain or dotted name."""
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield path, node, ast.unparse(node.func)
