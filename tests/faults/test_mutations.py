"""Mutations that no longer fit the engine break nothing, and prove nothing."""

from pathlib import Path

import pytest

from chaos.defects import MUTATIONS, Mutation

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_the_text_of_a_mutation_stands_in_its_file_once_and_who_is_asked_is_there(mutation: Mutation) -> None:
    assert (ROOT / mutation.file).read_text("utf-8").count(mutation.old) == 1
    for each in mutation.tests:
        path, _, name = each.partition("::")
        assert f"def {name}" in (ROOT / "tests" / path).read_text("utf-8")


def test_the_page_names_every_mutation() -> None:
    page = (ROOT / "docs/engine/faults.md").read_text("utf-8")
    assert [each.name for each in MUTATIONS if each.name not in page] == []
