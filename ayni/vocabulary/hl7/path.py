"""Where a value stands: `PID-3[2].4.2` is PID, field 3, repetition 2, component 4, subcomponent 2.

All numbers count from 1; in a parsed place 0 means "not said". Paths are written by programmers,
so a wrong one is a plain `ValueError`, never an `Hl7Error`.
"""

import re
from functools import lru_cache
from typing import Final

Place = tuple[int, int, int, int]
"""Field, repetition, component, subcomponent."""

_NUMBER: Final = r"[1-9]\d{0,2}"
_PLACE: Final = rf"({_NUMBER})(?:\[({_NUMBER})\])?(?:\.({_NUMBER})(?:\.({_NUMBER}))?)?"
_PLACE_PATTERN: Final = re.compile(_PLACE)
_PATH_PATTERN: Final = re.compile(rf"([A-Z][A-Z0-9]{{2}})(?:\[([1-9]\d{{0,5}})\])?(?:-({_PLACE}))?")


@lru_cache(maxsize=4096)
def place(key: int | str) -> Place:
    """The place inside a segment that `5`, `"5.1"` or `"3[2].4.2"` names."""
    found = _PLACE_PATTERN.fullmatch(str(key))
    if found is None:
        raise ValueError(f"expected a place such as 5, '5.1' or '3[2].4', found {key!r}")
    field, repetition, component, subcomponent = (int(number or 0) for number in found.groups())
    return field, repetition, component, subcomponent


@lru_cache(maxsize=4096)
def path(text: str) -> tuple[str, int, Place | None]:
    """The segment name, which one of that name (0: not said), and the place inside it, if any."""
    found = _PATH_PATTERN.fullmatch(text)
    if found is None:
        raise ValueError(f"expected a path such as 'PID-3[2].4', found {text!r}")
    return found[1], int(found[2] or 0), place(found[3]) if found[3] else None


def nth(text: str, separator: str, number: int) -> str:
    """Part `number` of `text`; empty when there are fewer."""
    parts = text.split(separator, number)
    return parts[number - 1] if number <= len(parts) else ""


def with_nth(text: str, separator: str, number: int, part: str) -> str:
    """`text` with part `number` replaced, padded with empty parts when it was shorter."""
    parts = text.split(separator)
    parts += [""] * (number - len(parts))
    parts[number - 1] = part
    return separator.join(parts)
