"""Named places end the process where a test asks for it, and are nothing anywhere else."""

import ast
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ayni.engine.failpoint import NAMES

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "from ayni.engine.failpoint import failpoint\nfor _ in range(3): failpoint('committed')"


def status(**variables: str) -> int:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AYNI_")}
    command = [sys.executable, "-c", PROGRAM]
    return subprocess.run(command, cwd=ROOT, env=environment | variables, check=False).returncode


@pytest.mark.parametrize(
    ("asked", "processing_id", "ends"),
    [
        ("committed", "", True),
        ("committed:3", "T", True),
        ("committed:4", "T", False),
        ("told", "T", False),
        ("", "T", False),
        ("committed", "P", False),
        ("committed:nonsense", "P", False),
    ],
)
def test_a_place_ends_the_process_only_where_a_test_asks(asked: str, processing_id: str, ends: bool) -> None:
    found = status(AYNI_FAILPOINT=asked, AYNI_PROCESSING_ID=processing_id)
    assert found == (-signal.SIGKILL if ends else 0)


def test_every_place_that_is_named_is_in_the_engine_and_no_other() -> None:
    trees = [ast.parse(path.read_text("utf-8")) for path in (ROOT / "ayni" / "engine").glob("*.py")]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    reached = [
        constant.value
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "failpoint"
        for constant in ast.walk(call.args[0])
        if isinstance(constant, ast.Constant)
    ]
    assert sorted(reached) == sorted(NAMES)
