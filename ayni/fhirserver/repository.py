"""Reading and writing resources inside a transaction that belongs to the caller.

The caller opens the transaction because a change and the note that it must travel are one commit.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

import apsw

from ayni.fhirserver import index
from ayni.fhirserver.errors import IdTaken, InvalidResource, NotFound, VersionConflict
from ayni.fhirserver.search import compile_search
from ayni.fhirserver.statements import STATEMENTS
from ayni.vocabulary.fhir import Resource, dumps, loads
from ayni.vocabulary.fhir.json import dumps_sorted

SEARCH_LIMIT = 1000
"""More rows than a screen or a batch needs; a caller that wants more asks for it."""

LEVELS_MAX = 150
"""Objects and lists inside each other. The structure check passes 64 objects, each in a list; a resource that
was written must be readable from anywhere, and Python's stack ends at 1000."""

_TYPE = re.compile(r"[A-Z][A-Za-z]{1,63}")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")  # FHIR R4, data type id


class _Stored(NamedTuple):
    key: int
    version: int
    body: bytes


class Repository:
    """The resources of one store, seen through one open transaction.

    `now` gives aware instants for meta.lastUpdated; `new_id` gives ids for resources that come without.
    """

    def __init__(
        self, tx: apsw.Connection, *, now: Callable[[], datetime], new_id: Callable[[], str]
    ) -> None:
        self._tx = tx
        self._now = now
        self.new_id = new_id

    def create(self, resource: Resource) -> Resource:
        """Keeps a new resource as version 1; raises InvalidResource, or IdTaken for an id already in use."""
        _check_levels(resource)
        kind = _type_of(resource)
        resource_id = _id_of(resource) if "id" in resource else self.new_id()
        stored = self._stamped(resource, resource_id, 1)
        values = {"type": kind, "id": resource_id, **_columns(stored)}
        row = self._tx.execute(STATEMENTS["insert_resource"], values).fetchone()
        if row is None:
            raise IdTaken(kind, resource_id)
        index.add(self._tx, row[0], stored)
        return stored

    def read(self, kind: str, resource_id: str) -> Resource:
        """The current version; raises NotFound."""
        return loads(self._current(kind, resource_id).body)

    def update(self, resource: Resource, *, if_match: str | None = None) -> Resource:
        """Makes the next version and keeps the one it replaces; equal content makes none.

        `if_match` is the version the caller read: VersionConflict when it is no longer the current one.
        """
        _check_levels(resource)
        kind, resource_id = _type_of(resource), _id_of(resource)
        current = self._current(kind, resource_id)
        if if_match is not None and if_match != str(current.version):
            raise VersionConflict(kind, resource_id, expected=if_match, found=str(current.version))
        before = loads(current.body)
        if _content(before) == _content(resource):
            return before
        return self._replace(current, self._stamped(resource, resource_id, current.version + 1))

    def version(self, kind: str, resource_id: str, version: str) -> Resource:
        """One version, current or past; raises NotFound."""
        values = {
            "key": self._current(kind, resource_id).key,
            "version": int(version) if version.isdigit() else 0,
        }
        row = self._tx.execute(STATEMENTS["read_version"], values).fetchone()
        if row is None:
            raise NotFound(kind, resource_id, version)
        return loads(row[0])

    def history(self, kind: str, resource_id: str) -> list[Resource]:
        """Every version, newest first; raises NotFound."""
        values = {"key": self._current(kind, resource_id).key}
        return [loads(body) for body, _ in self._tx.execute(STATEMENTS["read_history"], values)]

    def search(self, kind: str, *, limit: int = SEARCH_LIMIT, **criteria: str) -> list[Resource]:
        """Resources that meet every criterion, oldest first: `search("Task", business_status="…|booked")`.

        A parameter's hyphen is written as an underscore. Values: see `search.compile_search`.
        """
        named = {name.replace("_", "-"): value for name, value in criteria.items()}
        statement, bindings = compile_search(kind, named, limit)
        return [loads(body) for (body,) in self._tx.execute(statement, bindings)]

    def expunge(self, kind: str, resource_id: str) -> None:
        """Removes a resource with every version, as if it had never been kept; raises NotFound.

        For whoever has the right to be forgotten; a mistake is corrected with `entered-in-error` instead.
        """
        key = self._current(kind, resource_id).key
        index.forget(self._tx, key)
        for statement in ("expunge_history", "expunge_resource"):
            self._tx.execute(STATEMENTS[statement], {"key": key})

    def _current(self, kind: str, resource_id: str) -> _Stored:
        row = self._tx.execute(STATEMENTS["read_current"], {"type": kind, "id": resource_id}).fetchone()
        if row is None:
            raise NotFound(kind, resource_id)
        return _Stored(*row)

    def _replace(self, current: _Stored, stored: Resource) -> Resource:
        self._tx.execute(STATEMENTS["keep_replaced"], {"key": current.key})
        values = {"key": current.key, "version": current.version + 1, **_columns(stored)}
        self._tx.execute(STATEMENTS["replace_resource"], values)
        index.forget(self._tx, current.key)
        index.add(self._tx, current.key, stored)
        return stored

    def _stamped(self, resource: Resource, resource_id: str, version: int) -> Resource:
        at = self._now().isoformat(timespec="milliseconds")
        meta = {**resource.get("meta", {}), "versionId": str(version), "lastUpdated": at}
        return {"resourceType": resource["resourceType"], "id": resource_id, **resource, "meta": meta}


def _columns(stored: Resource) -> dict[str, Any]:
    return {"last_updated": stored["meta"]["lastUpdated"], "body": dumps(stored)}


def _check_levels(resource: Resource) -> None:
    level: list[Any] = [resource]
    for _ in range(LEVELS_MAX):
        below = (each.values() if isinstance(each, dict) else each for each in level)
        level = [child for several in below for child in several if isinstance(child, dict | list)]
        if not level:
            return
    raise InvalidResource(f"Hay más de {LEVELS_MAX} niveles.", expression=_type_of(resource))


def _type_of(resource: Resource) -> str:
    kind = resource.get("resourceType")
    if not isinstance(kind, str) or not _TYPE.fullmatch(kind):
        raise InvalidResource("Se esperaba un tipo de recurso.", expression="resourceType")
    if not isinstance(resource.get("meta", {}), dict):
        raise InvalidResource("Se esperaba un objeto.", expression=f"{kind}.meta")
    return kind


def _id_of(resource: Resource) -> str:
    resource_id = resource.get("id")
    if not isinstance(resource_id, str) or not _ID.fullmatch(resource_id):
        place = f"{resource['resourceType']}.id"
        raise InvalidResource(
            "Se esperaba un id de 1 a 64 letras, cifras, guiones o puntos.", expression=place
        )
    return resource_id


def _content(resource: Resource) -> bytes:
    """The content without the store's own stamps, for comparing; 1.10 and 1.1 differ (R4 section 2.6.2)."""
    stamps = {"versionId", "lastUpdated"}
    meta = {name: value for name, value in resource.get("meta", {}).items() if name not in stamps}
    return dumps_sorted({**resource, "meta": meta})
