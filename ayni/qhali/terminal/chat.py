"""`ayni qhali chat`: a conversation with QHALI in a terminal or through a pipe."""

from collections.abc import Iterable, Iterator

from ayni.qhali.terminal.dialogue import visit
from ayni.qhali.terminal.message import Message
from ayni.qhali.terminal.sending import Sending
from ayni.qhali.terminal.session import Session
from ayni.wire.clock import Now

CLOSED = "Terminamos. No guardé nada."


def chat(lines: Iterable[str], *, now: Now, sending: Sending | None) -> Iterator[str]:
    """What QHALI says, a message at a time, to what the citizen writes, a line at a time."""
    session = Session(visit(now=now, sending=sending))
    yield as_text(session.message)
    for line in lines:
        yield as_text(session.hear(line.rstrip("\n")))
        if session.is_over:
            return
    yield CLOSED


def as_text(message: Message) -> str:
    """The message with its answers numbered one below the other."""
    numbered = [f"  {number}. {choice}" for number, choice in enumerate(message.choices, message.first)]
    return "\n".join([message.text, *numbered])
