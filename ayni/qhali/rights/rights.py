"""What a citizen may ask about what is kept of them: to see it, take it away, withdraw, be forgotten.

Source: Ley 29733 (access, cancellation, opposition, revocation of consent), regulation DS 016-2024-JUS.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime

import apsw
import structlog

from ayni.fhirserver import NotFound, Repository
from ayni.qhali.conversation.turns import forget_turns
from ayni.qhali.intake import consent_to_send, consents_to_share
from ayni.qhali.notifications import Told, communication_of, write_notice
from ayni.qhali.notifications.answers import ask_to_cancel
from ayni.qhali.notifications.contacts import contacts_of, patient_of, remove_contact
from ayni.qhali.rights.kept import Kept, read_kept, versions_of
from ayni.qhali.rights.statements import STATEMENTS
from ayni.vocabulary.fhir import loads
from ayni.vocabulary.request import State
from ayni.wire.clock import Now
from ayni.wire.database import Database

log = structlog.get_logger()

FORGOTTEN = (
    "forget_attempts",
    "forget_notices",
    "forget_timers",
    "forget_contacts",
    "forget_early",
    "forget_refused",
    "forget_outbox",
    "forget_received",
    "forget_timeline",
    "forget_draft",
    "forget_request",
)
"""Children before the rows they refer to; a draft takes its turns with it."""

CANCELLABLE = frozenset(
    {
        State.RECEIVED,
        State.IDENTITY_PENDING,
        State.IN_REVIEW,
        State.INFORMATION_REQUESTED,
        State.ACCEPTED,
        State.WAITLISTED,
        State.BOOKED,
        State.RESCHEDULED,
        State.NO_SHOW,
    }
)
"""Where the citizen may cancel; once somebody is being cared for, the visit goes on."""

WITHDRAWN = (
    "Retiramos su permiso. Pedimos al establecimiento que anule su pedido. Ya no le avisaremos afuera."
)
WITHDRAWN_LATE = "Retiramos su permiso. Su atención sigue con el establecimiento."


class Rights:
    """The rights over a request; the caller knows whose it is. `key` makes the marks of the forgotten."""

    def __init__(
        self, database: Database, *, now: Now, is_test: bool, key: str, wake: Callable[[], None]
    ) -> None:
        self._database, self._now, self._is_test = database, now, is_test
        self._key, self._wake = key, wake

    def kept(self, request_id: str) -> Kept | None:
        """Everything that is kept, None when there is no such request."""
        with self._database.reading() as tx:
            return read_kept(tx, request_id, now=self._now)

    def has_left(self, request_id: str) -> bool:
        """Whether the request may have been read by anybody else: it was sent, or it was tried."""
        with self._database.reading() as tx:
            return bool(tx.execute(STATEMENTS["has_left"], (request_id,)).get)

    def was_delivered(self, request_id: str) -> bool:
        """Whether the engine has said that it keeps the request."""
        with self._database.reading() as tx:
            return bool(tx.execute(STATEMENTS["was_delivered"], (request_id,)).get)

    def withdraw(self, request_id: str) -> None:
        """Withdraws the permission to send: a request on its way stops, one that arrived is to be cancelled.

        Nothing more goes out through any channel. Saying it again changes nothing.
        """
        if not self.was_delivered(request_id):
            self.forget(request_id)
            return
        now = self._now()
        with self._database.transaction() as tx:
            repository = self._repository(tx)
            if self._revoke(tx, repository, request_id, now):
                self._tell(tx, repository, request_id, now)
        self._wake()

    def _revoke(self, tx: apsw.Connection, repository: Repository, request_id: str, now: datetime) -> bool:
        """Ends what lets her words go elsewhere, and erases what a model heard; False when it was so."""
        intake = loads(bytes(tx.execute(STATEMENTS["read_request"], (request_id,)).fetchone()[4]))
        try:
            repository.read("Consent", consent_to_send(intake)["id"])
        except NotFound:
            at = now.isoformat(timespec="seconds")
            for consent in consents_to_share(intake):
                repository.create(consent | {"status": "inactive", "dateTime": at})
            tx.execute(STATEMENTS["forget_heard"], (request_id,))
            tx.execute(STATEMENTS["forget_replies"], (request_id,))
            return True
        return False

    def _tell(self, tx: apsw.Connection, repository: Repository, request_id: str, now: datetime) -> None:
        """Closes the channels, asks the record to cancel, and says so on the page."""
        for contact in contacts_of(tx, request_id):
            remove_contact(tx, repository, request_id, contact.channel, now=now)
        tx.execute(STATEMENTS["stop_timers"], (request_id,))
        state = State(tx.execute(STATEMENTS["read_request"], (request_id,)).fetchone()[0])
        is_asked = state in CANCELLABLE
        if is_asked:
            ask_to_cancel(tx, request_id, now=self._now, is_test=self._is_test)
        text = WITHDRAWN if is_asked else WITHDRAWN_LATE
        told = Told(request_id=request_id, kind="withdrawn", text=text, outside=None)
        patient = patient_of(tx, request_id)
        said = communication_of(request_id, f"{request_id}#withdrawn", text, patient=patient, sent_at=now)
        write_notice(tx, repository, told, said, now=now)

    def forget(self, request_id: str) -> None:
        """Erases everything about a request, in the rows and in the file; keeps that somebody was forgotten.

        What others have of it stays with them. Messages of the record that still come leave no trace.
        """
        with self._database.transaction() as tx:
            row = tx.execute(STATEMENTS["read_request"], (request_id,)).fetchone()
            if row is None:
                return
            had_left = bool(tx.execute(STATEMENTS["has_left"], (request_id,)).get)
            repository = self._repository(tx)
            for newest, *_ in list(versions_of(tx, repository, request_id, loads(bytes(row[4])))):
                repository.expunge(newest["resourceType"], newest["id"])
            for statement in FORGOTTEN:
                tx.execute(STATEMENTS[statement], {"request": request_id})
            day = self._now().date().isoformat()
            tx.execute(STATEMENTS["insert_erasure"], (self._mark(request_id), day, had_left))
        forget_turns()
        self._database.fold_log()
        log.info("request forgotten")

    def is_forgotten(self, tx: apsw.Connection, request_id: str) -> bool:
        """Whether this request was forgotten."""
        return bool(tx.execute(STATEMENTS["is_forgotten"], (self._mark(request_id),)).get)

    def _mark(self, request_id: str) -> bytes:
        """Nobody without the key can tell from a mark which request it was."""
        return hmac.digest(self._key.encode(), request_id.encode(), hashlib.sha256)

    def _repository(self, tx: apsw.Connection) -> Repository:
        return Repository(tx, now=self._now, new_id=secrets.token_hex)
