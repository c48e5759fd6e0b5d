"""`python -m conformance [folder]`: the scores of every suite whose data is there.

The exit code is 1 when a suite is below its bar.
"""

import json
import os
import sys
from pathlib import Path
from typing import Final

from conformance import fhir_test_cases, r4_examples, v2_round_trip, v2_to_fhir_valid
from conformance.score import NoData, Score

SUITES: Final = {
    "fhir_test_cases": (fhir_test_cases.score, 0.90),
    "v2_round_trip": (v2_round_trip.score, 1.0),
    "v2_to_fhir_valid": (v2_to_fhir_valid.score, 1.0),
    "r4_examples": (r4_examples.score, 1.0),
}
"""By name: the suite, and the share of cases that must be right."""

TARGET: Final = Path(__file__).parent.parent / "var/conformance.json"


def main() -> int:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("AYNI_CONFORMANCE_DATA", ""))
    scores: dict[str, Score] = {}
    for name, (score, _) in SUITES.items():
        try:
            scores[name] = score(folder)
        except NoData as missing:
            print(f"{name}: skipped, no {missing}; give the folder as DATA=…")
    for each in scores.values():
        _print(each)
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps({name: each.as_json() for name, each in scores.items()}, indent=1) + "\n")
    below = [name for name, each in scores.items() if each.share < SUITES[name][1]]
    for name in below:
        print(f"{name}: below {SUITES[name][1]:.0%}")
    return 1 if below else 0


def _print(score: Score) -> None:
    print(f"\n{score.name}: {score.right} of {score.n} {score.word} ({score.share:.1%})")
    if "baseline" in score.figures:
        always = score.figures["baseline"]
        print(f"  always saying valid: {always} of {score.n} ({always / score.n:.1%})")
    for name, reason in sorted(score.excluded.items(), key=lambda each: each[1]):
        print(f"  not counted: {name}: {reason}")
    for reason, case in score.failures:
        print(f"  {case}: {reason[:160]}")


if __name__ == "__main__":
    sys.exit(main())
