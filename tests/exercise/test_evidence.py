"""The evidence has the promised shape and says where it comes from."""

import json
import re
import subprocess
from pathlib import Path

from ayni.exercise.evidence import Evidence, Hop, ScenarioResult, commit, machine, write

HOP = Hop(
    hop="engine-to-onevision",
    at="2026-11-24T09:00:00-05:00",
    control_id="QH-7M3K9XBT4D.Q001",
    ack="AA",
    ms=4.2,
)


def evidence(*, passed: bool) -> Evidence:
    played = ScenarioResult(name="booked", passed=passed, hops=[HOP])
    return Evidence(machine="Linux", commit="abc", scenarios=[played])


def test_the_file_has_exactly_the_promised_keys(tmp_path: Path) -> None:
    with (tmp_path / "evidence.json").open("wb") as file:
        write(evidence(passed=True), file)
    assert json.loads((tmp_path / "evidence.json").read_text("utf-8")) == {
        "machine": "Linux",
        "commit": "abc",
        "scenarios": [
            {
                "name": "booked",
                "passed": True,
                "hops": [
                    {
                        "hop": "engine-to-onevision",
                        "at": "2026-11-24T09:00:00-05:00",
                        "control_id": "QH-7M3K9XBT4D.Q001",
                        "ack": "AA",
                        "ms": 4.2,
                    }
                ],
            }
        ],
    }


def test_a_run_passes_only_if_something_was_played_and_all_of_it_passed() -> None:
    assert evidence(passed=True).passed
    assert not evidence(passed=False).passed
    assert not Evidence(machine="", commit="", scenarios=[]).passed


def test_the_machine_is_described_without_its_name() -> None:
    assert re.search(r"\d+ cores, Python 3\.", machine())
    assert (
        subprocess.run(["hostname"], capture_output=True, text=True).stdout.strip() not in machine().split()
    )


def test_the_commit_says_when_the_sources_were_changed_since(tmp_path: Path) -> None:
    assert commit(tmp_path) == "unknown"
    for command in (
        ["init", "-q"],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x"],
    ):
        subprocess.run(["git", "-C", str(tmp_path), *command], check=True)
    assert re.fullmatch(r"[0-9a-f]{40}", commit(tmp_path))
    (tmp_path / "new.py").touch()
    assert commit(tmp_path).endswith("-dirty")
