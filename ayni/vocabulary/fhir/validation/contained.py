"""Contained resources are there because something refers to them.

Source: FHIR R4, section 2.3.0.4 (contained resources; invariants dom-3 and ref-1).
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ayni.vocabulary.fhir.finding import Finding, Phrase
from ayni.vocabulary.fhir.kinds import NOTHING
from ayni.vocabulary.fhir.listed import objects

Json = dict[str, Any]


def contained_findings(resource: Json, place: str) -> Iterator[Finding]:
    """Contained resources that neither are referred to nor refer to what contains them."""
    if "contained" not in resource:
        return
    ids = Counter(str(each.get("id")) for each in objects(resource, "contained"))
    if any(count > 1 for count in ids.values()):
        expected = Phrase("contained resources with different ids", "recursos contenidos con ids distintos")
        yield Finding("value", f"{place}.contained", expected, Phrase("one twice", "uno repetido"))
    named = _local(resource)
    for index, each in enumerate(objects(resource, "contained")):
        if f"#{each.get('id')}" not in named and "#" not in _local(each):
            expected = Phrase("a reference to it, or from it to #", "una referencia a él, o de él a #")
            yield Finding("invariant", f"{place}.contained[{index}]", expected, NOTHING)


def _local(value: Any) -> set[str]:
    """All text in a resource that starts with `#`: the local references among it."""
    found: set[str] = set()
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
        elif isinstance(each, str) and each.startswith("#"):
            found.add(each)
    return found
