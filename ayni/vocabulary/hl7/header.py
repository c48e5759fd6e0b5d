"""New messages: the MSH segment every system of this project sends.

Source: HL7 v2.5.1, chapter 2.15.9 (MSH); the fixed values are the project's agreement.
"""

from datetime import datetime
from typing import Final

from ayni.vocabulary.hl7.dates import format_timestamp
from ayni.vocabulary.hl7.encoding import STANDARD
from ayni.vocabulary.hl7.message import Message
from ayni.vocabulary.hl7.structures import structure_of

VERSION: Final = "2.5.1"


def new_message(
    *,
    type: str,  # noqa: A002 - the field's own name: message type, MSH-9
    control_id: str,
    at: datetime,
    sender: tuple[str, str],
    receiver: tuple[str, str],
    processing_id: str = "T",
) -> Message:
    """A message that holds its MSH, in UTF-8. `type` is such as `SIU^S12`; its structure is looked up.

    `sender` and `receiver` are (application, facility); `at` needs its zone. Raises ValueError for a type
    without a known structure or a time without a zone.
    """
    code, _, event = type.partition("^")
    message = Message(["MSH|^~\\&"], STANDARD)
    header = message.header
    header[3], header[4] = sender
    header[5], header[6] = receiver
    header[7] = format_timestamp(at)
    for component, value in enumerate((code, event, structure_of(type)), start=1):
        header[f"9.{component}"] = value
    header[10] = control_id
    header[11] = processing_id
    header[12] = VERSION
    header[17] = "PER"
    header[18] = "UNICODE UTF-8"
    for component, value in enumerate(("es", "Spanish", "ISO639"), start=1):
        header[f"19.{component}"] = value
    return message
