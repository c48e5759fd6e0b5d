"""A citizen's answer about an appointment on its way to the regional record.

QHALI's FHIR message with an AppointmentResponse becomes HL7 v2.5.1 SRM^S02 (another date), S03 (confirms) or
S04 (cannot come). What comes of it, if the state changes, is an event of the record like any other.
"""

from typing import Any

from ayni.engine import Channel, Destination, Outgoing, Policy
from ayni.engine.connectors.fhir import FhirListener
from ayni.engine.connectors.mllp import MllpSender
from ayni.vocabulary.maps.answer import answer_key_of, srm_from_answer


def to_record(answer: dict[str, Any]) -> Outgoing:
    """The SRM of an answer, in the lane of its request: behind the intake and behind earlier answers."""
    message = srm_from_answer(answer)
    return Outgoing(
        content=message.encode(), control_id=message.control_id, key=answer_key_of(answer).request_id
    )


channel = Channel(
    name="answer_to_ehr",
    title="Respuesta del ciudadano → registro regional",
    source=FhirListener(port="${AYNI_ENGINE_FHIR_PORT}", token_file="${AYNI_QHALI_TO_ENGINE_TOKEN_FILE}"),
    destinations=(
        Destination(
            partner="onevision",
            connector=MllpSender(address="${AYNI_ONEVISION_MLLP}"),
            transform=to_record,
            policy=Policy(attempts_max=None),  # who cannot come frees a time for others, after an outage too
        ),
    ),
)
