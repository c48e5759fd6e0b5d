"""The page of each room shows every public name, each function with an example, and its examples are true."""

import doctest
import re
from inspect import isclass
from pathlib import Path
from types import ModuleType

import pytest

from ayni.vocabulary import fhir, hl7, maps, peru, request, terminology
from ayni.vocabulary.fhir import bundle, extensions, fhirpath, ucum, validation

ROOT = Path(__file__).parents[2]
ROOMS = {
    "hl7": [hl7],
    "fhir": [fhir, bundle, extensions, fhirpath, validation, ucum],
    "maps": [maps],
    "peru": [peru],
    "request": [request],
    "terminology": [terminology],
}
TEXTS = {room: (ROOT / f"docs/vocabulary/{room}.md").read_text("utf-8") for room in ROOMS}
FENCE = re.compile(r"(?m)^```.*$")
EXAMPLES_MIN = 20


NAMES = [
    (room, module, name) for room, modules in ROOMS.items() for module in modules for name in module.__all__
]


def is_function(module: ModuleType, name: str) -> bool:
    """Those with a cache around them too."""
    found = getattr(module, name)
    return name.islower() and callable(found) and not isclass(found)


def examples_of(room: str) -> doctest.DocTest:
    """Each line keeps its number, so that a failure points into the page."""
    text, page = FENCE.sub("", TEXTS[room]), f"docs/vocabulary/{room}.md"
    return doctest.DocTestParser().get_doctest(text, {"Decimal": fhir.json.Decimal}, page, page, 0)


@pytest.mark.parametrize(("room", "name"), [(room, name) for room, _, name in NAMES])
def test_every_public_name_is_on_its_page(room: str, name: str) -> None:
    assert f"`{name}" in TEXTS[room]


@pytest.mark.parametrize(
    ("room", "name"), [(room, name) for room, module, name in NAMES if is_function(module, name)]
)
def test_every_public_function_has_an_example(room: str, name: str) -> None:
    assert any(re.search(rf"\b{name}\(", each.source) for each in examples_of(room).examples)


@pytest.mark.parametrize("room", ROOMS)
def test_the_examples_of_a_page_are_true(room: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)  # a page may read a sample of the project
    result = doctest.DocTestRunner().run(examples_of(room))
    assert (result.failed, result.attempted > EXAMPLES_MIN) == (0, True)
