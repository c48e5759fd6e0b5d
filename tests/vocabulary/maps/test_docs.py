"""The page of this room shows every public name, and its examples are true."""

import doctest
import re
from pathlib import Path

import pytest

from ayni.vocabulary import maps

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs/vocabulary/maps.md"
TEXT = PAGE.read_text("utf-8")
EXAMPLES = "\n".join(re.findall(r"(?ms)^```python$(.*?)^```$", TEXT))


@pytest.mark.parametrize("name", maps.__all__)
def test_every_public_name_is_on_the_page(name: str) -> None:
    assert f"`{name}`" in TEXT


@pytest.mark.parametrize("name", [each for each in maps.__all__ if each[0].islower()])
def test_every_function_has_an_example(name: str) -> None:
    assert f"{name}(" in EXAMPLES


def test_the_examples_of_the_page_are_true(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)  # the page reads a sample of the project
    # Each line keeps its number, so that a failure points into the page.
    lines = re.sub(r"(?m)^```.*$", "", TEXT)
    examples = doctest.DocTestParser().get_doctest(lines, {}, PAGE.name, str(PAGE), 0)
    result = doctest.DocTestRunner().run(examples)
    assert (result.failed, result.attempted > 35) == (0, True)
