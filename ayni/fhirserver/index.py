"""The index rows of one resource: written with it, replaced with it."""

import apsw

from ayni.fhirserver.errors import InvalidResource
from ayni.fhirserver.parameters import PARAMETERS, Kind, Parameter
from ayni.fhirserver.statements import STATEMENTS
from ayni.vocabulary.fhir import Resource

Row = tuple[str | int, ...]


def add(tx: apsw.Connection, key: int, resource: Resource) -> None:
    """Writes the rows; raises InvalidResource when an indexed element has another shape than FHIR's."""
    for parameter in PARAMETERS.get(resource["resourceType"], {}).values():
        tx.executemany(STATEMENTS[f"index_{parameter.kind}"], _rows(parameter, key, resource))


def forget(tx: apsw.Connection, key: int) -> None:
    """Removes every row of a resource."""
    for statement in ("forget_tokens", "forget_references", "forget_instants"):
        tx.execute(STATEMENTS[statement], {"key": key})


def _rows(parameter: Parameter, key: int, resource: Resource) -> list[Row]:
    try:
        found = list(parameter.extract(resource))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InvalidResource(
            "Este elemento no tiene la forma de FHIR R4.", expression=parameter.key
        ) from error
    if parameter.kind is Kind.TOKEN:
        return [(parameter.key, str(system), str(value), key) for system, value in found]
    return [(parameter.key, value, key) for value in found]
