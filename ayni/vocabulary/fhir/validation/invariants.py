"""The invariants of definitions: FHIRPath expressions that hold of an element.

Source: FHIR R4, section 5.1.0.11 (ElementDefinition.constraint).
"""

from collections.abc import Iterator
from typing import Any, Final

from ayni.vocabulary.fhir.fhirpath import FhirPathError, Frame, Node, Scope, TooCostly, compiled
from ayni.vocabulary.fhir.fhirpath.values import truth
from ayni.vocabulary.fhir.finding import Finding, Phrase

CHECKED_ELSEWHERE: Final = frozenset({"ele-1", "ext-1", "ref-1", "dom-3", "txt-1", "txt-2"})
"""By the structure check, by `narrative` and by `contained`, each in one pass over the resource."""

CORRECTED: Final = {
    # R4 asks this of entries without a fullUrl, and of predictions without a probability, too.
    "bdl-8": "fullUrl.exists() implies fullUrl.contains('/_history/').not()",
    "ras-2": "probability.ofType(decimal).empty() or probability.ofType(decimal) <= 100",
    # R4 asks whether several codes are in a list, which FHIRPath asks of one only.
    "tim-9": "offset.empty() or (when.exists() and when.all(($this in ('C'|'CM'|'CD'|'CV')).not()))",
    # R4 says "more than one" and counts more than two; later versions count as they say.
    "que-12": "enableWhen.count() > 1 implies enableBehavior.exists()",
    # R4 writes a status that its own list does not have.
    "app-4": "cancelationReason.exists() implies (status = 'noshow' or status = 'cancelled')",
}
"""Invariants of R4 whose expression is not what they say in words, as later versions correct them."""


def invariant_findings(
    constraints: list[dict[str, Any]], node: Node, scope: Scope, place: str
) -> Iterator[Finding]:
    """The invariants that do not hold, and as warnings those that nobody here can answer."""
    for constraint in constraints:
        expression = constraint.get("expression")
        if isinstance(expression, str) and constraint.get("key") not in CHECKED_ELSEWHERE:
            finding = _judged(constraint, expression, node, scope, place)
            if finding is not None:
                yield finding


def _judged(
    constraint: dict[str, Any], published: str, node: Node, scope: Scope, place: str
) -> Finding | None:
    key = str(constraint.get("key"))
    expression = CORRECTED.get(key, published)
    expected = Phrase(f"{key}: {constraint.get('human', '')}", f"que se cumpla la regla {key}: {expression}")
    inner = Scope([node], scope.resource, scope.root, scope.resolve, scope.now)
    try:
        if truth(compiled(expression)(Frame(inner, [node]))) is True:
            return None
    except TooCostly as error:
        return Finding("too-costly", place, expected, Phrase(str(error), "demasiado contenido"))
    except FhirPathError as error:
        unanswered = Phrase(
            f"an expression that cannot be evaluated ({error})", "una expresión que aquí no se puede evaluar"
        )
        return Finding("not-supported", place, expected, unanswered, "warning")
    found = Phrase("what breaks it", "lo contrario")
    is_warning = constraint.get("severity") == "warning"
    return Finding("invariant", place, expected, found, "warning" if is_warning else "error")
