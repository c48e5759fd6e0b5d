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
from ayni.vocabulary.hl7.definitions import nearest
from ayni.vocabulary.hl7.encoding import ABSENT, STANDARD, Encoding, encoding
from ayni.vocabulary.hl7.errors import CONDITIONS, AcceptCode, AnswerCode, Hl7Error
from ayni.vocabulary.hl7.finding import Finding
from ayni.vocabulary.hl7.header import VERSION
from ayni.vocabulary.hl7.message import Message
from ayni.vocabulary.hl7.path import nth

ACCEPT_CODES: Final[dict[AnswerCode, AcceptCode]] = {"AA": "CA", "AE": "CE", "AR": "CR"}
"""What enhanced mode's first answer says instead of each answer of the original mode."""
_CODES: Final = frozenset({*ACCEPT_CODES, *ACCEPT_CODES.values()})
_BEFORE_ERR: Final = frozenset({"2.3", "2.3.1", "2.4"})  # in v2.5 ERR got a field for each thing it says
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
    Raises ValueError for a code that is not in table 0008.
    """
    _require_code(code)
    written = message.encoding
    is_old = bool(errors) and nearest(message.version) in _BEFORE_ERR
    reason = _reason(errors[0], written) if is_old else ()
    lines = [
        _msh(message, control_id, at),
        written.field.join(["MSA", code, _repeatable(message.header.field(10)), *reason]),
        *(_err(error, written, _location_and_code(error, written) if is_old else "") for error in errors),
    ]
    return Message(lines, written)


def acknowledgement_owed(message: Message, outcome: AnswerCode | AcceptCode) -> bool:
    """Whether the sender of `message` wants the answer `outcome`.

    Original mode (MSH-15 and MSH-16 empty): an application answer (`AA`, `AE`, `AR`), and none to an answer.
    Enhanced mode: MSH-15 decides about `CA`, `CE` and `CR`, MSH-16 about the others: `AL` always, `ER` only
    bad news, `SU` only good news; `NE`, nothing (ours, beside a filled one) or anything else: none.
    Raises ValueError for a code that is not in table 0008.
    """
    _require_code(outcome)
    wishes = {"C": message["MSH-15"], "A": message["MSH-16"]}
    is_answer = bool(message.segments("MSA"))
    if not any(wishes.values()):
        return outcome[0] == "A" and not is_answer
    if outcome[0] == "A" and is_answer:
        return False
    return wishes[outcome[0]] in ("AL", "SU" if outcome[1] == "A" else "ER")


def acknowledge_unreadable(
    raw: bytes, error: Hl7Error, *, control_id: str, at: datetime, speaks_enhanced: bool = True
) -> Message:
    """The answer to bytes that `parse` refused with `error`; it repeats what can still be read of MSH.

    In enhanced mode it is the first answer, `CE` or `CR`. A receiver that does not speak it answers `AE` or
    `AR` whatever the sender asks for.
    """
    message = _legible(raw)
    is_enhanced = speaks_enhanced and (message["MSH-15"] or message["MSH-16"])
    code = ACCEPT_CODES[error.answer] if is_enhanced else error.answer
    return acknowledge(message, code, control_id=control_id, at=at, errors=[error])


def _require_code(code: str) -> None:
    if code not in _CODES:
        raise ValueError("expected a code of table 0008: AA, AE, AR, CA, CE or CR")


def _sent_at(at: datetime, written: Encoding) -> str:
    """Without its zone where the sign of that is a separator: MSH-2 may have nothing to escape it with."""
    text = format_timestamp(at)
    return text if written.escape(text) == text else re.split("[+-]", text)[0]


def _repeatable(control_id: str) -> str:
    """A control id without control characters: with some of them no transport could carry the answer."""
    if not control_id or min(control_id) >= " ":
        return control_id
    return "".join(char for char in control_id if char >= " ")


def _msh(message: Message, control_id: str, at: datetime) -> str:
    """Whole fields of the received one are repeated as they are: a partner's HD may carry an OID."""
    written, received = message.encoding, message.header.field
    event = nth(received(9).partition(written.repetition)[0], written.component, 2)
    fields = (
        "MSH",
        received(2),
        *(received(5), received(6), received(3), received(4)),  # sender and receiver change places
        _sent_at(at, written),
        "",
        written.component.join(("ACK", event, "ACK")),
        control_id if control_id.isalnum() else written.escape(control_id),
        *(received(11), received(12)),
        *("", "", "", "", "PER"),
        received(18),
        written.component.join(("es", "Spanish", "ISO639")),
    )
    return written.field.join(fields)


def _err(error: Hl7Error | Finding, written: Encoding, location_and_code: str) -> str:
    fields = (
        "ERR",
        location_and_code,
        written.component.join(_location(error, written)),
        written.component.join(_condition(error, written)),
        error.severity,
        _fitting(error.application_code, written),
        *("", "", _fitting(error.text, written)),
    )
    return written.field.join(fields)


def _reason(error: Hl7Error | Finding, written: Encoding) -> tuple[str, ...]:
    """MSA-3 to MSA-6, where readers of the versions before v2.5 look."""
    return _fitting(error.text, written), "", "", written.component.join(_condition(error, written))


def _location_and_code(error: Hl7Error | Finding, written: Encoding) -> str:
    """ERR-1. Readers of the versions that have nothing else there pass over the fields behind it."""
    where, condition = [*_location(error, written), "", "", ""][:3], _condition(error, written)
    code = condition[0] if written.subcomponent in ABSENT else written.subcomponent.join(condition)
    return written.component.join([*where, code])


def _location(error: Hl7Error | Finding, written: Encoding) -> list[str]:
    return [_fitting(part, written) for part in error.location.split("^") if part]


def _condition(error: Hl7Error | Finding, written: Encoding) -> list[str]:
    return [_fitting(part, written) for part in (str(error.code), CONDITIONS[error.code], "HL70357")]


def _fitting(text: str, written: Encoding) -> str:
    """Our own words as the sender writes: an answer that cannot be sent helps nobody.

    They lose accents where the character set has none, and separators where MSH-2 has no escape mark.
    """
    try:
        text.encode(written.codec)
    except UnicodeEncodeError:
        text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    if written.escape_mark in ABSENT:
        text = text.translate(dict.fromkeys(map(ord, written.separators), " "))
    return written.escape(text)


def _legible(raw: bytes) -> Message:
    """The MSH of `raw` as far as it can be read, said to be UTF-8 because that is how we answer."""
    head = raw.removeprefix(BOM_UTF8)[:_HEADER_BYTES_MAX]
    line = re.split(rb"[\r\n]", head, maxsplit=1)[0].decode("utf_8", "replace")
    header, written = "MSH|^~\\&", STANDARD
    if line.startswith("MSH") and line[3:]:
        marks, _, _ = line[4:].partition(line[3:4])
        try:
            written = encoding(line[3:4] + marks, STANDARD.codec)
            header = line
        except Hl7Error:
            pass  # separators that cannot be told apart: nothing after them can be trusted
    message = Message([header], written)
    if not message["MSH-12"]:
        message["MSH-12"] = VERSION
    message["MSH-18"] = "UNICODE" if written.escape_mark in ABSENT else "UNICODE UTF-8"  # - may need escaping
    return message
