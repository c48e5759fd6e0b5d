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
from ayni.qhali.models import Beside
from ayni.qhali.notifications.contacts import CHANNELS, Contact, consent_id, contacts_of
from ayni.qhali.notifications.notice import Notice, notices_of
from ayni.qhali.requests.heard import read_heard
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
    """One message to the record: what it was, and whether it has left."""

    event_key: str
    state: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """All of it. `intake` is the Bundle that was sent; `resources` what QHALI's FHIR store has besides.

    `heard` is what a language model heard in each turn it listened to. `unapplied_count` counts messages of
    the record that wait or could not be applied.
    """

    request_id: str
    state: State
    facility: str
    level: str
    created_at: datetime
    form: Mapping[str, str]
    said: tuple[Said, ...]
    heard: tuple[Beside, ...]
    intake: Resource
    steps: tuple[Step, ...]
    notices: tuple[Notice, ...]
    contacts: tuple[Contact, ...]
    sent: tuple[Sent, ...]
    resources: tuple[Resource, ...]
    unapplied_count: int

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
    form, said, heard = _draft(tx, request_id)
    repository = Repository(tx, now=now, new_id=secrets.token_hex)
    sending = loads(bytes(intake))
    steps = _rows(tx, "read_timeline", request_id)
    return Kept(
        request_id=request_id,
        state=State(state),
        facility=facility,
        level=level,
        created_at=datetime.fromisoformat(created_at),
        form=form,
        said=said,
        heard=heard,
        intake=sending,
        steps=tuple(Step(State(each), text, _at(at)) for each, text, at in steps),
        notices=tuple(notices_of(tx, request_id)),
        contacts=tuple(contacts_of(tx, request_id)),
        sent=tuple(Sent(key, each, _at(at)) for key, each, _, at in _rows(tx, "read_sent", request_id)),
        resources=tuple(resources_of(tx, repository, request_id, sending)),
        unapplied_count=tx.execute(STATEMENTS["count_unapplied"], {"request": request_id}).get,
    )


def resources_of(
    tx: apsw.Connection, repository: Repository, request_id: str, intake: Resource
) -> Iterator[Resource]:
    """What the FHIR store has about a request: by its number, or by an id that follows from it."""
    token = f"{systems.REQUEST_ID}|{request_id}"
    yield from repository.search("Task", group_identifier=token)
    yield from repository.search("Appointment", identifier=token)
    named = [("Communication", notice.id) for notice in notices_of(tx, request_id)]
    named += [("Consent", consent_id(request_id, channel)) for channel in CHANNELS]
    named += [("Consent", str(each["id"])) for each in bundle.resources(intake, "Consent")]
    for kind, resource_id in named:
        try:
            yield repository.read(kind, resource_id)
        except NotFound:
            continue


def _draft(
    tx: apsw.Connection, request_id: str
) -> tuple[Mapping[str, str], tuple[Said, ...], tuple[Beside, ...]]:
    row = tx.execute(STATEMENTS["read_draft"], (request_id,)).fetchone()
    if row is None:
        return {}, (), ()
    draft_id, form = row
    turns = _rows(tx, "read_turns", draft_id)
    said = tuple(Said(question(asked).text, text, _at(at)) for asked, text, at in turns)
    heard = tuple(read_heard(tx, draft_id))
    return msgspec.json.decode(form or "{}", type=dict[str, str]), said, heard


def _rows(tx: apsw.Connection, statement: str, key: str) -> list[Any]:
    return tx.execute(STATEMENTS[statement], (key,)).fetchall()


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
