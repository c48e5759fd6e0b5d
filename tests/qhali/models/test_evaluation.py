"""`ayni qhali evaluate --model`: the same cases, with a model that listens too."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ayni.__main__ import main
from tests.qhali.models.conftest import ModelServer, hearing

CASE = {
    "id": "RF-1",
    "set": "RF-ES",
    "kind": "positive",
    "rule": "RF01",
    "level": "II",
    "persona": {"age_years": 40, "sex": "female"},
    "turns": ["ando como radio sin antena, y me pica la piel"],
    "style": "andean",
}


def evaluate(folder: Path, *options: str) -> tuple[str, dict[str, object]]:
    cases, figures = folder / "cases.jsonl", folder / "figures.json"
    cases.write_text(json.dumps(CASE), "utf-8")
    run = CliRunner().invoke(main, ["qhali", "evaluate", str(cases), "--json", str(figures), *options])
    assert run.exit_code == 0, run.output
    return run.output, json.loads(figures.read_text("utf-8"))


def test_a_model_s_part_is_told(server: ModelServer, tmp_path: Path) -> None:
    made_up = ("seizure", "present", "convulsionó")
    server.says(hearing(("dizziness", "present", "sin antena"), made_up, level="II", reasons=("sin antena",)))
    output, figures = evaluate(tmp_path, "--model", server.url)
    assert "model: turns 1 answered; 1 facts added, 1 dropped" in output
    assert figures["model"] == {"turns": {"answered": 1}, "added": 1, "discarded": 1}
    assert figures["RF-ES"]["recall"] == 1.0  # type: ignore[index]
    _, offline = evaluate(tmp_path)
    assert offline["RF-ES"]["recall"] == 0.0  # type: ignore[index]
    assert "model" not in offline


def test_a_model_that_talks_nonsense_leaves_the_rules_figures(server: ModelServer, tmp_path: Path) -> None:
    server.says("nonsense")
    output, figures = evaluate(tmp_path, "--model", f"{server.url}/v1#any")
    assert "1 unusable" in output
    _, offline = evaluate(tmp_path)
    assert figures["RF-ES"] == offline["RF-ES"]


@pytest.mark.parametrize("address", ["ollama", "http://models.example/v1"])
def test_an_address_of_no_use_is_told_in_one_line(tmp_path: Path, address: str) -> None:
    cases = tmp_path / "cases.jsonl"
    cases.write_text(json.dumps(CASE), "utf-8")
    run = CliRunner().invoke(main, ["qhali", "evaluate", str(cases), "--model", address])
    assert run.exit_code == 1
    assert run.output.startswith("Error: --model: ")
