"""The answer to a FHIR message: a Bundle whose MessageHeader.response points back (R4, section 2.4.4)."""

import uuid
from datetime import datetime

from ayni.vocabulary.fhir.bundle import entry, header
from ayni.vocabulary.fhir.json import Resource


def answer_to(bundle: Resource, *, source: str, at: datetime) -> Resource:
    """The `ok` answer from a system named `source`: the message is stored and will not be lost.

    Its id follows from the id it answers, so the same message always hears the same answer.
    """
    asked = header(bundle)
    answer_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:uuid:{asked['id']}#answer"))
    return {
        "resourceType": "Bundle",
        "id": answer_id,
        "type": "message",
        "timestamp": at.isoformat(timespec="seconds"),
        "entry": [
            entry(
                {
                    "resourceType": "MessageHeader",
                    "id": answer_id,
                    "eventUri": asked.get("eventUri", ""),
                    "source": {"name": source, "endpoint": f"urn:ayni:{source}"},
                    "response": {"identifier": asked["id"], "code": "ok"},
                }
            )
        ],
    }
