"""The tour describes what is there: every file it names exists, every name it puts beside a file is in it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOUR = (ROOT / "docs" / "tour.md").read_text("utf-8")
PLACES = sorted(set(re.findall(r"`((?:ayni|channels|tests|docs)/[\w./*-]+)`", TOUR)))
NAMED = sorted(set(re.findall(r"`([\w.]+)`\s\(`(ayni/[\w./]+\.py)`\)", TOUR)))


@pytest.mark.parametrize("place", PLACES)
def test_a_place_on_the_tour_exists(place: str) -> None:
    assert list(ROOT.glob(place.rstrip("/"))), place


@pytest.mark.parametrize(("name", "path"), NAMED)
def test_a_name_on_the_tour_is_defined_in_the_file_beside_it(name: str, path: str) -> None:
    source = (ROOT / path).read_text("utf-8")
    for part in name.split("."):
        assert re.search(rf"^\s*(?:async )?(?:def|class) {part}\b|^{part}\b.*=", source, re.MULTILINE), part


def test_the_tour_names_many_places() -> None:
    assert len(NAMED) > 15
    assert len(PLACES) > 25
