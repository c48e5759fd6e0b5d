"""Breaking copies of the engine, one way at a time, to see that a short test notices each.

The copy is in a temporary folder; the tree is never touched. A mutation is a text that stands in a file
exactly once and what stands there instead: when the engine has changed so that the text is gone, that is a
finding too.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from chaos.outcome import Outcome

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("ayni", "channels", "chaos", "tests")
SECONDS_MAX = 900
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Mutation:
    """One defect, and the tests that are asked about it."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


class NotRun(Exception):
    """The engine has changed so that the text of a mutation is gone, or the tests did not run at all."""


KILLS, CUTS = "test_kills.py", "test_power_cuts.py::test_fifty_power_cuts_leave_every_promise_kept"
DISK, PEERS, LEASES = "test_failing_disk.py", "test_lying_peers.py", "test_leases.py"

MUTATIONS = (
    Mutation(
        "answers before the commit",
        "ayni/engine/writing.py",
        "        self._to_sync.put(_Group(changes, is_open))\n",
        "        self._to_sync.put(_Group(changes, is_open))\n        _tell(changes)\n",
        (CUTS,),
    ),
    Mutation(
        "synchronous = normal",
        "ayni/wire/database.py",
        '    if (mode, synchronous) != ("wal", FULL):\n',
        '    connection.execute("pragma synchronous = normal")\n'
        '    if (mode, synchronous) != ("wal", FULL):\n',
        (CUTS,),
    ),
    Mutation(
        "a repeated message is a new one",
        "ayni/engine/store/messages.py",
        '    found = tx.one("insert_message", *_values(message))\n',
        "    from dataclasses import replace\n"
        "    message = replace(message, is_keyed=False)\n"
        '    found = tx.one("insert_message", *_values(message))\n',
        (KILLS,),
    ),
    Mutation(
        "settles without looking at its token",
        "ayni/engine/store/statements.sql",
        "waiting_count - ?, due_at = ?\n where id = ? and token = ? and owner is not null;",
        "waiting_count - ?, due_at = ?\n where id = ? and ? >= 0;",
        (LEASES,),
    ),
    Mutation(
        "forgets the order of a lane",
        "ayni/engine/store/statements.sql",
        "order by place.number limit 1",
        "order by place.number desc limit 1",
        (KILLS,),
    ),
    Mutation(
        "takes a failed commit for a good one",
        "ayni/engine/writing.py",
        '            self._undo(changes, error)\n            return False\n        failpoint("committed")\n',
        '            self._database.rollback()\n        failpoint("committed")\n',
        (DISK,),
    ),
    Mutation(
        "goes on after a sync that failed",
        "ayni/engine/writing.py",
        "            end_at_once(error)\n",
        "            pass\n",
        (DISK,),
    ),
    Mutation(
        "takes any answer for a yes",
        "ayni/wire/hl7_link.py",
        "            judge(answer.content, control_id)\n",
        "            pass\n",
        (PEERS,),
    ),
    Mutation(
        "does not look at whose answer it is",
        "ayni/wire/hl7_link.py",
        "or echoed != control_id ",
        "",
        (PEERS,),
    ),
    Mutation(
        "lets every stopped lane pass",
        "ayni/engine/delivery.py",
        'holds=policy.when_stopped == "hold"',
        "holds=False",
        (PEERS,),
    ),
    Mutation(
        "forgets what it was sending when it ended",
        "ayni/engine/runtime.py",
        "        await self.pipeline.store.recover(self._owner, at=self.pipeline.now())\n",
        "",
        (KILLS,),
    ),
)


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
        return _failing(copy, [f"tests/faults/{each}" for each in mutation.tests])


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
