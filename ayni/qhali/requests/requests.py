"""Requests: confirming a draft, reading where a request stands, coming back with the secret code."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import apsw

from ayni.fhirserver import Repository
from ayni.qhali.intake import Submission, citizen_from, intake_bundle
from ayni.qhali.notifications import (
    Telling,
    Told,
    communication_of,
    is_urgent,
    sentence,
    set_timers,
    write_notice,
)
from ayni.qhali.redflags import Orientation
from ayni.qhali.requests.drafts import Draft, read_draft
from ayni.qhali.requests.statements import STATEMENTS
from ayni.vocabulary.fhir import Resource, bundle, dumps, loads, systems
from ayni.vocabulary.fhir.reference import logical
from ayni.vocabulary.request import EventKey, State, new_request_id
from ayni.vocabulary.request.identifiers import CROCKFORD
from ayni.wire import outbox
from ayni.wire.clock import Now
from ayni.wire.database import Database

RETURN_CODE_LENGTH = 12
"""Sixty random bits: too many to guess, few enough to copy from a screen by hand."""

FAILURES_MAX = 5
LOCKED_FOR = timedelta(minutes=15)
"""Five wrong codes close the door of one request for a quarter of an hour."""


@dataclass(frozen=True, slots=True)
class Request:
    """Where one request stands. `sequence` is that of the last event applied or passed over."""

    id: str
    state: State
    sequence: int
    facility: str
    level: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One change of state, as the citizen was told."""

    sequence: int
    state: State
    sentence: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Submitted:
    """A request was made, now or when this draft was confirmed before: the answer is the same."""

    request_id: str
    return_code: str


class NotReady(Exception):
    """The draft lacks a level or an identity."""


class NotAsShown(Exception):
    """The draft is not the one the citizen confirmed: another window has changed it."""


class Requests:
    """The requests of this system. `wake` tells the outbox sender that something was appended.

    Return codes follow from the draft's id, which only the citizen's session knows, and `code_key`: a
    repeated confirmation gives the same code, and no code is written anywhere.
    """

    def __init__(
        self,
        database: Database,
        *,
        now: Now,
        is_test: bool,
        wake: Callable[[], None],
        code_key: str,
        new_id: Callable[[], str] = new_request_id,
    ) -> None:
        self._database, self._now, self._is_test = database, now, is_test
        self._wake, self._code_key, self._new_id = wake, code_key, new_id

    def submit(self, draft_id: str, shown: str) -> Submitted:
        """Makes the request of a confirmed draft: intake and outbox row in one transaction.

        `shown` is the fingerprint of what the citizen confirmed. Raises NotReady, NotAsShown. A draft that is
        a request already gives the same answer again.
        """
        with self._database.reading() as tx:
            draft = read_draft(tx, draft_id)
        if draft is not None and draft.request_id is not None:
            return Submitted(draft.request_id, self.return_code(draft_id))
        now = self._now()
        if draft is None or draft.form is None:
            raise NotReady
        orientation = draft.orientation(now.date())
        if orientation.level is None:
            raise NotReady
        with self._database.transaction() as tx:
            submitted = self._submit(tx, draft, orientation, shown, now)
        self._wake()
        return submitted

    def _submit(
        self, tx: apsw.Connection, draft: Draft, orientation: Orientation, shown: str, now: datetime
    ) -> Submitted:
        """Writes a draft whose facts are known already, unless it is a request or another one by now."""
        found = read_draft(tx, draft.id)
        return_code = self.return_code(draft.id)
        if found is not None and found.request_id is not None:
            return Submitted(found.request_id, return_code)
        if found is None or draft.form is None or not found.fingerprint == draft.fingerprint == shown:
            raise NotAsShown
        submission = Submission(
            request_id=self._new_id(),
            at=now,
            began_at=draft.consented_at,
            consented_at=now,
            citizen=citizen_from(draft.form, today=now.date(), is_test=self._is_test),
            conversation=draft.conversation,
            orientation=orientation,
            is_test=self._is_test,
            enterer=draft.enterer,
            permission=draft.permission,
        )
        self._write(tx, draft.id, submission, return_code)
        return Submitted(submission.request_id, return_code)

    def _write(self, tx: apsw.Connection, draft_id: str, submission: Submission, return_code: str) -> None:
        intake = dumps(intake_bundle(submission))
        request_id, at = submission.request_id, submission.at
        values = {
            "id": request_id,
            "state": State.SUBMITTED.value,
            "return_code_hash": _hash(request_id, return_code),
            "facility": submission.citizen.facility.code,
            "level": submission.orientation.level,
            "created_at": at.isoformat(),
            "intake": intake,
        }
        tx.execute(STATEMENTS["insert_request"], values)
        tx.execute(STATEMENTS["set_request"], (request_id, draft_id))
        key = EventKey(request_id, "Q", 1)
        outbox.append(tx, event_key=str(key), request_id=request_id, content=intake, now=self._now)
        self._tell_sending(tx, key, submission)

    def _tell_sending(self, tx: apsw.Connection, key: EventKey, submission: Submission) -> None:
        """The first line, the first notice, and the clock of a request that does not arrive."""
        owner = logical("Organization", systems.RENIPRESS_ID, submission.citizen.facility.code)
        telling = Telling(key.request_id, {"owner": owner}, {})
        text, at, level = sentence(State.SUBMITTED, telling), submission.at, str(submission.orientation.level)
        tx.execute(
            STATEMENTS["insert_timeline"], (key.request_id, 0, State.SUBMITTED.value, text, at.isoformat())
        )
        patient = logical("Patient", systems.DNI_ID, submission.citizen.dni)
        said = communication_of(key.request_id, str(key), text, patient=patient, sent_at=at)
        told = Told(
            request_id=key.request_id,
            kind=State.SUBMITTED.value,
            text=text,
            outside=None,
            is_urgent=is_urgent(level),
        )
        repository = Repository(tx, now=self._now, new_id=secrets.token_hex)
        write_notice(tx, repository, told, said | {"identifier": [_event(key)]}, now=at)
        set_timers(tx, State.SUBMITTED, telling, level=level, patient=patient, now=at)

    def return_code(self, draft_id: str) -> str:
        """The secret of the request made of this draft, in groups of four: `7M3K-9XBT-4D2P`."""
        digest = hmac.digest(self._code_key.encode(), draft_id.encode(), "sha256")
        code = "".join(CROCKFORD[byte % len(CROCKFORD)] for byte in digest[:RETURN_CODE_LENGTH])
        return "-".join(code[start : start + 4] for start in range(0, RETURN_CODE_LENGTH, 4))

    def read(self, request_id: str) -> Request | None:
        """Where a request stands, None when there is none."""
        with self._database.reading() as tx:
            return read_request(tx, request_id)

    def advice(self, request_id: str) -> str:
        """What the citizen was told to do when the request was confirmed; the request is there."""
        with self._database.reading() as tx:
            intake = loads(bytes(tx.execute(STATEMENTS["read_intake"], (request_id,)).get))
        return str(bundle.only(intake, "RiskAssessment")["mitigation"])

    def timeline(self, request_id: str) -> list[TimelineEntry]:
        """Every change of state, oldest first."""
        with self._database.reading() as tx:
            rows: list[Any] = tx.execute(STATEMENTS["read_timeline"], (request_id,)).fetchall()
        return [
            TimelineEntry(sequence, State(state), told, datetime.fromisoformat(at))
            for sequence, state, told, at in rows
        ]

    def appointment(self, request_id: str) -> Resource | None:
        """The Appointment as the record last sent it."""
        with self._database.reading() as tx:
            repository = Repository(tx, now=self._now, new_id=secrets.token_hex)
            found = repository.search("Appointment", identifier=f"{systems.REQUEST_ID}|{request_id}")
        return found[-1] if found else None

    def opens(self, request_id: str, return_code: str) -> bool:
        """Whether this code opens this request; after five failures nothing does for a while."""
        now = self._now()
        with self._database.transaction() as tx:
            row = tx.execute(STATEMENTS["read_return_code"], (request_id,)).fetchone()
            if row is None:
                return False
            expected, failed_count, failed_at = row
            is_locked = failed_at is not None and now - datetime.fromisoformat(failed_at) < LOCKED_FOR
            if is_locked and failed_count >= FAILURES_MAX:
                return False
            if hmac.compare_digest(expected, _hash(request_id, return_code)):
                tx.execute(STATEMENTS["count_failure"], (0, None, request_id))
                return True
            failed_count = failed_count + 1 if is_locked else 1
            tx.execute(STATEMENTS["count_failure"], (failed_count, now.isoformat(), request_id))
            return False

    def figures(self) -> dict[str, object]:
        """How much there is of what, for the health page; no patient data."""
        with self._database.reading() as tx:
            waiting = tx.execute(STATEMENTS["count_outbox"], ("pending",)).get
            refused = tx.execute(STATEMENTS["count_outbox"], ("refused",)).get
            return {
                "requests": tx.execute(STATEMENTS["count_requests"]).get,
                "outbox_waiting": waiting,
                "outbox_refused": refused,
                "requests_with_gap": tx.execute(STATEMENTS["count_gaps"]).get,
                "events_refused": tx.execute(STATEMENTS["count_refused"]).get,
            }


def read_request(tx: apsw.Connection, request_id: str) -> Request | None:
    """The request as this transaction sees it."""
    row = tx.execute(STATEMENTS["read_request"], (request_id,)).fetchone()
    if row is None:
        return None
    found, state, sequence, facility, level, created_at = row
    return Request(found, State(state), sequence, facility, level, datetime.fromisoformat(created_at))


def _event(key: EventKey) -> Resource:
    return {"system": systems.EVENT_ID, "value": str(key)}


def _hash(request_id: str, return_code: str) -> bytes:
    """The code is random and long, so a plain hash is enough; people may type it in their own way."""
    typed = return_code.upper().replace("-", "").replace(" ", "")
    forgiven = typed.replace("O", "0").replace("I", "1").replace("L", "1")
    return hashlib.sha256(f"{request_id}:{forgiven}".encode()).digest()
