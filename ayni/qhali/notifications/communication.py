"""The notice as a FHIR R4 Communication: one for each change of state that was applied."""

import uuid
from datetime import datetime

from ayni.vocabulary.fhir import Resource, systems
from ayni.vocabulary.request import EventKey
from ayni.vocabulary.request.identifiers import EVENT_NAMESPACE


def communication(key: EventKey, text: str, *, task: Resource, sent_at: datetime) -> Resource:
    """The notice of one event on the citizen's page. Its id follows from the event: twice is once."""
    request = {"identifier": {"system": systems.REQUEST_ID, "value": key.request_id}}
    return {
        "resourceType": "Communication",
        "id": str(uuid.uuid5(EVENT_NAMESPACE, f"{key}#communication")),
        "identifier": [{"system": systems.EVENT_ID, "value": str(key)}],
        "basedOn": [{"type": "ServiceRequest", **request}],
        "status": "completed",
        "medium": [{"text": "página de QHALI"}],
        "subject": task["for"],
        "about": [{"reference": f"Task/{task['id']}"}],
        "sent": sent_at.isoformat(timespec="seconds"),
        "recipient": [task["for"]],
        "payload": [{"contentString": text}],
    }
