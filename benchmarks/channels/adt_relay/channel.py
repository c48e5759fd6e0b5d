"""The benchmark's channel: an admission on its way to the laboratory, five fields changed and a Z segment
added.

The same work that Mirth Connect was measured on. It listens on the engine's MLLP port and sends to the
address in BENCH_SINK; start the engine with AYNI_PROCESSING_ID=P to point a load of your own at it.
"""

from ayni.engine import Channel, Destination, Outgoing
from ayni.engine.connectors.mllp import MllpListener, MllpSender
from ayni.vocabulary.hl7 import Message

SEX = {"M": "1", "F": "2"}
OTHER = "9"
SENDER_CONNECTIONS = 32
"""Each waits for its acknowledgement before it sends again; with few, delivering falls behind receiving."""


def to_laboratory(message: Message) -> Outgoing:
    """The admission as the laboratory wants it, in the lane of its patient."""
    control_id = message.control_id
    message["MSH-3"] = "ENGINE"
    message["MSH-5"] = "LAB"
    message["PID-5.1"] = message["PID-5.1"].upper()
    message["PID-8"] = SEX.get(message["PID-8"], OTHER)
    message["PV1-2"] = "I"
    message.add("ZBX", {1: control_id, 2: message["EVN-2"][:8], 3: "routed"})
    return Outgoing(content=message.encode(), control_id=control_id, key=message["PID-3.1"])


channel = Channel(
    name="adt_relay",
    title="Benchmark: admission → laboratory",
    source=MllpListener(port="${AYNI_ENGINE_MLLP_PORT}"),
    destinations=(
        Destination(
            partner="lab",
            connector=MllpSender(address="${BENCH_SINK}", connections=SENDER_CONNECTIONS),
            transform=to_laboratory,
        ),
    ),
)
