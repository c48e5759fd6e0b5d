"""The run that was kept is whole and clean, and the page shows it."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from chaos.campaigns import COUNTS
from chaos.report import RESULTS, table

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/engine/faults.md").read_text("utf-8").splitlines()


@pytest.fixture(scope="module")
def run() -> dict[str, Any]:
    """The newest."""
    return msgspec.json.decode(max(RESULTS.glob("*.json")).read_bytes())


def test_the_page_shows_the_newest_run(run: dict[str, Any]) -> None:
    assert [line for line in table(run) if line not in PAGE] == []


def test_it_was_whole_and_found_nothing(run: dict[str, Any]) -> None:
    assert [each["name"] for each in run["campaigns"]] == list(COUNTS)
    assert all(each["clean"] and "stopped by the time" not in each["counts"] for each in run["campaigns"])
    assert not any("dirty" in each["commit"] for each in run["campaigns"])


def test_it_did_as_much_as_is_promised(run: dict[str, Any]) -> None:
    counts = {each["name"]: each["counts"] for each in run["campaigns"]}
    assert counts["kills"]["end: random"] >= 1_000
    assert counts["cuts"]["rounds"] >= 500
    assert counts["calls"]["points"] >= 800
