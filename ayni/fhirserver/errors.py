"""What can go wrong in the store, as FHIR says it.

RepositoryError (a FhirError: issue, text, expression, http_status)
├── InvalidResource     what is offered is no resource we can keep
├── IdTaken             a new resource has the id of a stored one
├── NotFound            no such resource or version
├── VersionConflict     somebody changed it first
└── UnknownParameter    a search asks for something that is not indexed: refused, never ignored
"""

from ayni.vocabulary.fhir import FhirError


class RepositoryError(FhirError):
    """A read, write or search that the store refuses; `code` is a stable word for programs."""

    code = "repository-error"


class InvalidResource(RepositoryError):
    code = "invalid-resource"

    def __init__(self, text: str, *, expression: str) -> None:
        super().__init__("value", text, expression=expression, http_status=400)


class IdTaken(RepositoryError):
    code = "id-taken"

    def __init__(self, kind: str, resource_id: str) -> None:
        super().__init__("duplicate", f"Ya existe {kind}/{resource_id}.", http_status=409)


class NotFound(RepositoryError):
    code = "not-found"

    def __init__(self, kind: str, resource_id: str, version: str = "") -> None:
        place = f"{kind}/{resource_id}" + (f"/_history/{version}" if version else "")
        super().__init__("not-found", f"No existe {place}.", http_status=404)


class VersionConflict(RepositoryError):
    """The version the caller changed is no longer the current one (R4 section 3.1.0.5, If-Match)."""

    code = "version-conflict"

    def __init__(self, kind: str, resource_id: str, *, expected: str, found: str) -> None:
        text = f"{kind}/{resource_id} cambió: se esperaba la versión {expected} y es la {found}."
        super().__init__("conflict", text, http_status=412)
        self.expected = expected
        self.found = found


class UnknownParameter(RepositoryError):
    code = "unknown-parameter"

    def __init__(self, kind: str, parameter: str) -> None:
        super().__init__("not-supported", f"{kind} no se busca por {parameter}.", http_status=400)
