"""The resource that is being filled, and the ones it refers to that have no segment of their own.

A person or place named in a field becomes a resource whose id is made of its content, so that one who is
named twice in a message is one resource.
"""

import hashlib
import uuid
from functools import cache
from typing import Any

import msgspec

from ayni.vocabulary.maps.tables import required
from ayni.vocabulary.maps.to_fhir.reading import Reading
from ayni.vocabulary.maps.to_fhir.target import Element, Items

NAMESPACE = uuid.UUID("5b1f5d0e-6c1c-5f0a-9b86-0d5f6f0b5a51")
"""Of the ids that are made of a message's own words; any constant would do, but it must stay."""

_encode = msgspec.json.Encoder(decimal_format="number", order="deterministic").encode


@cache
def resource_types() -> frozenset[str]:
    """The resource types that the tables can make."""
    return frozenset(row.path.partition(".")[0] for row in required())


def id_of(name: str) -> str:
    """The UUID (version 5) of a name in `NAMESPACE`; `uuid.uuid5` takes five times as long."""
    digits = hashlib.sha1(
        NAMESPACE.bytes + name.encode("utf-8", "replace"), usedforsecurity=False
    ).hexdigest()
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


class Making:
    """What the rules of a table write into."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.resource: Element = {}
        self.items: Items = {}
        self.told: set[tuple[int, int]] = set()
        """The fields of the segment at hand, and their repetitions, of which something was written."""
        self.named: dict[str, Element] = {}
        """The resources made of fields, by id."""

    def refer(self, kind: str, content: Element) -> Any:
        """A reference to the resource of this type and content."""
        name = f"{kind}#{_encode(content).decode()}"
        id_ = id_of(name)
        if id_ not in self.named:
            self.named[id_] = {"resourceType": kind, "id": id_, **content}
        return {"reference": f"urn:uuid:{id_}"}
