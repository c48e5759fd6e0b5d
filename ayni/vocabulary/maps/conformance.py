"""What a message must be before its content is looked at: a type we take, in our version, whole."""

from ayni.vocabulary.hl7 import Hl7Error, Message, validate

VERSION = "2.5.1"
"""The one version these maps read. In another one the same field can hold something else, and an
appointment must not be guessed: it is rejected (AR 203), which tells the sender that repeating is no use."""


def check_type(message: Message, accepted: frozenset[str]) -> None:
    """Raises Hl7Error 200, 201 or 203 unless the message is one of these (`SIU^S12`) in our version."""
    if message["MSH-9.1"] not in {kind.partition("^")[0] for kind in accepted}:
        raise Hl7Error(
            "expected another type", code=200, location="MSH^1^9^1^1", text="Tipo de mensaje no admitido."
        )
    if message.type not in accepted:
        raise Hl7Error("expected another event", code=201, location="MSH^1^9^1^2", text="Evento no admitido.")
    if message.version != VERSION:
        raise Hl7Error(f"expected {VERSION}", code=203, location="MSH^1^12", text="Versión no admitida.")


def check_whole(message: Message) -> None:
    """Raises the first thing that breaks a rule of the standard: order, required fields, types, codes.

    It takes a millisecond, which a system that writes its record can spend and one that passes on cannot.
    """
    for found in validate(message):
        if found.severity == "E":
            raise Hl7Error(found.reason, code=found.code, location=found.location, text=found.text)


def require_segments(message: Message, *names: str) -> None:
    """Raises Hl7Error 100 for the first of these segments that the message lacks."""
    for name in names:
        if not message.segments(name):
            raise Hl7Error(
                f"expected {name}", code=100, location=f"{name}^1", text=f"Falta el segmento {name}."
            )
