"""What our systems say to each other has R4's structure: each sample their own tests hold them to."""

from pathlib import Path

import pytest

from ayni.vocabulary.fhir import check, loads

ROOT = Path(__file__).parents[3]

SAMPLES = [*sorted(ROOT.glob("channels/*/samples/*.json")), *sorted(ROOT.glob("tests/qhali/samples/*.json"))]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_message_has_the_structure_of_r4(path: Path) -> None:
    findings = check(loads(path.read_bytes()))
    is_refused = path.name.partition(".")[0] == "06-given-name-is-not-a-list"
    assert bool(findings) is is_refused, findings


def test_there_are_samples_of_every_producer() -> None:
    assert {path.parent.parent.name for path in SAMPLES} >= {"intake_to_ehr", "state_to_qhali", "qhali"}
