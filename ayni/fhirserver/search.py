"""A FHIR search as one SQL statement over the index tables."""

from collections.abc import Mapping
from datetime import datetime

from ayni.fhirserver.errors import InvalidResource, UnknownParameter
from ayni.fhirserver.parameters import PARAMETERS, Kind, Parameter, microseconds
from ayni.fhirserver.statements import STATEMENTS

Condition = tuple[str, list[str | int]]


def compile_search(kind: str, criteria: Mapping[str, str], limit: int) -> Condition:
    """(SQL, bindings) for resources of a type that meet every criterion.

    Values are FHIR's: "system|value" or "value" for tokens, `ge` or `lt` before an instant; commas mean "or".
    Raises UnknownParameter for what is not indexed: a criterion dropped silently would show too much.
    """
    conditions: list[Condition] = [(STATEMENTS["search"], [kind])]
    for name, value in criteria.items():
        parameter = PARAMETERS.get(kind, {}).get(name)
        if parameter is None:
            raise UnknownParameter(kind, name)
        conditions.append(_any_of([_condition(parameter, each) for each in value.split(",")]))
    text, bindings = _joined(conditions, " and ")
    return f"{text} {STATEMENTS['search_order']}", [*bindings, limit]


def _joined(conditions: list[Condition], word: str) -> Condition:
    return word.join(text for text, _ in conditions), [each for _, bound in conditions for each in bound]


def _any_of(conditions: list[Condition]) -> Condition:
    text, bindings = _joined(conditions, " or ")
    return f"({text})", bindings


def _condition(parameter: Parameter, value: str) -> Condition:
    match parameter.kind:
        case Kind.TOKEN:
            return _token(parameter, value)
        case Kind.REFERENCE:
            return STATEMENTS["match_reference"], [parameter.key, value]
        case Kind.INSTANT:
            return _instant(parameter, value)


def _token(parameter: Parameter, value: str) -> Condition:
    system, bar, code = value.rpartition("|")
    if not bar:
        return STATEMENTS["match_token_of_any_system"], [parameter.key, code]
    return STATEMENTS["match_token"], [parameter.key, code, system]


def _instant(parameter: Parameter, value: str) -> Condition:
    try:
        statement = {"ge": "match_instant_from", "lt": "match_instant_before"}[value[:2]]
        at = datetime.fromisoformat(value[2:])
    except (KeyError, ValueError) as error:
        raise InvalidResource("Se esperaba ge o lt y un instante.", expression=parameter.key) from error
    return STATEMENTS[statement], [parameter.key, microseconds(at)]
