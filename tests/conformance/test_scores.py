"""The scores beside the standards' own cases, where their data is; AYNI_CONFORMANCE_DATA names the folder."""

import json
import os
from pathlib import Path

import pytest

from conformance import fhir_test_cases, v2_round_trip, v2_to_fhir_valid
from conformance.__main__ import SUITES
from conformance.score import NoData, Score

DATA = Path(os.environ.get("AYNI_CONFORMANCE_DATA", ""))


def score_of(suite: str) -> Score:
    try:
        return SUITES[suite][0](DATA)
    except NoData as missing:
        pytest.skip(f"AYNI_CONFORMANCE_DATA names no folder with {Path(str(missing)).name}")


@pytest.mark.parametrize("suite", [name for name in SUITES if name != "r4_examples"])
def test_a_suite_reaches_its_bar(suite: str) -> None:
    score = score_of(suite)
    assert score.share >= SUITES[suite][1], score.failures


def test_few_cases_are_left_out() -> None:
    score = score_of("fhir_test_cases")
    assert len(score.excluded) <= 0.1 * (score.n + len(score.excluded))
    assert all(score.excluded.values())


@pytest.mark.parametrize("suite", [fhir_test_cases, v2_round_trip, v2_to_fhir_valid])
def test_a_suite_without_its_data_says_so(suite: object, tmp_path: Path) -> None:
    with pytest.raises(NoData):
        suite.score(tmp_path)  # type: ignore[attr-defined]


def test_a_case_agrees_when_both_find_an_error_or_neither_does(tmp_path: Path) -> None:
    folder = tmp_path / "fhir-test-cases"
    (folder / "outcomes").mkdir(parents=True)
    patient = {"resourceType": "Patient"}
    files = {
        "right": patient,
        "wrong": patient | {"active": "x"},
        "missed": patient,
        "false": patient | {"x": 1},
    }
    recorded = {"right": [], "wrong": ["error"], "missed": ["error"], "false": ["warning"]}
    for name, resource in files.items():
        issues = [{"severity": severity, "diagnostics": "x"} for severity in recorded[name]]
        (folder / f"{name}.json").write_text(json.dumps(patient | resource))
        (folder / f"outcomes/{name}.json").write_text(json.dumps({"issue": issues}))
    cases = [{"name": name, "file": f"{name}.json", "java": f"{name}.json"} for name in files]
    (folder / "manifest.json").write_text(json.dumps({"cases": cases}))
    score = fhir_test_cases.score(tmp_path)
    assert score.as_json() == {"n": 4, "agree": 2, "baseline": 2}
    assert [case for _, case in score.failures] == ["false", "missed"]
