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
    "reminder-confirmed",
    "reminder-another-date",
    "reminder-declined",
    "no-show",
)
ANSWERED = {"reminder-confirmed": 0, "reminder-another-date": 1, "reminder-declined": 1}
"""Scenarios in which a citizen answers, with the changes of state that follow."""
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


@pytest.mark.parametrize(("name", "changes"), ANSWERED.items())
def test_an_answer_left_its_hops_and_what_it_led_to_came_back(
    evidence: dict[str, Any], name: str, changes: int
) -> None:
    (scenario,) = [scenario for scenario in evidence["scenarios"] if scenario["name"] == name]
    request_id = scenario["hops"][0]["control_id"]
    hops = [hop for hop in scenario["hops"] if hop["control_id"].startswith(f"{request_id}.")]
    said = [(hop["hop"], hop["control_id"][-4:], hop["ack"]) for hop in hops]
    at = said.index(("fhir → answer_to_ehr", "Q002", "ok"))
    assert said[at + 1] == ("answer_to_ehr → onevision", "Q002", "AA")
    assert [step for step in said[at + 2 :] if step[0] == "state_to_qhali → qhali"] == [
        ("state_to_qhali → qhali", "R004", "ok")
    ] * changes


def test_the_evidence_says_on_what_it_was_made(evidence: dict[str, Any]) -> None:
    assert "Python" in evidence["machine"]
    assert evidence["commit"]
