"""Breaking copies of the engine, one way at a time, to see that a short test notices each.

The copy is in a temporary folder; the tree is never touched. When the engine has changed so that the text of
a mutation is gone, that is a finding too.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from chaos.defects import MUTATIONS, Mutation
from chaos.outcome import Outcome

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("ayni", "channels", "chaos", "tests")
SECONDS_MAX = 900
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


class NotRun(Exception):
    """The engine has changed so that the text of a mutation is gone, or the tests did not run at all."""


def run(outcome: Outcome, only: str = "") -> None:
    """Every mutation whose name has this part, if the tests pass without one."""
    chosen = [each for each in MUTATIONS if only in each.name]
    if failing := _caught_by(Mutation("none", "pyproject.toml", "", "", _tests(chosen))):
        outcome.find("mutations", [f"fails without any: {', '.join(failing)}"])
        return
    for mutation in chosen:
        if outcome.is_over:
            break
        try:
            caught = _caught_by(mutation)
        except NotRun as error:
            outcome.find("mutations", [str(error)])
            continue
        outcome.say(f"{mutation.name}: {', '.join(caught) or 'NOT NOTICED'}")
        outcome.did(f"{mutation.name}: noticed by {', '.join(caught) or 'nobody'}")
        if not caught:
            outcome.find("mutations", [f"{mutation.name}: no test noticed"])


def _tests(mutations: list[Mutation]) -> tuple[str, ...]:
    return tuple(sorted({test for each in mutations for test in each.tests}))


def _caught_by(mutation: Mutation) -> list[str]:
    """The tests that fail where the copy is broken like that."""
    with tempfile.TemporaryDirectory(prefix="chaos-mutation-") as folder:
        copy = Path(folder)
        for room in ROOMS:
            shutil.copytree(ROOT / room, copy / room, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", copy)
        _apply(mutation, copy / mutation.file)
        return _failing(copy, [f"tests/{each}" for each in mutation.tests])


def _apply(mutation: Mutation, path: Path) -> None:
    text = path.read_text("utf-8")
    if not mutation.old:
        return
    if text.count(mutation.old) != 1:
        raise NotRun(f"{mutation.name}: its text stands {text.count(mutation.old)} times in {mutation.file}")
    path.write_text(text.replace(mutation.old, mutation.new), "utf-8")


def _failing(copy: Path, tests: list[str]) -> list[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(  # noqa: S603
        command,
        cwd=copy,
        env=os.environ | {"PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_MAX,
    )
    found = [each.rpartition("::")[2] for each in FAILED.findall(done.stdout)]
    if done.returncode and not found:
        raise NotRun("\n".join((done.stdout + done.stderr).splitlines()[-10:]))
    return found
