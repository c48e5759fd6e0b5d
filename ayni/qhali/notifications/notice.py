"""A notice: what a citizen is told, once, and where it stands.

It is written in the transaction of the change that it tells, together with its Communication and the first
row of its outbox, the page. Whoever looks at the page confirms it there; otherwise the channels that the
citizen chose follow one after the other.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import apsw

from ayni.fhirserver import Repository
from ayni.qhali.notifications.communication import was_received
from ayni.qhali.notifications.outlets.contract import CHOICES
from ayni.qhali.notifications.statements import STATEMENTS
from ayni.vocabulary.fhir import Resource
from ayni.vocabulary.request import URGENCY
from ayni.wire.clock import LIMA

PAGE = "page"
PAGE_WAIT = timedelta(seconds=15)
"""An open page fetches a change within a second or two; after this nobody is looking at it."""

TOKEN_BYTES = 16
URGENT_PRIORITIES = ("stat", "asap")

Asks = Literal["appointment", "wellbeing"]
"""What a notice may be answered with: confirm/change/cannot, or better/same/worse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something to tell. `outside` is for channels and locked screens, None when it stays on the page."""

    request_id: str
    kind: str
    text: str
    outside: str | None
    asks: Asks | None = None
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as it is kept. `answer` is the citizen's, "" while there is none."""

    id: str
    request_id: str
    kind: str
    text: str
    outside: str | None
    asks: str | None
    is_urgent: bool
    token: str
    created_at: datetime
    confirmed_at: datetime | None
    answer: str
    answered_at: datetime | None

    @property
    def answer_words(self) -> str:
        """The answer as its button says it, "" while there is none."""
        return CHOICES[self.asks or ""][self.answer] if self.answer else ""


def is_urgent(level: str) -> bool:
    """Whether a request of this orientation level may wake somebody up."""
    return level in URGENCY and URGENCY[level].fhir_priority in URGENT_PRIORITIES


def write_notice(
    tx: apsw.Connection, repository: Repository, told: Told, communication: Resource, *, now: datetime
) -> str:
    """Writes notice, Communication and page row; returns the id. Raises IdTaken the second time."""
    created = repository.create(communication)
    now = now.astimezone(LIMA)
    values = {
        "id": created["id"],
        "request": told.request_id,
        "kind": told.kind,
        "text": told.text,
        "outside": told.outside,
        "asks": told.asks,
        "is_urgent": told.is_urgent,
        "token": secrets.token_urlsafe(TOKEN_BYTES),
        "created_at": now.isoformat(),
    }
    tx.execute(STATEMENTS["insert_notice"], values)
    add_attempt(tx, created["id"], PAGE, "sent", now + PAGE_WAIT)
    return str(created["id"])


def add_attempt(tx: apsw.Connection, notice_id: str, channel: str, state: str, due_at: datetime) -> None:
    """Writes the next row of a notice's outbox; `due_at` in Peru's time."""
    values = {"notice": notice_id, "channel": channel, "state": state, "due_at": due_at.isoformat()}
    tx.execute(STATEMENTS["insert_attempt"], values)


def read_notice(tx: apsw.Connection, notice_id: str) -> Notice | None:
    """The notice as this transaction sees it."""
    row = tx.execute(STATEMENTS["read_notice"], (notice_id,)).fetchone()
    return _notice(*row) if row else None


def notices_of(tx: apsw.Connection, request_id: str) -> Iterator[Notice]:
    """Everything a citizen was told about a request, oldest first."""
    return (_notice(*row) for row in tx.execute(STATEMENTS["read_notices"], (request_id,)))


def confirm(tx: apsw.Connection, repository: Repository, notice_id: str, *, now: datetime) -> None:
    """Somebody has it: nothing more is sent. Saying it again changes nothing."""
    tx.execute(STATEMENTS["confirm_notice"], (now.isoformat(), notice_id))
    tx.execute(STATEMENTS["confirm_attempts"], (notice_id,))
    was_received(repository, notice_id, now)


def unconfirmed(tx: apsw.Connection, request_id: str) -> list[str]:
    """The notices of a request that nobody is known to have."""
    return [str(row[0]) for row in tx.execute(STATEMENTS["unconfirmed_notices"], (request_id,))]


def _notice(*row: Any) -> Notice:
    notice_id, request, kind, text, outside, asks, urgent, token, created_at, *later = row
    confirmed_at, answer, answered_at = later
    return Notice(
        notice_id,
        request,
        kind,
        text,
        outside,
        asks,
        bool(urgent),
        token,
        datetime.fromisoformat(created_at),
        datetime.fromisoformat(confirmed_at) if confirmed_at else None,
        answer or "",
        datetime.fromisoformat(answered_at) if answered_at else None,
    )
