"""The page of this room says its limits as they are."""

from pathlib import Path

import pytest

from ayni.vocabulary.terminology import code_system, composition, expand, reading, translate
from ayni.vocabulary.terminology.loading import table
from ayni.vocabulary.terminology.pattern import PLACES_MAX

PAGE = Path(__file__).parents[3] / "docs/vocabulary/terminology.md"
TEXT = PAGE.read_text("utf-8")


@pytest.mark.parametrize(
    "limit",
    [
        f"{code_system.CONCEPTS_MAX:,} concepts",
        f"{reading.DEFINITION_BYTES_MAX >> 20} MB",
        f"{composition.CHECKS_MAX:,} checks",
        f"| {composition.NESTING_MAX} | value sets",
        f"{expand.__globals__['PAGE_CODES_MAX']:,} codes",
        f"{PLACES_MAX:,} places",
        f"{table.FILE_BYTES_MAX >> 20} MB, {table.ROWS_MAX:,} rows",
        f"| {translate.__globals__['OTHER_MAPS_MAX']} | maps",
    ],
)
def test_every_limit_is_on_the_page(limit):
    assert limit in TEXT
