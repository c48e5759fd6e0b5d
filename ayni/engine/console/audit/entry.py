"""One entry of the audit and how it is chained to the one before."""

import hashlib
from datetime import datetime
from typing import Literal

import msgspec

Outcome = Literal["seen", "asked", "done", "failed"]
"""`seen`: content was shown. `asked` before an action, `done` or `failed` after it."""

BEGINNING = "0" * 64
"""What the first entry is chained to."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Who did what, when and from where; `messages` are numbers. Never a word of their content."""

    number: int
    at: datetime
    who: str
    role: str
    address: str
    action: str
    outcome: Outcome
    messages: list[int]
    details: dict[str, str | int | list[int]]
    hash: str


def chained(previous: str, *columns: str | int) -> str:
    """The hash of an entry's columns, as they are stored, behind the hash of the entry before."""
    return hashlib.sha256(msgspec.json.encode([previous, *columns])).hexdigest()


def entry_of(row: tuple[str | int, ...]) -> Entry:
    """An entry from its row."""
    number, at, who, role, address, action, outcome, messages, details, digest = row
    return msgspec.convert(
        {
            "number": number,
            "at": at,
            "who": who,
            "role": role,
            "address": address,
            "action": action,
            "outcome": outcome,
            "messages": msgspec.json.decode(str(messages)),
            "details": msgspec.json.decode(str(details)),
            "hash": digest,
        },
        Entry,
    )
