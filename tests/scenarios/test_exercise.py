"""The exercise is played once, as from a terminal; each scenario is judged by its evidence."""

import json
import subprocess
import sys
from datetime import datetime
from typing import Any

import pytest

PROMISED = (
    "booked",
    "rejected",
    "rescheduled-then-cancelled",
    "same-message-twice",
    "record-down-and-engine-killed",
    "assistant-down",
    "no-show",
)
PLAY_SECONDS_MAX = 600


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    path = tmp_path_factory.mktemp("exercise") / "evidence.json"
    command = [sys.executable, "-m", "ayni", "exercise", "run", "--json", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PLAY_SECONDS_MAX)
    return done, json.loads(path.read_text("utf-8")) if path.exists() else {"scenarios": []}


@pytest.fixture(scope="module")
def evidence(run: tuple[subprocess.CompletedProcess[str], dict[str, Any]]) -> dict[str, Any]:
    return run[1]


def test_every_scenario_passes_and_the_command_says_so(
    run: tuple[subprocess.CompletedProcess[str], dict[str, Any]],
) -> None:
    done, found = run
    assert done.returncode == 0, done.stdout + done.stderr
    assert [scenario["name"] for scenario in found["scenarios"]] == list(PROMISED)


@pytest.mark.parametrize("name", PROMISED)
def test_the_scenario_passes_and_leaves_its_hops(evidence: dict[str, Any], name: str) -> None:
    (scenario,) = [scenario for scenario in evidence["scenarios"] if scenario["name"] == name]
    assert scenario["passed"]
    assert scenario["hops"]
    for hop in scenario["hops"]:
        assert set(hop) == {"hop", "at", "control_id", "ack", "ms"}
        assert datetime.fromisoformat(hop["at"]).utcoffset() is not None


def test_the_outage_left_its_mark(evidence: dict[str, Any]) -> None:
    """The engine tried while the record was down: the evidence shows attempts without a yes, then one."""
    (outage,) = [
        scenario for scenario in evidence["scenarios"] if scenario["name"] == "record-down-and-engine-killed"
    ]
    intake = [hop["ack"] for hop in outage["hops"] if hop["control_id"].endswith(".Q001")]
    assert len(intake) > 1
    assert intake.count("AA") == 1


def test_the_evidence_says_on_what_it_was_made(evidence: dict[str, Any]) -> None:
    assert "Python" in evidence["machine"]
    assert evidence["commit"]
