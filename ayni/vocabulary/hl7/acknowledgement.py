"""Answers to messages: `ACK` with MSA and one ERR per finding; in original mode unless the sender asks.

Source: HL7 v2.5.1, chapters 2.9.2 (original mode), 2.9.3 (enhanced mode), 2.15.8 (MSA), 2.15.5 (ERR).
"""

import re
import unicodedata
from codecs import BOM_UTF8
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from ayni.vocabulary.hl7.dates import format_timestamp
from ayni.vocabulary.hl7.encoding import STANDARD, Encoding, encoding
from ayni.vocabulary.hl7.errors import CONDITIONS, AcceptCode, AnswerCode, Hl7Error
from ayni.vocabulary.hl7.finding import Finding
from ayni.vocabulary.hl7.header import VERSION
from ayni.vocabulary.hl7.message import Message
from ayni.vocabulary.hl7.segment import Segment

_ACCEPT_CODE: Final[dict[AnswerCode, AcceptCode]] = {"AA": "CA", "AE": "CE", "AR": "CR"}
_HEADER_BYTES_MAX: Final = 4096  # far above any MSH; what follows is not looked at in an unreadable message


def acknowledge(
    message: Message,
    code: AnswerCode | AcceptCode,
    *,
    control_id: str,
    at: datetime,
    errors: Sequence[Hl7Error | Finding] = (),
) -> Message:
    """The general acknowledgement of `message`, written as it was: same separators, character set, version.

    In enhanced mode the first answer says `CA`, `CE` or `CR`, and a later one, with a control id of its own,
    `AA`, `AE` or `AR`; `acknowledgement_owed` says which of them the sender wants.
    A filtered message is `AA` with one error of code 0 and severity `I`. `control_id` is the answer's own.
    """
    header, written = message.segments("MSH")[0], message.encoding
    msa = Segment(written.field.join(["MSA", code, header.field(10)]), written)
    answer = Message([_header(header, message, control_id, at), msa], written)
    for error in errors:
        _add_error(answer, error)
    return answer


def acknowledgement_owed(message: Message, outcome: AnswerCode | AcceptCode) -> bool:
    """Whether the sender of `message` wants the answer `outcome`.

    Original mode (MSH-15 and MSH-16 empty): an application answer (`AA`, `AE`, `AR`), and none to an answer.
    Enhanced mode: MSH-15 decides about `CA`, `CE` and `CR`, MSH-16 about the others: `AL` always, `ER` only
    bad news, `SU` only good news; `NE`, nothing (ours, beside a filled one) or anything else: none.
    """
    wishes = {"C": message["MSH-15"], "A": message["MSH-16"]}
    is_answer = bool(message.segments("MSA"))
    if not any(wishes.values()):
        return outcome[0] == "A" and not is_answer
    if outcome[0] == "A" and is_answer:
        return False
    return wishes[outcome[0]] in ("AL", "SU" if outcome[1] == "A" else "ER")


def acknowledge_unreadable(raw: bytes, error: Hl7Error, *, control_id: str, at: datetime) -> Message:
    """The answer to bytes that `parse` refused with `error`; it repeats what can still be read of MSH.

    In enhanced mode it is the first answer, `CE` or `CR`.
    """
    message = _legible(raw)
    enhanced = message["MSH-15"] or message["MSH-16"]
    code = _ACCEPT_CODE[error.answer] if enhanced else error.answer
    return acknowledge(message, code, control_id=control_id, at=at, errors=[error])


def _header(received: Segment, message: Message, control_id: str, at: datetime) -> Segment:
    written = message.encoding
    fields = {number: received.field(number) for number in (2, 11, 12, 18)}
    # Sender and receiver change places, whole fields: a partner's HD may carry an OID.
    fields |= {3: received.field(5), 4: received.field(6), 5: received.field(3), 6: received.field(4)}
    fields[7] = format_timestamp(at)
    fields[9] = written.component.join(["ACK", received["9.2"], "ACK"])
    fields[10] = written.escape(control_id)
    fields[17] = "PER"
    fields[19] = written.component.join(["es", "Spanish", "ISO639"])
    return Segment(written.field.join(["MSH", *(fields.get(number, "") for number in range(2, 20))]), written)


def _add_error(answer: Message, error: Hl7Error | Finding) -> None:
    err = answer.add("ERR")
    for number, part in enumerate(filter(None, error.location.split("^")), start=1):
        err[f"2.{number}"] = part
    for number, part in enumerate((str(error.code), CONDITIONS[error.code], "HL70357"), start=1):
        err[f"3.{number}"] = part
    err[4] = error.severity
    err[5] = error.application_code
    err[8] = _in_charset(error.text, answer.encoding)


def _in_charset(text: str, written: Encoding) -> str:
    """Our own sentence in the sender's character set, without accents where that has none."""
    try:
        text.encode(written.codec)
    except UnicodeEncodeError:
        return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return text


def _legible(raw: bytes) -> Message:
    """The MSH of `raw` as far as it can be read, said to be UTF-8 because that is how we answer."""
    line = re.split(rb"[\r\n]", raw.removeprefix(BOM_UTF8)[:_HEADER_BYTES_MAX], maxsplit=1)[0].decode(
        "ascii", "replace"
    )
    header, written = Segment("MSH|^~\\&", STANDARD), STANDARD
    if line.startswith("MSH") and line[3:]:
        marks, _, _ = line[4:].partition(line[3:4])
        try:
            written = encoding(line[3:4] + marks, STANDARD.codec)
            header = Segment(line, written)
        except Hl7Error:
            pass  # separators that cannot be told apart: nothing after them can be trusted
    header[12] = header[12] or VERSION
    header[18] = "UNICODE UTF-8"
    return Message([header], written)
