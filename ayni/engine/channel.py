"""What a channel is: a source, plain functions, and destinations. A deployment keeps one folder for each.

The functions are pure: they get a parsed document (a FHIR Bundle as a dict, or an HL7 v2 Message) and
return what to send, or raise FhirError or Hl7Error with the place of what is wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Protocol = Literal["fhir", "mllp"]

Document = Any
"""A FHIR Bundle (dict) from a FHIR source, a vocabulary.hl7.Message from an MLLP source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """What goes to one destination. The same bytes go again after a lost answer, so they are made once.

    Deliveries with the same `key` keep their order; different keys go in parallel.
    """

    content: bytes
    control_id: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """An answer that is itself a message for another channel of this engine."""

    channel: str
    content: bytes


def _no_handover(_: bytes) -> Handover | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A partner that messages are delivered to, and how to say them to it.

    `partner` names the address in the deployment's settings. `handover` looks at each positive answer and
    may pass it on; it happens in the transaction that marks the delivery.
    """

    partner: str
    protocol: Protocol
    transform: Callable[[Document], Outgoing]
    handover: Callable[[bytes], Handover | None] = _no_handover


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One route of a deployment. `revision` is the content hash of its folder, set when it is loaded."""

    name: str
    title: str
    source: Protocol
    destinations: tuple[Destination, ...]
    revision: str = ""
