"""The page of this room shows every public name, and its examples are true."""

import doctest
import re
from pathlib import Path

import pytest

from ayni.vocabulary import fhir
from ayni.vocabulary.fhir import validation

PAGE = Path(__file__).parents[3] / "docs/vocabulary/fhir.md"
TEXT = PAGE.read_text("utf-8")


@pytest.mark.parametrize("name", [*fhir.__all__, *validation.__all__])
def test_every_public_name_is_on_the_page(name: str) -> None:
    assert f"`{name}" in TEXT


def test_the_examples_of_the_page_are_true() -> None:
    # Each line keeps its number, so that a failure points into the page.
    lines = re.sub(r"(?m)^```.*$", "", TEXT)
    names = {"Decimal": fhir.json.Decimal}
    examples = doctest.DocTestParser().get_doctest(lines, names, PAGE.name, str(PAGE), 0)
    result = doctest.DocTestRunner().run(examples)
    assert (result.failed, result.attempted > 40) == (0, True)
