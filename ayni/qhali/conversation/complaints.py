"""Which questions belong to which complaint: the clinician's table behind the planner."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ayni.qhali.conversation.questions import Question, named
from ayni.qhali.redflags import Evidence
from ayni.qhali.redflags.expression import Expression, parse

LAG = 2
"""What was told first matters more than what was only found by asking."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One row: it counts when one of `of` is there (or `of` is empty) and `who` holds."""

    of: frozenset[str]
    who: Expression | None
    signs: tuple[Question, ...]
    topics: tuple[Question, ...]

    def is_of(self, evidence: Evidence) -> bool:
        """Whether this person presents it."""
        is_presented = not self.of or not evidence.affirmed.isdisjoint(self.of)
        return is_presented and (self.who is None or self.who.holds(evidence) is True)


@cache
def _table() -> dict[str, Any]:
    text = files("ayni.qhali.conversation").joinpath("data", "complaints.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def screening() -> tuple[Question, ...]:
    """The signs that are asked of whoever names no complaint that we know."""
    return tuple(named(name) for name in _table()["screening"]["signs"])


@cache
def complaints() -> tuple[Complaint, ...]:
    """The table, read once."""
    return tuple(
        Complaint(
            frozenset(row.get("of", ())),
            parse(row["who"]) if "who" in row else None,
            tuple(named(name) for name in row["signs"]),
            tuple(named(name) for name in row["topics"]),
        )
        for row in _table()["complaint"]
    )


def presented(evidence: Evidence) -> list[Complaint]:
    """The rows of this person: those of what was named first come first, those of who they are before all."""
    order = {fact.concept: place for place, fact in enumerate(evidence.facts)}
    rows = [row for row in complaints() if row.is_of(evidence)]
    return sorted(
        rows,
        key=lambda row: (row.who is None, min((order.get(each, len(order)) for each in row.of), default=0)),
    )


def in_turn(rows: Sequence[Sequence[Question]]) -> dict[Question, int]:
    """The questions of all rows with their places, the first first; a later row starts some places behind."""
    placed = [
        (place + LAG * number, each) for number, row in enumerate(rows) for place, each in enumerate(row)
    ]
    places: dict[Question, int] = {}
    for place, each in sorted(placed, key=lambda pair: pair[0]):
        places.setdefault(each, place)
    return places
