"""Everything kept about a request as one FHIR R4 Bundle (type `collection`), to take away.

An answer to a notice is a Communication to QHALI, what waits for its time a CommunicationRequest. What has no
shape in FHIR is a Binary: a message of the record that was not applied, as it came, and what a language model
heard and said, as JSON.
"""

import base64
import uuid
from collections.abc import Iterator
from datetime import datetime

import msgspec

from ayni.qhali.rights.kept import Kept
from ayni.vocabulary.fhir import Resource, bundle, systems
from ayni.vocabulary.request.identifiers import EVENT_NAMESPACE

FHIR_JSON = "application/fhir+json"
SYSTEMS = {"push": "url", "whatsapp": "phone", "sms": "sms", "email": "email"}
"""ContactPoint.system of each channel."""


def export(kept: Kept, *, at: datetime) -> Resource:
    """The Bundle: what was sent and what came of it; a newer version stands in place of the sent one."""
    sent = {each["id"]: each for message in kept.sent for each in bundle.resources(message.message)}
    resources = sent | {resource["id"]: resource for resource in kept.resources}
    patient = bundle.only(kept.intake, "Patient")
    resources[patient["id"]] = patient | _telecom(kept)
    more = (*kept.earlier, *_answers(kept), *_coming(kept), *_binaries(kept))
    return {
        "resourceType": "Bundle",
        "id": _id(kept, f"export@{at.isoformat()}"),
        "identifier": {"system": systems.REQUEST_ID, "value": kept.request_id},
        "type": "collection",
        "timestamp": at.isoformat(timespec="seconds"),
        "entry": [_entry(resource) for resource in (*resources.values(), *more) if _is_content(resource)],
    }


def _id(kept: Kept, name: str) -> str:
    return str(uuid.uuid5(EVENT_NAMESPACE, f"{kept.request_id}#{name}"))


def _answers(kept: Kept) -> Iterator[Resource]:
    """What the citizen answered to notices."""
    for notice in kept.notices:
        if notice.answered_at is not None:
            yield {
                "resourceType": "Communication",
                "id": _id(kept, f"answer to {notice.id}"),
                "inResponseTo": [{"reference": f"Communication/{notice.id}"}],
                "status": "completed",
                "sender": _patient(kept),
                "sent": notice.answered_at.isoformat(timespec="seconds"),
                "payload": [{"contentString": notice.answer_words}],
            }


def _coming(kept: Kept) -> Iterator[Resource]:
    """What the citizen will be told at a time, unless something happens before."""
    for each in kept.coming:
        yield {
            "resourceType": "CommunicationRequest",
            "id": _id(kept, f"{each.kind}@{each.at.isoformat()}"),
            "status": "active",
            "subject": _patient(kept),
            "payload": [{"contentString": each.sentence}],
            "occurrenceDateTime": each.at.isoformat(timespec="seconds"),
        }


def _binaries(kept: Kept) -> Iterator[Resource]:
    for number, each in enumerate(kept.unapplied, 1):
        yield _binary(_id(kept, f"unapplied {number}"), FHIR_JSON, each.content)
    if kept.heard or kept.replies:
        by_model = msgspec.json.encode({"heard": kept.heard, "replies": kept.replies})
        yield _binary(_id(kept, "model"), "application/json", by_model)


def _binary(resource_id: str, kind: str, content: bytes) -> Resource:
    data = base64.b64encode(content).decode()
    return {"resourceType": "Binary", "id": resource_id, "contentType": kind, "data": data}


def _patient(kept: Kept) -> Resource:
    return {"reference": f"urn:uuid:{bundle.only(kept.intake, 'Patient')['id']}"}


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
