"""The notice as a FHIR R4 Communication: one for each thing the citizen is told, whatever the channels.

Its versions tell what became of it: `medium` gains each channel that took it, `note` each one that did not,
`received` the moment somebody is known to have it.
"""

import uuid
from datetime import datetime

from ayni.fhirserver import NotFound, Repository
from ayni.vocabulary.fhir import Resource, systems
from ayni.vocabulary.request import EventKey
from ayni.vocabulary.request.identifiers import EVENT_NAMESPACE

MEDIUM = {
    "page": "página de QHALI",
    "push": "aviso en el teléfono",
    "email": "correo electrónico",
    "sms": "mensaje de texto",
    "whatsapp": "WhatsApp",
}
"""What each channel is called, in FHIR and on the screen."""

PRIORITY = {False: "routine", True: "asap"}


def communication_id(name: str) -> str:
    """The id that follows from an event key or a timer: twice is once."""
    return str(uuid.uuid5(EVENT_NAMESPACE, f"{name}#communication"))


def communication(key: EventKey, text: str, *, task: Resource, sent_at: datetime) -> Resource:
    """The notice of one event on the citizen's page. Its id follows from the event: twice is once."""
    told = communication_of(key.request_id, str(key), text, patient=task["for"], sent_at=sent_at)
    return told | {
        "identifier": [{"system": systems.EVENT_ID, "value": str(key)}],
        "about": [{"reference": f"Task/{task['id']}"}],
    }


def communication_of(
    request_id: str, name: str, text: str, *, patient: Resource | None, sent_at: datetime
) -> Resource:
    """What is told about a request without a message from the record; `name` says what, once."""
    request = {"identifier": {"system": systems.REQUEST_ID, "value": request_id}}
    person = {"subject": patient, "recipient": [patient]} if patient else {}
    return {
        "resourceType": "Communication",
        "id": communication_id(name),
        "basedOn": [{"type": "ServiceRequest", **request}],
        "status": "completed",
        "medium": [{"text": MEDIUM["page"]}],
        "sent": _instant(sent_at),
        "payload": [{"contentString": text}],
        **person,
    }


def went_out(repository: Repository, notice_id: str, channel: str) -> None:
    """Another channel took it."""
    found = repository.read("Communication", notice_id)
    medium = [*found["medium"], {"text": MEDIUM[channel]}]
    repository.update(found | {"medium": medium})


def did_not_reach(repository: Repository, notice_id: str, channel: str, at: datetime) -> None:
    """A channel refused it, or gave up."""
    found = repository.read("Communication", notice_id)
    note = {"time": _instant(at), "text": f"No salió por {MEDIUM[channel]}."}
    repository.update(found | {"note": [*found.get("note", []), note]})


def was_received(repository: Repository, notice_id: str, at: datetime) -> None:
    """The citizen has seen it, or their phone has it."""
    try:
        found = repository.read("Communication", notice_id)
    except NotFound:
        return
    repository.update({"received": _instant(at)} | found)


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
