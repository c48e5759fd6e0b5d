"""Handing an HL7 v2 message to the other side over MLLP and judging its acknowledgement.

HL7 v2.5.1, section 2.9.2 (original mode): MSA-1 AA accepted, AE error, AR rejected. ERR-3 says why; partners
of the versions before v2.5 say it in the fourth component of ERR-1, or in MSA-6 (v2.4, chapter 2).
"""

import math
import re

from ayni.vocabulary.hl7 import Hl7Error, Message, parse
from ayni.wire.failure import NotTaken, OutcomeUnknown, Refused
from ayni.wire.mllp import MllpClient

ERROR_CODE = re.compile("[0-9]{1,3}")
"""Table 0357. Anything else in its place may quote the message and must not reach a log."""
CODES = frozenset({"AA", "AE", "AR", "CA", "CE", "CR"})
"""Table 0008."""
REASONS = ("ERR-3.1", "ERR-1.4.1", "MSA-6.1")
"""Where a code of table 0357 may stand, the newest way first."""
TRY_AGAIN_CODES = frozenset({"206", "207"})
"""Table 0357: record locked and internal error say nothing against the message itself."""

_USUAL_HEADER = rb"MSH|^~\&|"
_CHARSET = 17
"""MSH-18: the name of the segment stands before MSH-2."""
_USUAL_CHARSETS = frozenset({b"", b"ASCII", b"8859/1", b"UNICODE UTF-8"})
_YES = frozenset({b"AA", b"CA"})


class Hl7Link:
    """The way to one partner's MLLP listener."""

    def __init__(self, client: MllpClient) -> None:
        self._client = client

    async def send(self, message: bytes, control_id: str, *, begin_by: float = math.inf) -> bytes:
        """Sends one message and returns its positive acknowledgement; raises LinkError."""
        answer = await self._client.exchange(message, begin_by=begin_by)
        try:
            if not is_plain_yes(answer.content, control_id):
                judge(answer.content, control_id)
            if answer.is_early:
                raise OutcomeUnknown("accepted before the message was complete", answer=answer.content)
        except OutcomeUnknown:
            self._client.drop()
            raise
        return answer.content


def is_plain_yes(answer: bytes, control_id: str) -> bool:
    """Whether it is a yes that `judge` hears too, told at a fraction of the cost: an MSH and an MSA in ASCII.

    Nearly all partners answer so. False says nothing: then the answer is read.
    """
    header, _, line = answer.removesuffix(b"\r").partition(b"\r")
    if not (header.startswith(_USUAL_HEADER) and answer.isascii()):
        return False
    if line.find(b"\r") >= 0 or answer.find(b"\n") >= 0:
        return False
    name, code, echoed, *_ = (*line.split(b"|", 3), b"", b"")
    charset = header.split(b"|")[_CHARSET : _CHARSET + 1]
    is_usual = name == b"MSA" and (not charset or charset[0] in _USUAL_CHARSETS)
    return is_usual and code in _YES and control_id.isalnum() and echoed == control_id.encode()


def judge(answer: bytes, control_id: str) -> Message:
    """The acknowledgement when it says yes to this control id; raises the failure that it means."""
    try:
        acknowledgement = parse(answer)
    except Hl7Error as error:
        raise OutcomeUnknown("the answer cannot be read", answer=answer) from error
    code, echoed = acknowledgement["MSA-1"], acknowledgement["MSA-2"]
    is_one = len(acknowledgement.segments("MSA")) == 1  # two may say yes and no
    if not is_one or not echoed or echoed != control_id or code not in CODES:
        raise OutcomeUnknown("the answer is not to this message", answer=answer)
    if code in ("AA", "CA"):
        return acknowledgement
    said = (acknowledgement[place] for place in REASONS)
    reason = next(filter(ERROR_CODE.fullmatch, said), "")
    failure = NotTaken if reason in TRY_AGAIN_CODES else Refused
    raise failure(f"{code} {reason}".strip(), answer=answer)
