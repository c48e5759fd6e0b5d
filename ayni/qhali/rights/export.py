"""Everything kept about a request as one FHIR R4 Bundle (type `collection`), to take away."""

import uuid
from datetime import datetime

from ayni.qhali.rights.kept import Kept
from ayni.vocabulary.fhir import Resource, bundle, systems
from ayni.vocabulary.request.identifiers import EVENT_NAMESPACE

SYSTEMS = {"push": "url", "whatsapp": "phone", "sms": "sms", "email": "email"}
"""ContactPoint.system of each channel."""


def export(kept: Kept, *, at: datetime) -> Resource:
    """The Bundle: what was sent and what came of it; a newer version replaces the sent one."""
    sent = {resource["id"]: resource for resource in bundle.resources(kept.intake)}
    resources = sent | {resource["id"]: resource for resource in kept.resources}
    patient = bundle.only(kept.intake, "Patient")
    resources[patient["id"]] = patient | _telecom(kept)
    return {
        "resourceType": "Bundle",
        "id": str(uuid.uuid5(EVENT_NAMESPACE, f"{kept.request_id}#export@{at.isoformat()}")),
        "identifier": {"system": systems.REQUEST_ID, "value": kept.request_id},
        "type": "collection",
        "timestamp": at.isoformat(timespec="seconds"),
        "entry": [_entry(resource) for resource in resources.values() if _is_content(resource)],
    }


def _telecom(kept: Kept) -> Resource:
    """The chosen channels as the person's contact points, in their order (ContactPoint.rank)."""
    points = [
        {"system": SYSTEMS[contact.channel], "value": contact.address, "rank": rank}
        for rank, contact in enumerate(kept.contacts, 1)
    ]
    return {"telecom": points} if points else {}


def _is_content(resource: Resource) -> bool:
    """A collection is not a message: its envelope stays behind."""
    return resource["resourceType"] != "MessageHeader"


def _entry(resource: Resource) -> Resource:
    """By UUID where the id is one, as the references inside the intake are."""
    try:
        uuid.UUID(resource["id"])
    except ValueError:
        return {
            "fullUrl": f"{systems.BASE}/{resource['resourceType']}/{resource['id']}",
            "resource": resource,
        }
    return bundle.entry(resource)
