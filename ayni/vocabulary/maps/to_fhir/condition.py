"""When a row of a table applies: `PV1-45 missing and OBX-2 in NM SN`.

A place is a field (`MSH-9.2`: of the segment at hand, else of the first with that name) or a component of
the value at hand (`.3`). A test is `valued`, `missing`, `is X`, `not X`, `in X Y`, `out X Y`, `repeats`,
`single`, `number`, `text` (any value that is no number) or `timed` (a date that goes on with a time).
"""

import re
from collections.abc import Callable
from functools import cache

from ayni.vocabulary.maps.to_fhir.reading import Reading

Condition = Callable[[list[str], int, Reading], bool]
"""Asked with the parts of the value at hand, the depth of those parts, and the message."""
_Read = Callable[[list[str], int, Reading], str]

_PLACE = re.compile(r"(?:(?P<segment>[A-Z][A-Z0-9]{2})-(?P<field>\d+))?(?:\.(?P<component>\d+))?")
_OFFSET = re.compile("[+-]")
_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)\s*")


@cache
def condition(text: str) -> Condition | None:
    """None for no condition. Raises ValueError for one that is not of this language."""
    if not text:
        return None
    tests = [_test(part) for part in text.split(" and ")]
    return tests[0] if len(tests) == 1 else lambda *at: all(test(*at) for test in tests)


def _test(text: str) -> Condition:
    place, word, *values = text.split()
    if word in ("repeats", "single"):
        return _count(place, word == "repeats")
    read, wanted = _reader(place), frozenset(values)
    if word in ("is", "in"):
        return lambda *at: read(*at) in wanted
    if word in ("not", "out"):
        return lambda *at: read(*at) not in wanted
    if word in ("number", "text"):
        return lambda *at: bool(_NUMBER.fullmatch(read(*at))) is (word == "number")
    if word == "timed":
        return lambda *at: len(_OFFSET.split(read(*at))[0]) > 8
    if word not in ("valued", "missing"):
        raise ValueError(f"expected a test, found {text!r}")
    return lambda *at: bool(read(*at)) is (word == "valued")


def _count(place: str, repeats: bool) -> Condition:
    found = _PLACE.fullmatch(place)
    if found is None or not found["field"]:
        raise ValueError(f"expected a field, found {place!r}")
    segment, field = found["segment"], int(found["field"])
    return lambda _, __, reading: (reading.repetition in reading.field(segment, field)) is repeats


def _reader(place: str) -> _Read:
    found = _PLACE.fullmatch(place)
    if found is None or not place:
        raise ValueError(f"expected a place, found {place!r}")
    component = int(found["component"] or 1)
    if found["segment"] is None:
        return lambda parts, depth, reading: (
            reading.leaf(parts[component - 1], depth) if len(parts) >= component else ""
        )
    segment, field = found["segment"], int(found["field"])
    return lambda _, __, reading: reading.component(reading.field(segment, field), component)
