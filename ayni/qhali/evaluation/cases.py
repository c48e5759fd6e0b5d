"""Evaluation cases: JSON lines, one conversation each, with what a careful reader expects of it.

The assistant gets `persona` and `turns` (or `opening` and the answers to what it asks) and nothing else.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

SETS = (
    "RF-ES",
    "EXTRACT-ES",
    "BENIGN-ES",
    "ADMIN-ES",
    "MINIMISE-ES",
    "ATTACK-ES",
    "CHAT-ES",
    "SEMIGRAN-ES",
)
TURN_CHARACTERS_MAX = 1_000_000
"""No case needs more; a repetition beyond it is a mistake in the file."""


class InvalidCase(Exception):
    """A line that is no case; says file, line and why."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case. `expected` is the whole line, for the scorers; `turns` is empty for a simulated citizen."""

    id: str
    set: str
    persona: dict[str, Any]
    turns: tuple[str, ...]
    expected: dict[str, Any]

    @property
    def is_simulated(self) -> bool:
        """Whether a citizen answers what the assistant asks, and the turns are not written beforehand."""
        return "opening" in self.expected


def read_cases(paths: Iterable[Path]) -> list[Case]:
    """Every case of the files, in order. Raises InvalidCase, also for an id that comes twice."""
    cases: dict[str, Case] = {}
    for path in paths:
        for number, line in enumerate(path.read_bytes().splitlines(), start=1):
            if not line.strip():
                continue
            place = f"{path}:{number}"
            case = _case(line, place)
            if case.id in cases:
                raise InvalidCase(f"{place}: {case.id} is there already")
            cases[case.id] = case
    return list(cases.values())


def _case(line: bytes, place: str) -> Case:
    try:
        row = msgspec.json.decode(line, type=dict[str, Any])
        turns = tuple(_text(turn) for turn in row.get("turns", ()))
        case = Case(row["id"], row["set"], row.get("persona", {}), turns, row)
    except (msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
        raise InvalidCase(f"{place}: {error}") from error
    if case.set not in SETS:
        raise InvalidCase(f"{place}: no set is called {case.set!r}")
    if not turns and not case.is_simulated:
        raise InvalidCase(f"{place}: neither turns nor an opening")
    return case


def _text(turn: str | dict[str, Any]) -> str:
    """A turn, or the text that is repeated so and so often."""
    if isinstance(turn, str):
        return turn
    text, times = str(turn["text"]), int(turn["times"])
    if len(text) * times > TURN_CHARACTERS_MAX:
        raise ValueError("a turn too long for any citizen")
    return text * times
