"""docs/engine/safety.md names every threat and tests that are there and carry its number."""

import re
from pathlib import Path

import pytest

ENGINE = Path(__file__).resolve().parents[1]
PAGE = (ENGINE.parents[1] / "docs/engine/safety.md").read_text("utf-8")
ROWS = dict(re.findall(r"^\| (S-\d\d) \|.*\| ([^|]+) \|$", PAGE, re.MULTILINE))
NUMBERS = [*range(1, 12), *range(21, 27), 31]


def test_every_threat_has_a_row() -> None:
    assert list(ROWS) == [f"S-{number:02}" for number in NUMBERS]


@pytest.mark.parametrize("number", NUMBERS)
def test_every_row_names_tests_that_carry_its_number(number: int) -> None:
    for file in re.findall(r"`([^`]+)`", ROWS[f"S-{number:02}"]):
        text = (ENGINE / file).read_text("utf-8")
        assert f"S-{number:02}" in text or f"test_s_{number:02}_" in text, file
