"""The ids of one intake's resources."""

import uuid

from ayni.vocabulary.fhir import Resource
from ayni.vocabulary.request.identifiers import EVENT_NAMESPACE


class Names:
    """Ids that follow from the request id and the role a resource plays (`patient`, `finding-1`…)."""

    def __init__(self, request_id: str) -> None:
        self._request_id = request_id

    def id(self, role: str) -> str:
        """UUID v5 of a role."""
        return str(uuid.uuid5(EVENT_NAMESPACE, f"{self._request_id}#intake-{role}"))

    def reference(self, role: str) -> Resource:
        """A reference inside the Bundle."""
        return {"reference": f"urn:uuid:{self.id(role)}"}
