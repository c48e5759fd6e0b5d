"""Messages of others, of many types and versions, when they are there.

They are not part of the project; AYNI_CONFORMANCE_DATA names the folder that has them.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ayni.vocabulary.fhir import Resource
from ayni.vocabulary.fhir.validation import validate
from ayni.vocabulary.hl7 import parse
from ayni.vocabulary.maps import bundle_from

DATA = os.environ.get("AYNI_CONFORMANCE_DATA", "")
SAMPLES = sorted((Path(DATA) / "hl7v2-samples").glob("*.hl7")) if DATA else []

pytestmark = pytest.mark.skipif(
    not SAMPLES, reason="AYNI_CONFORMANCE_DATA names no folder with hl7v2-samples"
)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_message_of_others_becomes_a_bundle_of_r4(
    path: Path, problems: Callable[[Resource], list[str]]
) -> None:
    found = bundle_from(parse(path.read_bytes()))
    assert problems(found.bundle) == []
    assert [each for each in validate(found.bundle) if each.severity == "error"] == []
    assert len(found.bundle["entry"]) > 1
