"""A certificate bound to what its holder may say over MLLP: as whom, to whom, and which messages.

A proven certificate says which partner speaks, and MSH whom the message claims to be from: only both together
keep one partner from speaking as another.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ayni.engine.errors import SenderNotBound
from ayni.vocabulary.hl7 import Message
from ayni.wire.failure import CannotStart


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundSender:
    """What the holder of one certificate may say; who has several of these may say what any one allows.

    `certificate` is a DNS name or the common name in it. `sender` is MSH-3|MSH-4 (`HIS|HOSPITAL`). `receiver`
    is MSH-5|MSH-6 and `types` are of MSH-9, `ORU^R01` or `ORU` for each of its events: any when empty.
    """

    certificate: str
    sender: str
    receiver: str = ""
    types: tuple[str, ...] = ()

    def require_usable(self) -> None:
        """Raises CannotStart where it could never be met: a mistyped one would turn a partner away."""
        for said in (self.sender, self.receiver or "|"):
            if said.count("|") != 1:
                raise CannotStart(f"{self.certificate}: write sender and receiver like HIS|HOSPITAL")


def not_allowed(bound: Iterable[BoundSender], message: Message) -> SenderNotBound | None:
    """What of a message none of these allows, looked at in the order of MSH; None when one allows it all."""
    left = list(bound)
    for allows, error in _CHECKS:
        left = [each for each in left if allows(each, message)]
        if not left:
            return error()
    return None


def _speaks_as(bound: BoundSender, message: Message) -> bool:
    return bound.sender == f"{message['MSH-3.1']}|{message['MSH-4.1']}"


def _speaks_to(bound: BoundSender, message: Message) -> bool:
    return bound.receiver in ("", f"{message['MSH-5.1']}|{message['MSH-6.1']}")


def _sends(bound: BoundSender, message: Message) -> bool:
    return not bound.types or not {message.type, message["MSH-9.1"]}.isdisjoint(bound.types)


def _foreign_sender() -> SenderNotBound:
    text = "El certificado no es de este remitente (MSH-3 y MSH-4)."
    return SenderNotBound("certificate of another sender", code=103, location="MSH^1^3", text=text)


def _foreign_receiver() -> SenderNotBound:
    text = "Este certificado no puede enviar a ese destino (MSH-5 y MSH-6)."
    return SenderNotBound("receiver not allowed", code=103, location="MSH^1^5", text=text)


def _foreign_type() -> SenderNotBound:
    text = "Este certificado no puede enviar ese tipo de mensaje (MSH-9)."
    return SenderNotBound("message type not allowed", code=200, location="MSH^1^9", text=text)


_CHECKS: tuple[tuple[Callable[[BoundSender, Message], bool], Callable[[], SenderNotBound]], ...] = (
    (_speaks_as, _foreign_sender),
    (_speaks_to, _foreign_receiver),
    (_sends, _foreign_type),
)
