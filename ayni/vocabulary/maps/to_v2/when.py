"""Whether a row may have been the one that wrote: its condition, asked of the fields that are being rebuilt.

A test that says what a field is (`OBX-2 is NM`) tells that field when no row reads it.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from ayni.vocabulary.maps.to_v2.tree import Tree, first_text, part

_PLACE = re.compile(r"(?:([A-Z][A-Z0-9]{2})-(\d+))?(?:\.(\d+))?")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")


class Agreed(NamedTuple):
    """What a condition tells of what no row reads: fields of the segment, parts of the value."""

    fields: dict[int, Tree]
    parts: dict[int, Tree]


def agrees(
    when: str,
    value: Tree,
    segment: str,
    fields: Mapping[int, Tree],
    others: Mapping[str, Mapping[int, Tree]],
    read: frozenset[int],
) -> Agreed | None:
    """None when the condition does not hold.

    `value` is the value at hand and `read` the numbers of its parts that rows read, `fields` those of the
    segment, `others` the segments around it.
    """
    told = Agreed({}, {})
    for test in filter(None, when.split(" and ")):
        place, word, *values = test.split()
        found = _PLACE.fullmatch(place)
        assert found is not None  # `condition` has refused any other
        name, number, component = found[1], int(found[2] or 0), int(found[3] or 1)
        says = word in ("is", "in")
        if name is None:
            text = first_text(part(value, component)) or first_text(told.parts.get(component))
            if not text and says and component not in read and isinstance(value, dict):
                told.parts[component] = text = values[0]
        elif name == segment:
            if number not in fields and word in ("valued", "number", "timed"):
                continue  # a later row tells
            text = first_text(part(fields.get(number, ""), component)) or first_text(told.fields.get(number))
            if not text and says and component == 1 and number not in fields:
                told.fields[number] = text = values[0]
        else:
            text = first_text(part(others.get(name, {}).get(number, ""), component))
        if not _passes(word, text, values):
            return None
    return told


def _passes(word: str, text: str, values: list[str]) -> bool:
    if word in ("is", "in"):
        return text in values
    if word in ("not", "out"):
        return text not in values
    if word == "number":
        return bool(_NUMBER.fullmatch(text))
    if word == "timed":
        return len(text) > len("20261124")
    return word in ("repeats", "single", "text") or bool(text) is (word == "valued")
