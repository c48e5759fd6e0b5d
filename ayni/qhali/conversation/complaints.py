"""Which questions belong to which complaint: the clinician's table behind the planner."""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ayni.qhali.conversation.questions import Question, named
from ayni.qhali.redflags import Evidence
from ayni.qhali.redflags.expression import Expression, parse

LAG = 2
"""Places by which each further complaint that was told comes behind the one before it."""

LAG_WHO = 1
"""Who they are comes beside what they complain of: the first question has something of both."""

LAG_FOUND = 8
"""What was only found by asking is no complaint: it brings what is dangerous of it, after the rest."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One row: it counts when one of `of` is there (or `of` is empty) and `who` holds; see the table."""

    of: frozenset[str]
    who: Expression | None
    signs: tuple[Question, ...]
    topics: tuple[Question, ...]
    start: int

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
def screening_topics() -> tuple[Question, ...]:
    """What the record wants of a complaint that no row knows."""
    return tuple(named(name) for name in _table()["screening"]["topics"])


def for_responders(evidence: Evidence) -> Iterator[Question]:
    """What whoever comes to an emergency must know beside the place."""
    for row in _table()["responder"]:
        if not evidence.affirmed.isdisjoint(row["of"]):
            yield from (named(name) for name in row["ask"])


@cache
def complaints() -> tuple[Complaint, ...]:
    """The table, read once."""
    return tuple(
        Complaint(
            frozenset(row.get("of", ())),
            parse(row["who"]) if "who" in row else None,
            tuple(named(name) for name in row["signs"]),
            tuple(named(name) for name in row["topics"]),
            row.get("start", 0),
        )
        for row in _table()["complaint"]
    )


@dataclass(frozen=True, slots=True)
class Presented:
    """A row of this person, and the place among all rows at which its questions start."""

    row: Complaint
    start: int


def presented(evidence: Evidence) -> list[Presented]:
    """The rows of this person: what was told in the order of telling, who they are, then what was found."""
    named = [fact for fact in evidence.facts if fact.concept in evidence.affirmed]
    first = min((fact.turn for fact in named), default=0)
    told = [fact.concept for fact in named if fact.turn == first]
    found = [fact.concept for fact in named if fact.turn != first]
    rows = [row for row in complaints() if row.is_of(evidence)]
    return sorted((Presented(row, _start(row, told, found)) for row in rows), key=lambda each: each.start)


def _start(row: Complaint, told: Sequence[str], found: Sequence[str]) -> int:
    if not row.of:
        return row.start + LAG_WHO
    if (place := _place(row, told)) is not None:
        return row.start + LAG * place
    return row.start + LAG_FOUND + LAG * (_place(row, found) or 0)


def _place(row: Complaint, concepts: Sequence[str]) -> int | None:
    return next((place for place, each in enumerate(concepts) if each in row.of), None)


def in_turn(rows: Iterable[tuple[int, Sequence[Question]]]) -> dict[Question, int]:
    """The questions of all rows with their places, the first first; each row starts at its own place."""
    placed = [(start + place, each) for start, row in rows for place, each in enumerate(row)]
    places: dict[Question, int] = {}
    for place, each in sorted(placed, key=lambda pair: pair[0]):
        places.setdefault(each, place)
    return places
