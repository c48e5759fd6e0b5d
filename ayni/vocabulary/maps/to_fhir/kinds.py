"""Which table a message is mapped by.

The event decides, then the structure that the sender names. What has no table of its own goes through the
generic one, which knows the segments that most messages share: what it does not know is named in
`Mapped.left_out`.
"""

from ayni.vocabulary.hl7 import Hl7Error, Message
from ayni.vocabulary.maps.tables import message_table, named

GENERIC = "ANY"


def table_of(message: Message) -> str:
    """The name of the message table. Raises Hl7Error 200 for a message that does not say what it is."""
    code, event = message["MSH-9.1"], message["MSH-9.2"]
    if not code:
        raise Hl7Error(
            "expected a message type",
            code=200,
            location="MSH^1^9^1^1",
            text="Falta el tipo de mensaje (MSH-9).",
        )
    return table_of_event(code, event, message.structure)


def table_of_event(code: str, event: str, structure: str) -> str:
    """The name of the message table of `ADT`, `A04` and, where the sender says it, `ADT_A01`."""
    events = named("events")
    table = events.get(f"{code}^{event}")
    if table is None and message_table(structure) is not None:
        return structure
    return table or events.get(code) or GENERIC
