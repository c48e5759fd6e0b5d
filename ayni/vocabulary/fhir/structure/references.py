"""Where a reference may lead: to the resource types its element allows.

Source: FHIR R4, section 2.3.0 (references).
"""

from typing import Any, Final

from ayni.vocabulary.fhir.definitions import FHIR_ROOT, resource_types
from ayni.vocabulary.fhir.finding import Phrase, Problem
from ayni.vocabulary.fhir.structure.rules import Json, LocalReference, Problems, Rule

_ANYTHING: Final = FHIR_ROOT + "Resource"
_NAMES_MAX: Final = 6


def reference(rule: Rule, targets: list[str]) -> Rule:
    """A Reference whose literal reference or `type` names one of the target types, when it names one."""
    types = resource_types()
    allowed = types if _ANYTHING in targets or not targets else frozenset(map(_last, targets)) & types
    named = ", ".join(sorted(allowed)) if len(allowed) <= _NAMES_MAX else f"{len(allowed)} types"
    expected = Phrase(f"a reference to {named}", f"una referencia a {named}")

    def check(value: Any, parent: Json, depth: int) -> Problems:
        problems = rule(value, parent, depth) or []
        if not isinstance(value, dict):
            return problems
        to, kind = value.get("reference"), value.get("type")
        if isinstance(to, str) and to.startswith("#") and to != "#":
            problems.append(LocalReference(to))
        for name in (type_of(to), kind):
            if isinstance(name, str) and name in types and name not in allowed:
                problems.append(Problem("value", expected, Phrase(f"one to {name}", f"una a {name}")))
                break
        return problems

    return check


def type_of(reference: Any) -> str | None:
    """The resource type that a literal reference names: `Patient/1`, `http://…/Patient/1/_history/2`."""
    if not isinstance(reference, str) or "/" not in reference:
        return None
    parts = reference.split("/")
    if len(parts) > 3 and parts[-2] == "_history":
        parts = parts[:-2]
    return parts[-2]


def _last(url: str) -> str:
    return url.rpartition("/")[2]
