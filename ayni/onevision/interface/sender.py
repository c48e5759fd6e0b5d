"""Handing events to the engine: each is said in HL7 v2 at the moment it is sent."""

from ayni.vocabulary.fhir import FhirError, loads
from ayni.vocabulary.hl7 import Hl7Error
from ayni.vocabulary.maps import siu_from_event
from ayni.wire.failure import Refused
from ayni.wire.hl7_link import Hl7Link
from ayni.wire.outbox import OutboxRow, Send


def over(link: Hl7Link) -> Send:
    """Sends outbox rows as SIU over this link.

    An event that cannot be said is refused here, where a person sees it, instead of being tried for ever.
    """

    async def send(row: OutboxRow) -> bytes:
        try:
            message = siu_from_event(loads(row.content)).encode()
        except (FhirError, Hl7Error) as error:
            raise Refused(f"cannot be said in HL7 v2: {type(error).__name__}") from error
        return await link.send(message, row.event_key)

    return send
