"""A change of state on its way from the regional record to the citizen's assistant.

HL7 v2.5.1 SIU^S12…S26, and the SRR handed over by intake_to_ehr, become a FHIR message for QHALI.
"""

from ayni.engine import Channel, Destination, Outgoing, Policy
from ayni.engine.connectors.fhir import FhirSender
from ayni.engine.connectors.mllp import MllpListener
from ayni.vocabulary.fhir import dumps
from ayni.vocabulary.hl7 import Message
from ayni.vocabulary.maps import event_from_schedule, event_key_of


def to_qhali(message: Message) -> Outgoing:
    """The message Bundle of a state change, in the lane of its request."""
    event = event_from_schedule(message)
    key = event_key_of(message)
    return Outgoing(content=dumps(event), control_id=str(key), key=key.request_id)


channel = Channel(
    name="state_to_qhali",
    title="Cambio de estado → asistente del ciudadano",
    source=MllpListener(port="${AYNI_ENGINE_MLLP_PORT}"),
    destinations=(
        Destination(
            partner="qhali",
            connector=FhirSender(
                url="${AYNI_QHALI_FHIR_URL}", token_file="${AYNI_ENGINE_TO_QHALI_TOKEN_FILE}"
            ),
            transform=to_qhali,
            policy=Policy(attempts_max=None),  # a citizen hears every change, however long QHALI is away
        ),
    ),
)
