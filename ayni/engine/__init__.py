"""The integration engine: what a channel needs to declare itself."""

from ayni.engine.channel import Channel, Destination, Handover, Outgoing

__all__ = ["Channel", "Destination", "Handover", "Outgoing"]
