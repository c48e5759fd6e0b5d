"""What is wrong with a message, in the words an ERR segment needs.

Source: HL7 v2.5.1, chapter 2.15.5 (ERR) and tables 0357 (error condition) and 0516 (severity).
"""

from typing import Final, Literal

AnswerCode = Literal["AA", "AE", "AR"]
AcceptCode = Literal["CA", "CE", "CR"]
Severity = Literal["E", "W", "I"]

CONDITIONS: Final = {
    0: "Message accepted",
    100: "Segment sequence error",
    101: "Required field missing",
    102: "Data type error",
    103: "Table value not found",
    104: "Value too long",
    200: "Unsupported message type",
    201: "Unsupported event code",
    202: "Unsupported processing id",
    203: "Unsupported version id",
    204: "Unknown key identifier",
    205: "Duplicate key identifier",
    206: "Application record locked",
    207: "Application internal error",
}

# Conditions that say nothing about the content: the whole message is rejected, not found in error.
_REJECTED: Final = frozenset({200, 201, 202, 203, 207})


class Hl7Error(ValueError):
    """A finding about one message.

    `str()` is English and for engineers; `text` is a Spanish sentence for people. Neither may hold
    patient data: both travel in acknowledgements and logs.
    """

    def __init__(
        self,
        reason: str,
        *,
        code: int,
        text: str,
        location: str = "",
        severity: Severity = "E",
        application_code: str = "",
    ) -> None:
        """`code` is of table 0357; `location` is ERR-2 in `^` notation, e.g. `PID^1^5^1^1`."""
        super().__init__(f"{reason} (at {location})" if location else reason)
        if code not in CONDITIONS:
            raise ValueError(f"error condition {code} is not in table 0357")
        self.code = code
        self.location = location
        self.text = text
        self.severity: Severity = severity
        self.application_code = application_code

    @property
    def condition(self) -> str:
        """The wording of `code` in table 0357."""
        return CONDITIONS[self.code]

    @property
    def answer(self) -> AnswerCode:
        """The MSA-1 this finding leads to."""
        if self.code == 0:
            return "AA"
        return "AR" if self.code in _REJECTED else "AE"


class PathError(ValueError):
    """A path that names no place of a message: a program wrote it wrongly. What it says is not quoted."""

    def __init__(self, expected: str, found: object) -> None:
        kind = f"text of {len(found)} characters" if isinstance(found, str) else type(found).__name__
        super().__init__(f"expected {expected}, found {kind}")
        self.expected = expected


def data_type_error(reason: str, location: str, text: str) -> Hl7Error:
    """Condition 102, the one every reader in this room raises."""
    return Hl7Error(reason, code=102, location=location, text=text)
