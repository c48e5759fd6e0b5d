"""What a channel is: a source, plain functions, and destinations. A deployment keeps one folder for each.

The functions are pure. They get the document the source's format reads (an HL7 v2 Message, a FHIR resource as
a dict, parsed JSON, text), and return what to send, or raise FhirError, Hl7Error or ContentRefused with the
place of what is wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from msgspec import Struct

from ayni.engine.connectors.contract import DestinationDeclaration, SourceDeclaration
from ayni.engine.policy import Policy

Document = Any
"""What the source's format reads: a Message, a FHIR resource (dict), JSON, or text."""


class Outgoing(Struct, frozen=True, kw_only=True):
    """What goes to one destination. The same bytes go again after a lost answer, so they are made once.

    Deliveries with the same `key` keep their order; different keys go in parallel. A message about several
    keys (a merge of two patients) names them all: it waits until it is the first of each.
    """

    content: bytes
    control_id: str
    key: str | tuple[str, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys in the one order in which everybody locks them."""
        return (self.key,) if isinstance(self.key, str) else tuple(sorted(set(self.key)))


class Handover(Struct, frozen=True, kw_only=True):
    """An answer that is itself a message for another channel of this engine."""

    channel: str
    content: bytes


def no_handover(_: bytes) -> Handover | None:
    """The answer ends here."""
    return None


def take_all(_: Document) -> str:
    """No message is filtered."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A partner that messages are delivered to, and how to say them to it.

    `transform` returns None when the message is not for this partner. `handover` looks at each positive
    answer and may pass it on; it happens in the transaction that marks the delivery. `acknowledges`: see
    `application_acknowledgements`.
    """

    partner: str
    connector: DestinationDeclaration
    transform: Callable[[Document], Outgoing | None]
    handover: Callable[[bytes], Handover | None] = no_handover
    policy: Policy = field(default_factory=Policy)
    acknowledges: bool = False


def application_acknowledgements(
    *, partner: str, connector: DestinationDeclaration, policy: Policy | None = None
) -> Destination:
    """Where the senders of a channel want to hear what became of their messages.

    HL7 v2.5.1, section 2.9.3 (enhanced mode): the application acknowledgement that MSH-16 asks for is a
    message of its own, to the sender's own listener. It is written in the transaction that finishes the
    message, and delivered like any other. One that is refused holds nobody up.
    """
    return Destination(
        partner=partner,
        connector=connector,
        transform=lambda _: None,
        policy=policy or Policy(when_stopped="pass"),
        acknowledges=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One route of a deployment.

    `filter` says why a message is not for this channel, "" when it is. `duplicates` decides about a control
    id that comes again with other content. `revision` is set when the channel is loaded: the content hash
    of its folder, with the commit it was deployed from where there is one.
    """

    name: str
    title: str
    source: SourceDeclaration
    destinations: tuple[Destination, ...]
    filter: Callable[[Document], str] = take_all
    duplicates: Literal["refuse", "accept-as-new"] = "refuse"
    revision: str = ""

    @property
    def receivers(self) -> tuple[Destination, ...]:
        """The destinations that messages are translated for."""
        return tuple(each for each in self.destinations if not each.acknowledges)

    @property
    def acknowledging(self) -> str:
        """The partner of `application_acknowledgements`, "" when senders have no listener of their own."""
        return next((each.partner for each in self.destinations if each.acknowledges), "")
