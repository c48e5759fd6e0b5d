"""Everything that is kept about one request, as it lies in the store."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import apsw
import msgspec

from ayni.fhirserver import NotFound, Repository
from ayni.qhali.conversation import question
from ayni.qhali.models import Beside, Reply
from ayni.qhali.notifications.contacts import CHANNELS, Contact, consent_id, contacts_of
from ayni.qhali.notifications.notice import Notice, notices_of
from ayni.qhali.requests.heard import read_heard
from ayni.qhali.requests.replies import read_replies
from ayni.qhali.rights.statements import STATEMENTS
from ayni.vocabulary.fhir import Resource, bundle, loads, systems
from ayni.vocabulary.request import State
from ayni.wire.clock import Now


@dataclass(frozen=True, slots=True)
class Said:
    """One question and what the citizen answered."""

    question: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the timeline."""

    state: State
    sentence: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """One message to the record, and whether it has left."""

    event_key: str
    state: str
    message: Resource


@dataclass(frozen=True, slots=True)
class Coming:
    """What will be told at a time, unless something happens before."""

    kind: str
    at: datetime
    sentence: str


@dataclass(frozen=True, slots=True)
class Unapplied:
    """A message of the record that waits for its turn (`reason` is ""), or could not be used."""

    content: bytes
    reason: str

    @property
    def text(self) -> str:
        """As it came, for reading."""
        return self.content.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """All of it. `intake` is the Bundle that was sent; `resources` what QHALI's FHIR store has besides.

    `earlier` are the versions that those have replaced, newest first. `heard` is what a language model heard
    in each turn it listened to, `replies` what it had a part in of the answers to them.
    """

    request_id: str
    state: State
    facility: str
    level: str
    created_at: datetime
    form: Mapping[str, str]
    said: tuple[Said, ...]
    heard: tuple[Beside, ...]
    replies: tuple[Reply, ...]
    intake: Resource
    steps: tuple[Step, ...]
    notices: tuple[Notice, ...]
    contacts: tuple[Contact, ...]
    sent: tuple[Sent, ...]
    coming: tuple[Coming, ...]
    resources: tuple[Resource, ...]
    earlier: tuple[Resource, ...]
    unapplied: tuple[Unapplied, ...]

    @property
    def consents(self) -> list[Resource]:
        """The permissions: to send, and one for each channel ever chosen; the newest of each."""
        named = {each["id"]: each for each in (*bundle.resources(self.intake), *self.resources)}
        return [each for each in named.values() if each["resourceType"] == "Consent"]

    @property
    def narrative(self) -> str:
        """What QHALI wrote to the establishment in words."""
        return str(bundle.only(self.intake, "ServiceRequest")["note"][0]["text"])

    @property
    def advice(self) -> str:
        """What QHALI advised."""
        return str(bundle.only(self.intake, "RiskAssessment")["mitigation"])


def read_kept(tx: apsw.Connection, request_id: str, *, now: Now) -> Kept | None:
    """Everything about a request as this transaction sees it; None when there is no such request."""
    row = tx.execute(STATEMENTS["read_request"], (request_id,)).fetchone()
    if row is None:
        return None
    state, facility, level, created_at, intake = row
    repository = Repository(tx, now=now, new_id=secrets.token_hex)
    sending = loads(bytes(intake))
    versions = list(versions_of(tx, repository, request_id, sending))
    return Kept(
        request_id=request_id,
        state=State(state),
        facility=facility,
        level=level,
        created_at=_at(created_at),
        **_told(tx, request_id),
        intake=sending,
        steps=tuple(
            Step(State(each), text, _at(at)) for each, text, at in _rows(tx, "read_timeline", request_id)
        ),
        notices=tuple(notices_of(tx, request_id)),
        contacts=tuple(contacts_of(tx, request_id)),
        sent=tuple(
            Sent(key, each, loads(bytes(content)))
            for key, each, content in _rows(tx, "read_sent", request_id)
        ),
        coming=tuple(
            Coming(kind, _at(due_at), text) for kind, due_at, text in _rows(tx, "read_coming", request_id)
        ),
        resources=tuple(newest for newest, *_ in versions),
        earlier=tuple(each for _, *older in versions for each in older),
        unapplied=tuple(
            Unapplied(bytes(content), reason)
            for content, reason in tx.execute(STATEMENTS["read_unapplied"], {"request": request_id})
        ),
    )


def versions_of(
    tx: apsw.Connection, repository: Repository, request_id: str, intake: Resource
) -> Iterator[list[Resource]]:
    """What the FHIR store has about a request, by its number or by an id that follows from it.

    Each resource as its versions, newest first.
    """
    token = f"{systems.REQUEST_ID}|{request_id}"
    found = repository.search("Task", group_identifier=token)
    found += repository.search("Appointment", identifier=token)
    named = [(str(each["resourceType"]), str(each["id"])) for each in found]
    named += [("Communication", notice.id) for notice in notices_of(tx, request_id)]
    named += [("Consent", consent_id(request_id, channel)) for channel in CHANNELS]
    named += [("Consent", str(each["id"])) for each in bundle.resources(intake, "Consent")]
    for kind, resource_id in named:
        try:
            yield repository.history(kind, resource_id)
        except NotFound:
            continue


def _told(tx: apsw.Connection, request_id: str) -> dict[str, Any]:
    """What the citizen told, with the part a language model had in it; empty where the draft is gone."""
    row = tx.execute(STATEMENTS["read_draft"], (request_id,)).fetchone()
    draft_id, form = row or ("", None)
    return {
        "form": msgspec.json.decode(form or "{}", type=dict[str, str]),
        "said": tuple(
            Said(question(asked).text, text, _at(at)) for asked, text, at in _rows(tx, "read_turns", draft_id)
        ),
        "heard": tuple(read_heard(tx, draft_id)),
        "replies": tuple(read_replies(tx, draft_id)),
    }


def _rows(tx: apsw.Connection, statement: str, key: str) -> list[Any]:
    return tx.execute(STATEMENTS[statement], (key,)).fetchall()


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
