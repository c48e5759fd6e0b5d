"""`ayni qhali sms`: what an SMS gateway would carry between QHALI and one telephone.

Each line in is one message of the citizen, each line out one SMS of QHALI. A message after the end begins a
new conversation, as on a telephone.
"""

from collections.abc import Iterable, Iterator

from ayni.qhali.terminal.dialogue import visit
from ayni.qhali.terminal.message import Message
from ayni.qhali.terminal.sending import Sending
from ayni.qhali.terminal.session import Session
from ayni.qhali.terminal.sms_parts import Part, sms_parts
from ayni.wire.clock import Now


def sms(lines: Iterable[str], *, now: Now, sending: Sending | None) -> Iterator[str]:
    """The SMS that answer each line."""
    session = None
    for line in filter(str.strip, lines):
        said = line.rstrip("\n")
        if session is None or session.is_over:
            session = Session(visit(now=now, sending=sending, opening=said))
            answer = session.message
        else:
            answer = session.hear(said)
        yield from map(as_line, sms_parts(as_sms(answer)))


def as_sms(message: Message) -> str:
    """The message in one line with its answers behind it: "Responda: 1 Sí, 2 No." """
    text = " ".join(message.text.split())
    if not message.choices:
        return text
    numbered = [f"{number} {choice}" for number, choice in enumerate(message.choices, message.first)]
    how = "Responda los números, o" if message.is_list else "Responda:"
    return f"{text} {how} {', '.join(numbered)}."


def as_line(part: Part) -> str:
    """ "QHALI 1/2 GSM-7 153: …" """
    return f"QHALI {part.number}/{part.count} {part.alphabet} {part.units}: {part.text}"
