"""The integration engine: what a channel needs to declare itself."""

from ayni.engine.channel import Channel, Destination, Handover, Outgoing, application_acknowledgements
from ayni.engine.errors import ContentRefused
from ayni.engine.policy import Policy

__all__ = [
    "Channel",
    "ContentRefused",
    "Destination",
    "Handover",
    "Outgoing",
    "Policy",
    "application_acknowledgements",
]
