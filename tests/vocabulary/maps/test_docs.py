"""The page of this room shows every public name, and its examples are true."""

import doctest
import re
from pathlib import Path

import pytest

from ayni.vocabulary import maps

PAGE = Path(__file__).parents[3] / "docs/vocabulary/maps.md"
TEXT = PAGE.read_text("utf-8")


@pytest.mark.parametrize("name", maps.__all__)
def test_every_public_name_is_on_the_page(name: str) -> None:
    assert f"`{name}`" in TEXT


def test_the_examples_of_the_page_are_true() -> None:
    # Each line keeps its number, so that a failure points into the page.
    lines = re.sub(r"(?m)^```.*$", "", TEXT)
    examples = doctest.DocTestParser().get_doctest(lines, {}, PAGE.name, str(PAGE), 0)
    result = doctest.DocTestRunner().run(examples)
    assert (result.failed, result.attempted > 15) == (0, True)
