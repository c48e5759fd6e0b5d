"""Validation beside HL7's Java validator, on its own test cases.

The folder `fhir-test-cases` holds cases of github.com/FHIR/fhir-test-cases for R4 in JSON that need no
package, profile or other file: `manifest.json` names them and the recorded outcome of each in `outcomes/`.
A case agrees when both find an error, or neither does.
"""

import json
from pathlib import Path
from typing import Any, Final

from ayni.vocabulary.fhir import FhirError, loads
from ayni.vocabulary.fhir.validation import Registry, validate
from conformance.score import NoData, Score

_TERMINOLOGY: Final = "its one error is a code or display of SNOMED CT, LOINC or CVX, which are not shipped"
_OPTION: Final = "its outcome follows from an option of the Java validator, not from the resource"

EXCLUDED: Final = {
    "bundle-duplicate-ids-not": _TERMINOLOGY,
    "bundle-id-5": _TERMINOLOGY,
    "cvx": _TERMINOLOGY,
    "ips-nz-pj": _TERMINOLOGY,
    "obs-temp-code2": _TERMINOLOGY,
    "uk-msg": _TERMINOLOGY,
    "vs-bad-code": _TERMINOLOGY,
    "bad-markdown-no-html": f"{_OPTION}: the same file is valid in bad-markdown",
    "contained-resource-bad-id-ignore": f"{_OPTION}: ids of contained resources are not looked at",
    "cs-narrative-status-pub": f"{_OPTION}: the same file is valid in cs-narrative-status",
    "json-comments-1-yes": f"{_OPTION}: comments in JSON are allowed",
    "json-comments-2-yes": f"{_OPTION}: comments in JSON are allowed",
    "pat-security-bad-string": f"{_OPTION}: the same content is valid in pat-security-good2",
    "signatures-example-2": "its error is a digital signature, which is verified elsewhere",
}
"""Cases whose outcome does not depend on the resource and R4's definitions alone."""

_ERRORS: Final = frozenset({"error", "fatal"})


def score(data: Path) -> Score:
    """Raises NoData when the folder has no manifest."""
    folder = data / "fhir-test-cases"
    if not (folder / "manifest.json").is_file():
        raise NoData(str(folder))
    cases = json.loads((folder / "manifest.json").read_text("utf-8"))["cases"]
    registry = Registry()
    counted = [case for case in cases if case["name"] not in EXCLUDED]
    failures, invalid = [], 0
    for case in counted:
        errors = _recorded(folder / "outcomes" / case["java"])
        invalid += bool(errors)
        ours = _ours((folder / case["file"]).read_bytes(), registry)
        if bool(ours) is not bool(errors):
            failures.append((_reason(ours, errors), case["name"]))
    return Score(
        "fhir_test_cases",
        len(counted),
        len(counted) - len(failures),
        "agree",
        {"baseline": len(counted) - invalid},
        {case["name"]: EXCLUDED[case["name"]] for case in cases if case["name"] in EXCLUDED},
        tuple(sorted(failures)),
    )


def _recorded(outcome: Path) -> list[str]:
    issues: list[dict[str, Any]] = json.loads(outcome.read_text("utf-8")).get("issue", [])
    return [_text(issue) for issue in issues if issue["severity"] in _ERRORS]


def _text(issue: dict[str, Any]) -> str:
    return str(issue.get("details", {}).get("text") or issue.get("diagnostics"))


def _ours(raw: bytes, registry: Registry) -> list[str]:
    try:
        found = validate(loads(raw), registry=registry)
    except FhirError as error:
        return [error.text]
    return [f"{each.place}: {each.reason}" for each in found if each.severity in _ERRORS]


def _reason(ours: list[str], errors: list[str]) -> str:
    return f"not found: {errors[0]}" if errors else f"found, but valid: {ours[0]}"
