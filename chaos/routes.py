"""The channels of the engine under test: two destinations, a filter, a merge of two lanes and a handover.

`lab` takes messages over MLLP and owes each to the ward, every second one to the archive too. What the ward
answers may be a message of its own, which `answers` owes to the registry.
"""

from ayni.engine import Channel, Destination, Handover, Outgoing, Policy
from ayni.engine.connectors.channel_link import FromChannels
from ayni.engine.connectors.contract import DestinationDeclaration
from ayni.engine.connectors.mllp import MllpListener, MllpSender
from ayni.vocabulary.hl7 import Message, parse

DESTINATIONS = ("ward", "archive", "registry")


class Broken(Exception):
    """A channel's function that cannot cope with a message."""


def reason_to_filter(message: Message) -> str:
    """Why a message is not for this channel."""
    return "not for this channel" if message["ZCH-2"] == "filtered" else ""


def to_ward(message: Message) -> Outgoing:
    """Changes the header, adds a segment, keeps the control id."""
    if message["ZCH-2"] == "broken":
        raise Broken
    message["MSH-3"], message["MSH-5"] = "AYNI", "WARD"
    message.add("ZAY", {1: message["ZCH-1"], 2: "ward"})
    keys = tuple(filter(None, (message["PID-3.1"], message["ZCH-3"])))
    return Outgoing(content=message.encode(), control_id=message.control_id, key=keys)


def to_archive(message: Message) -> Outgoing | None:
    """Every second message, in the lane of its patient."""
    if int(message["ZCH-1"]) % 2:
        return None
    message["MSH-5"] = "ARCHIVE"
    return Outgoing(content=message.encode(), control_id=message.control_id, key=message["PID-3.1"])


def to_registry(message: Message) -> Outgoing:
    """An answer of the ward, in the lane of its patient."""
    message["MSH-5"] = "REGISTRY"
    return Outgoing(content=message.encode(), control_id=message.control_id, key=message["ZHO-1"])


def hand_over(answer: bytes) -> Handover | None:
    """An answer that names a patient is a message for the registry."""
    return Handover(channel="answers", content=answer) if b"\rZHO|" in answer else None


def owed(raw: bytes) -> dict[str, Outgoing]:
    """What each destination of `lab` is owed for these bytes."""
    made = {"ward": to_ward(parse(raw)), "archive": to_archive(parse(raw))}
    return {dest: outgoing for dest, outgoing in made.items() if outgoing is not None}


def owed_by_answer(answer: bytes) -> Outgoing | None:
    """What the registry is owed for an answer of the ward."""
    return to_registry(parse(answer)) if hand_over(answer) else None


def sender_to(dest: str) -> DestinationDeclaration:
    """Where a destination listens: a variable of the run."""
    return MllpSender(address=f"${{CHAOS_{dest.upper()}}}")


def channels(policy: Policy, *, senders: dict[str, DestinationDeclaration]) -> dict[str, Channel]:
    """The two channels, every destination treated by one policy."""
    ward = Destination(
        partner="ward", connector=senders["ward"], transform=to_ward, handover=hand_over, policy=policy
    )
    archive = Destination(
        partner="archive", connector=senders["archive"], transform=to_archive, policy=policy
    )
    registry = Destination(
        partner="registry", connector=senders["registry"], transform=to_registry, policy=policy
    )
    lab = Channel(
        name="lab",
        title="Laboratorio",
        source=MllpListener(port="${AYNI_ENGINE_MLLP_PORT}"),
        filter=reason_to_filter,
        destinations=(ward, archive),
    )
    answers = Channel(
        name="answers", title="Respuestas", source=FromChannels(format="hl7"), destinations=(registry,)
    )
    return {each.name: each for each in (lab, answers)}
