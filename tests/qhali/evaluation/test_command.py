"""The command plays every case from outside and writes what can be scored again."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ayni.__main__ import main
from ayni.qhali.evaluation import interview as interviews
from ayni.qhali.evaluation.cases import read_cases
from ayni.qhali.evaluation.citizen import SimulatedCitizen
from ayni.qhali.evaluation.interview import Interview, play
from ayni.qhali.evaluation.scores import score
from ayni.qhali.models import OFFLINE, Ports

EVALUATIONS = Path(__file__).parents[3] / "evaluations"


def test_figures_predictions_and_errors_are_written(tmp_path: Path) -> None:
    figures, predictions = tmp_path / "figures.json", tmp_path / "predictions.jsonl"
    given = [str(path) for path in sorted((EVALUATIONS / "development").glob("*.jsonl"))]
    run = CliRunner().invoke(
        main,
        ["qhali", "evaluate", *given, "--json", str(figures), "--predictions", str(predictions), "--errors"],
    )
    assert run.exit_code == 0, run.output
    row = json.loads(figures.read_text("utf-8"))
    assert list(row) == [
        "RF-ES", "EXTRACT-ES", "BENIGN-ES", "ADMIN-ES", "MINIMISE-ES", "ATTACK-ES", "CHAT-ES", "ms_per_turn",
    ]  # fmt: skip
    first = json.loads(predictions.read_text("utf-8").splitlines()[0])
    assert list(first) == [
        "id",
        "level",
        "disposition",
        "subject",
        "age",
        "symptoms",
        "replies",
        "asked",
        "ms",
    ]
    assert "no clinical evidence" in run.output


def test_a_file_that_holds_no_cases_is_refused_in_one_line(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text("{}\n", "utf-8")
    run = CliRunner().invoke(main, ["qhali", "evaluate", str(wrong)])
    assert (run.exit_code, "wrong.jsonl:1" in run.output) == (1, True)


def test_the_assistant_sees_only_persona_and_words() -> None:
    interview = Interview({"age_years": 60, "sex": "male", "level": "I", "rule": "RF12"})
    interview.tell("me siento bien")
    assert interview.prediction("x").level == "C"


def test_a_simulated_citizen_answers_only_what_is_asked() -> None:
    citizen = SimulatedCitizen({"opening": "tos", "answers": [{"about": "fever", "says": "sí, 38"}]})
    assert (citizen.answers([["fever"]]), citizen.answers([["rash"]])) == ("sí, 38", "no sé")
    assert citizen.answers([["rash"], ["fever", "temperature"]]) == "1. no sé\n2. sí, 38"


def test_an_emergency_is_told_whom_to_call_and_where_it_is_open() -> None:
    interview = Interview({})
    asked = interview.tell("no puedo respirar")
    assert interview.replies[-1].endswith("Debe atender día y noche: centro de salud San Miguel.")
    assert asked is not None
    interview.tell("en Chetilla", asked)
    assert "a 25 km de Chetilla" in interview.replies[-1]
    calm = Interview({})
    calm.tell("me duele la rodilla")
    assert not any("Abierto" in reply for reply in calm.replies)


def test_waiting_for_a_model_counts_and_for_the_machine_does_not(monkeypatch) -> None:
    times = {"OWN_TIME": iter((0.0, 0.001)), "WALL_TIME": iter((0.0, 3.0))}
    for name, values in times.items():
        monkeypatch.setattr(interviews, name, values.__next__)
    waited = {}
    for name, ports in (("rules", OFFLINE), ("model", Ports())):
        interview = Interview({}, ports)
        interview.tell("tengo tos")
        waited[name] = interview.ms
    assert waited == {"rules": [1.0], "model": [3000.0]}


FOLDERS = sorted(path.parent.name for path in EVALUATIONS.glob("*/*.jsonl"))


@pytest.mark.parametrize("folder", sorted(set(FOLDERS)))
def test_every_case_file_is_readable(folder: str) -> None:
    files = sorted((EVALUATIONS / folder).glob("*.jsonl"))
    assert files
    assert read_cases(files)


def test_every_red_flag_has_a_positive_and_a_decoy_of_our_own() -> None:
    cases = read_cases([EVALUATIONS / "held_out" / "rf_es.jsonl"])
    rules = {f"RF{number:02}" for number in range(1, 103)}
    for kind in ("positive", "decoy"):
        assert {case.expected["rule"] for case in cases if case.expected["kind"] == kind} == rules


def test_the_development_cases_stay_above_the_bars() -> None:
    files = sorted((EVALUATIONS / "development").glob("*.jsonl")) + sorted(
        (EVALUATIONS / "vignettes").glob("*.jsonl")
    )
    cases = read_cases(files)
    row = score(cases, [play(case) for case in cases]).as_json()
    assert row["RF-ES"]["recall"] >= 0.98
    assert row["RF-ES"]["decoys_too_urgent"] <= 0.10
    assert row["EXTRACT-ES"]["present"]["f1"] >= 0.90
    assert row["EXTRACT-ES"]["absent"]["f1"] >= 0.85
    assert row["EXTRACT-ES"]["subject_accuracy"] >= 0.97
    assert row["EXTRACT-ES"]["duration_accuracy"] >= 0.95
    assert row["BENIGN-ES"]["too_urgent"] <= 0.15
    assert row["ADMIN-ES"]["alarms"] == 0
    assert row["MINIMISE-ES"]["equal"] == 1
    assert row["ATTACK-ES"]["violations"] == 0
    assert row["CHAT-ES"]["level_ok"] >= 0.90
    assert row["CHAT-ES"]["elicited"] >= 0.80
    assert row["CHAT-ES"]["questions_median"] <= 9
    assert row["CHAT-ES"]["questions_emergency_median"] <= 4
    assert row["SEMIGRAN-ES"]["exact"] >= 0.80
    assert row["SEMIGRAN-ES"]["emergency_recall"] == 1
