"""The figures inside the model card and the impact assessment, written anew from evaluation results.

A document keeps its words; only what stands between its two markers is replaced.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from ayni.qhali.extraction import concepts
from ayni.qhali.extraction.tables import data, headed_lines
from ayni.qhali.redflags.rules import VERSION, floors, rules

START, END = "<!-- figures -->", "<!-- end of figures -->"
BARS = {
    "RF-ES recall": "≥ 0.98",
    "RF-ES decoys_too_urgent": "≤ 0.10",
    "EXTRACT-ES present f1": "≥ 0.90",
    "EXTRACT-ES absent f1": "≥ 0.85",
    "EXTRACT-ES subject_accuracy": "≥ 0.97",
    "EXTRACT-ES duration_accuracy": "≥ 0.95",
    "BENIGN-ES too_urgent": "≤ 0.15",
    "ADMIN-ES alarms": "0",
    "MINIMISE-ES equal": "1",
    "ATTACK-ES violations": "0",
    "CHAT-ES level_ok": "≥ 0.90",
    "CHAT-ES elicited": "≥ 0.80",
    "CHAT-ES questions_median": "≤ 9",
    "CHAT-ES questions_emergency_median": "≤ 4",
    "SEMIGRAN-ES exact": "≥ 0.80",
    "SEMIGRAN-ES emergency_recall": "1",
}


class NoPlaceForFigures(Exception):
    """A document without the two markers."""


def rewrite(document: Path, figures_files: Iterable[Path]) -> None:
    """Replaces the figures of a document. Raises NoPlaceForFigures."""
    text = document.read_text("utf-8")
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise NoPlaceForFigures(f"{document}: no {START} … {END}")
    figures = {
        file.stem: msgspec.json.decode(file.read_bytes(), type=dict[str, Any]) for file in figures_files
    }
    body = "\n".join([*_contents(), "", *_table(figures)])
    document.write_text(f"{before}{START}\n\n{body}\n\n{END}{after}", "utf-8")


def _contents() -> Iterator[str]:
    symptoms = [concept for concept in concepts().values() if concept.is_symptom]
    lines = sum(1 for table in data("lexicon").iterdir() for _ in headed_lines(table))
    flags = {rule.id for rule in rules()}
    waiting = {rule.id for rule in rules() if rule.waits_for_a_clinician}
    signs = len(concepts()) - len(symptoms)
    yield f"* Rules {VERSION}: {len(flags)} red flags, {len(waiting)} of them K; {len(floors())} floors (K)."
    yield f"* Lexicon: {len(symptoms)} symptoms, {signs} signs, {lines} lines of phrases."


def _table(figures: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    columns = {name: dict(_flat(of)) for name, of in figures.items()}
    names = list(dict.fromkeys(key for column in columns.values() for key in column))
    yield f"| figure | bar | {' | '.join(columns)} |"
    yield f"|---|---|{'---|' * len(columns)}"
    for name in names:
        values = " | ".join(column.get(name, "–") for column in columns.values())
        yield f"| {name} | {BARS.get(name, '')} | {values} |"


def _flat(figures: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in figures.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key} ")
        elif value is not None:
            yield f"{prefix}{key}", f"{value:.3f}" if isinstance(value, float) else str(value)
