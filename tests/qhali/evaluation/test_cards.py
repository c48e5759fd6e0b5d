"""The figures of the documents are those of the results, and nothing else of a document changes."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ayni.__main__ import main
from ayni.qhali.evaluation.cards import END, START, NoPlaceForFigures, rewrite

DOCUMENTS = Path(__file__).parents[3] / "docs" / "qhali"


def test_only_what_stands_between_the_markers_is_replaced(tmp_path: Path) -> None:
    document, figures = tmp_path / "card.md", tmp_path / "mine.json"
    document.write_text(f"before\n{START}\nold\n{END}\nafter\n", "utf-8")
    figures.write_text(
        json.dumps({"RF-ES": {"recall": 0.5}, "EXTRACT-ES": {"present": {"f1": 1.0}}}), "utf-8"
    )
    run = CliRunner().invoke(main, ["qhali", "model-card", str(document), "--figures", str(figures)])
    assert run.exit_code == 0, run.output
    text = document.read_text("utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "| figure | bar | mine |" in text
    assert "| RF-ES recall | ≥ 0.98 | 0.500 |" in text
    assert "| EXTRACT-ES present f1 | ≥ 0.90 | 1.000 |" in text
    assert "102 red flags" in text


def test_a_document_without_markers_is_refused(tmp_path: Path) -> None:
    document = tmp_path / "card.md"
    document.write_text("no place", "utf-8")
    with pytest.raises(NoPlaceForFigures, match=r"card\.md"):
        rewrite(document, [])


@pytest.mark.parametrize("name", ["model-card.md", "impact-assessment.md"])
def test_the_cards_hold_figures_and_say_what_they_are_not(name: str) -> None:
    text = (DOCUMENTS / name).read_text("utf-8")
    assert "| RF-ES recall |" in text
    assert text.count(START) == text.count(END) == 1
