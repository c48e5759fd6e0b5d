"""FHIR R4 4.0.1 server as a library: resources, their history and an index, in the caller's transaction.

`SCHEMA` is the SQL text that makes the tables (safe to run at every start).
"""

from ayni.fhirserver.errors import (
    IdTaken,
    InvalidResource,
    NotFound,
    RepositoryError,
    UnknownParameter,
    VersionConflict,
)
from ayni.fhirserver.repository import Repository
from ayni.fhirserver.statements import SCHEMA

__all__ = [
    "SCHEMA",
    "IdTaken",
    "InvalidResource",
    "NotFound",
    "Repository",
    "RepositoryError",
    "UnknownParameter",
    "VersionConflict",
]
