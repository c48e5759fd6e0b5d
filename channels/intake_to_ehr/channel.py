"""A citizen's request on its way to the regional record.

QHALI's FHIR intake message becomes HL7 v2.5.1 SRM^S01; the SRR that answers it is itself an event
(`received`), so it goes on to QHALI through the other channel.
"""

from typing import Any

from ayni.engine import Channel, Destination, Handover, Outgoing, Policy
from ayni.engine.connectors.fhir import FhirListener
from ayni.engine.connectors.mllp import MllpSender
from ayni.vocabulary.hl7 import parse
from ayni.vocabulary.maps import request_id_of, srm_from_intake


def to_record(intake: dict[str, Any]) -> Outgoing:
    """The SRM^S01 of an intake, in the lane of its request."""
    message = srm_from_intake(intake)
    return Outgoing(content=message.encode(), control_id=message.control_id, key=request_id_of(intake))


def hand_over_received(answer: bytes) -> Handover | None:
    """The SRR travels on as a message of its own; a plain ACK says nothing that a citizen should hear."""
    if parse(answer).type != "SRR^S01":
        return None
    return Handover(channel="state_to_qhali", content=answer)


channel = Channel(
    name="intake_to_ehr",
    title="Pedido del ciudadano → registro regional",
    source=FhirListener(port="${AYNI_ENGINE_FHIR_PORT}", token_file="${AYNI_QHALI_TO_ENGINE_TOKEN_FILE}"),
    destinations=(
        Destination(
            partner="onevision",
            connector=MllpSender(address="${AYNI_ONEVISION_MLLP}"),
            transform=to_record,
            handover=hand_over_received,
            policy=Policy(attempts_max=None),  # a request for care is not given up during an outage
        ),
    ),
)
