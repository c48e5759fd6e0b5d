"""One list of codes, from a user's file to a code system."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from ayni.vocabulary.terminology.code_system import CodeSystem, Concept
from ayni.vocabulary.terminology.effective import ALWAYS, Effective
from ayni.vocabulary.terminology.errors import InvalidDefinition
from ayni.vocabulary.terminology.loading.cells import day, is_inactive
from ayni.vocabulary.terminology.loading.report import Finding, RefusedRow, Report
from ayni.vocabulary.terminology.loading.table import Column, Row, read_table

HISTORY: Final = (
    Column("since", ("vigencia_desde", "inicio_vigencia", "fecha_inicio", "fec_inicio", "valid_from")),
    Column("last_day", ("vigencia_hasta", "fin_vigencia", "fecha_fin", "fec_fin", "valid_until")),
    Column("retired_on", ("fecha_baja", "fec_baja", "retirement_date")),
    Column("state", ("estado", "situacion", "activo", "vigente")),
)
"""Columns that any list may have. `last_day` still counts; on `retired_on` the code counts no more."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A list of codes: where it belongs and how a row becomes a concept.

    `finish` sees all concepts together, for hierarchies.
    """

    name: str
    url: str
    title: str
    columns: tuple[Column, ...]
    concept: Callable[[Row], Concept]
    value_set: str = ""
    finish: Callable[[dict[str, Concept]], Mapping[str, Concept]] = lambda concepts: concepts


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What came of a file. Findings are the first thousand; the counts per reason are complete."""

    code_system: CodeSystem
    repaired: tuple[Finding, ...]
    refused: tuple[Finding, ...]
    repaired_counts: Mapping[str, int]
    refused_counts: Mapping[str, int]

    @property
    def loaded_count(self) -> int:
        return len(self.code_system.concepts)

    @property
    def refused_count(self) -> int:
        return sum(self.refused_counts.values())


def load(
    raw: bytes,
    layout: Layout,
    *,
    file: str,
    version: str,
    since: date | None = None,
    is_complete: bool = True,
) -> Loaded:
    """Reads a user's file. `since` is the day from which this version counts.

    Rows that cannot be used are refused one by one with their place. Raises `UnreadableFile` for the file as
    a whole, `InvalidDefinition` for one in which no row could be used, and `TooCostly` for too many codes.
    """
    report = Report(file)
    concepts = _concepts(raw, layout, report)
    if not concepts:
        raise InvalidDefinition(
            place=file,
            expected=f"rows of {layout.title}",
            found=str(report.refused[0]) if report.refused else "none",
            text=f"{file} no tiene ninguna fila que se pueda usar.",
        )
    return Loaded(
        code_system=CodeSystem(
            url=layout.url,
            version=version,
            name=layout.name,
            title=layout.title,
            effective=Effective(since) if since else ALWAYS,
            value_set=layout.value_set,
            is_complete=is_complete,
            concepts=layout.finish(concepts),
        ),
        repaired=tuple(report.repaired),
        refused=tuple(report.refused),
        repaired_counts=dict(report.repaired_counts),
        refused_counts=dict(report.refused_counts),
    )


def _concepts(raw: bytes, layout: Layout, report: Report) -> dict[str, Concept]:
    concepts: dict[str, Concept] = {}
    lines: dict[str, int] = {}
    for row in read_table(raw, (*layout.columns, *HISTORY), report):
        try:
            concept = _dated(layout.concept(row), row)
            known = concepts.setdefault(concept.code, concept)
            first = lines.setdefault(concept.code, row.line)
            if known != concept:
                row.refuse("code", "another-row", f"one row per code; line {first} says something else")
            if first != row.line:
                row.repair("code", "same-row-again", f"one row per code; line {first} says the same")
        except RefusedRow as refused:
            report.refuse(refused.finding)
    return concepts


def _dated(concept: Concept, row: Row) -> Concept:
    """The concept with the days that the history columns say."""
    since, last_day, retired_on = (day(row, column) for column in ("since", "last_day", "retired_on"))
    until = retired_on or Effective.period(None, last_day).until
    if since and until and until < since:
        row.refuse("last_day" if last_day else "retired_on", "not-a-date", f"a day from {since} on")
    effective = Effective(since, until) if since or until else concept.effective
    is_retired = concept.is_retired or (until is None and is_inactive(row, "state"))
    return replace(concept, effective=effective, is_retired=is_retired)
