"""The names of one citizen's request and of what happens to it.

The request id is also the correlation id of the whole exercise. It names; it never authorises.
"""

import re
import secrets
import uuid
from dataclasses import dataclass
from typing import Literal, Self

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_LENGTH = 10
EVENT_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://ayni.example/fhir/id/event")
"""A name-based UUID of ours: the same event key gives the same MessageHeader.id on every machine."""

Direction = Literal["R", "Q"]
"""R: record to citizen. Q: citizen to record."""

_REQUEST_ID = re.compile(rf"QH-[{CROCKFORD}]{{{RANDOM_LENGTH}}}")
_EVENT_KEY = re.compile(rf"(QH-[{CROCKFORD}]{{{RANDOM_LENGTH}}})\.([RQ])([0-9]{{3}})")


def new_request_id() -> str:
    """`QH-` and ten random characters of Crockford's base 32 (50 bits)."""
    return "QH-" + "".join(secrets.choice(CROCKFORD) for _ in range(RANDOM_LENGTH))


def is_request_id(text: str) -> bool:
    """Whether a text has the form of a request id."""
    return _REQUEST_ID.fullmatch(text) is not None


def request_id_within(text: str) -> str:
    """The first request id that stands anywhere in a text, "" when there is none."""
    found = _REQUEST_ID.search(text)
    return found[0] if found else ""


@dataclass(frozen=True, slots=True, order=True)
class EventKey:
    """One event of one request: `QH-7M3K9XBT4D.R004` (18 characters, MSH-10 allows 20)."""

    request_id: str
    direction: Direction
    sequence: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `<request id>.R001`; raises ValueError for anything else."""
        match = _EVENT_KEY.fullmatch(text)
        if match is None or match[3] == "000":
            raise ValueError(f"not an event key, expected QH-xxxxxxxxxx.R001 or .Q001: {text[:40]!r}")
        return cls(match[1], "R" if match[2] == "R" else "Q", int(match[3]))

    def __str__(self) -> str:
        return f"{self.request_id}.{self.direction}{self.sequence:03d}"

    @property
    def header_id(self) -> str:
        """The MessageHeader.id of this event: a resent message is the same message."""
        return str(uuid.uuid5(EVENT_NAMESPACE, str(self)))
