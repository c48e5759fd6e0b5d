"""Where a value stands: `PID-3[2].4.2` is PID, field 3, repetition 2, component 4, subcomponent 2.

All numbers count from 1; in a parsed place 0 means "not said". Paths are written by programmers,
so a wrong one is a `PathError`, never an `Hl7Error`.
"""

import re
from functools import lru_cache
from typing import Final

from ayni.vocabulary.hl7.errors import PathError

Place = tuple[int, int, int, int]
"""Field, repetition, component, subcomponent."""

_NUMBER: Final = r"[1-9]\d{0,2}"
_PLACE: Final = rf"({_NUMBER})(?:\[({_NUMBER})\])?(?:\.({_NUMBER})(?:\.({_NUMBER}))?)?"
_PLACE_PATTERN: Final = re.compile(_PLACE, re.ASCII)
_NAME: Final = "[A-Z][A-Z0-9]{2}"
_NAME_PATTERN: Final = re.compile(_NAME)
_SEGMENT: Final = rf"({_NAME})(?:\[([1-9]\d{{0,5}})\])?"
_SEGMENT_PATTERN: Final = re.compile(_SEGMENT, re.ASCII)
_PATH_PATTERN: Final = re.compile(rf"(?P<segment>{_SEGMENT})-(?P<place>{_PLACE})", re.ASCII)


@lru_cache(maxsize=4096)
def place(key: int | str) -> Place:
    """The place inside a segment that `5`, `"5.1"` or `"3[2].4.2"` names."""
    found = _PLACE_PATTERN.fullmatch(str(key))
    if found is None:
        raise PathError("a place such as 5, '5.1' or '3[2].4'", key)
    field, repetition, component, subcomponent = (int(number or 0) for number in found.groups())
    return field, repetition, component, subcomponent


@lru_cache(maxsize=4096)
def part(key: int | str) -> tuple[int, int]:
    """The component and subcomponent that `4` or `"4.1"` names inside a repetition."""
    _, _, component, subcomponent = place(f"1.{key}")
    return component, subcomponent


@lru_cache(maxsize=4096)
def path(text: str) -> tuple[str, Place]:
    """The path of the segment, and the place inside it."""
    found = _PATH_PATTERN.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise PathError("a path such as 'PID-3[2].4'", text)
    return found["segment"], place(found["place"])


@lru_cache(maxsize=4096)
def segment_path(text: str) -> tuple[str, int]:
    """The name and the number that `PID` or `OBX[2]` says; without a number it is the first."""
    found = _SEGMENT_PATTERN.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise PathError("a path such as 'PID' or 'OBX[2]'", text)
    return found[1], int(found[2] or 1)


def location_of(text: str) -> str:
    """ERR-2 (v2.5.1, section 2.15.5.2) of the path `text`: `PID-3.1` is `PID^1^3^1^1`, "" when it is no path.

    Here the text need not be a programmer's: a finding of another standard has places of its own.
    """
    try:
        segment, (field, repetition, *inside) = path(text)
    except PathError:
        return ""
    name, number = segment_path(segment)
    numbers = [field, repetition or (1 if any(inside) else 0), *inside]
    return "^".join([name, str(number), *(str(each) for each in numbers if each)])


def is_segment_name(text: str) -> bool:
    return _NAME_PATTERN.fullmatch(text) is not None


def nth(text: str, separator: str, number: int) -> str:
    """Part `number` of `text`; empty when there are fewer."""
    parts = text.split(separator, number)
    return parts[number - 1] if number <= len(parts) else ""


def with_nth(text: str, separator: str, number: int, part: str) -> str:
    """`text` with part `number` replaced, padded with empty parts when it was shorter."""
    parts = text.split(separator)
    if number > len(parts):
        parts += [""] * (number - len(parts))
    parts[number - 1] = part
    return separator.join(parts)
