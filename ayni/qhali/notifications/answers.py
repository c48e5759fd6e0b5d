"""The citizen's answer to a notice: kept once, and told to the record when it is about an appointment.

The record is the writer of every state: the answer travels as an event of the citizen (FHIR R4 message with
an AppointmentResponse; in HL7 v2 `SRM^S02`, `S03` or `S04`), in the outbox of the intake, after it.
"""

import secrets
import uuid
from collections.abc import Callable
from datetime import datetime

import apsw

from ayni.fhirserver import Repository
from ayni.qhali.notifications.contacts import patient_of
from ayni.qhali.notifications.notice import Notice, confirm, read_notice
from ayni.qhali.notifications.outlets.contract import CHOICES
from ayni.qhali.notifications.statements import STATEMENTS
from ayni.vocabulary.fhir import Resource, bundle, dumps, systems
from ayni.vocabulary.fhir.reference import inside_bundle
from ayni.vocabulary.maps.answer import APPOINTMENT_ANSWERED
from ayni.vocabulary.request import EventKey
from ayni.vocabulary.request.identifiers import EVENT_NAMESPACE
from ayni.wire import outbox
from ayni.wire.clock import Now
from ayni.wire.database import Database

PARTICIPATION = {"confirm": "accepted", "change": "tentative", "cannot": "declined"}
"""AppointmentResponse.participantStatus; in v2 S03 (confirms), S02 (another date), S04 (cancels)."""
COMMENT = {"confirm": "Confirma su cita.", "change": "Pide otra fecha.", "cannot": "No puede ir."}


class NotAsked(ValueError):
    """The notice asks nothing, or not this; or there is no such notice."""


class Answers:
    """Takes answers from pages and channels. `wake` tells the outbox sender."""

    def __init__(self, database: Database, *, now: Now, is_test: bool, wake: Callable[[], None]) -> None:
        self._database, self._now, self._is_test, self._wake = database, now, is_test, wake

    def answer(self, notice_id: str, choice: str, *, request_id: str | None = None) -> str:
        """Keeps an answer and returns whose request it is about; the first answer stays.

        Raises NotAsked, also for a notice of another request than `request_id`, and for a question about an
        appointment that has moved or ended since: nobody confirms a date with the answer to an earlier one.
        """
        with self._database.transaction() as tx:
            notice = read_notice(tx, notice_id)
            if notice is None or request_id not in (None, notice.request_id):
                raise NotAsked
            if choice not in CHOICES.get(notice.asks or "", {}):
                raise NotAsked
            if not notice.answer:
                _check_still_asked(tx, notice)
                self._keep(tx, notice, choice)
        self._wake()
        return notice.request_id

    def answer_by_token(self, token: str, choice: str) -> str:
        """The same from a channel: the token is of one notice and opens nothing else."""
        return self.answer(self._notice_of(token), choice)

    def answer_by_number(self, channel: str, address: str, text: str) -> str:
        """The same from an SMS: a number answers the newest open question that went to this address."""
        with self._database.reading() as tx:
            row = tx.execute(STATEMENTS["last_asked"], {"channel": channel, "address": address}).fetchone()
            notice = read_notice(tx, row[0]) if row else None
        if notice is None:
            raise NotAsked
        choices = list(CHOICES[notice.asks or ""])
        number = text.strip()
        if number not in map(str, range(1, len(choices) + 1)):
            raise NotAsked
        return self.answer(notice.id, choices[int(number) - 1])

    def confirm_by_token(self, token: str) -> None:
        """The notice has reached the citizen's phone; raises NotAsked for an unknown token."""
        notice_id = self._notice_of(token)
        with self._database.transaction() as tx:
            confirm(tx, self._repository(tx), notice_id, now=self._now())

    def _notice_of(self, token: str) -> str:
        with self._database.reading() as tx:
            row = tx.execute(STATEMENTS["notice_of_token"], (token,)).fetchone()
        if row is None:
            raise NotAsked
        return str(row[0])

    def _keep(self, tx: apsw.Connection, notice: Notice, choice: str) -> None:
        now = self._now()
        tx.execute(STATEMENTS["answer_notice"], (choice, now.isoformat(), notice.id))
        confirm(tx, self._repository(tx), notice.id, now=now)
        if notice.asks != "appointment":
            return
        _send(tx, notice.request_id, choice, now=self._now, is_test=self._is_test)

    def _repository(self, tx: apsw.Connection) -> Repository:
        return Repository(tx, now=self._now, new_id=secrets.token_hex)


def _check_still_asked(tx: apsw.Connection, notice: Notice) -> None:
    """Raises NotAsked when the clock that asked about an appointment runs no more, or for another time."""
    current = {row[0] for row in tx.execute(STATEMENTS["current_notices"], (notice.request_id,))}
    if notice.asks == "appointment" and notice.id not in current:
        raise NotAsked


def ask_to_cancel(tx: apsw.Connection, request_id: str, *, now: Now, is_test: bool) -> None:
    """The citizen wants no visit any more: the record is asked to cancel."""
    _send(tx, request_id, "cannot", now=now, is_test=is_test)


def _send(tx: apsw.Connection, request_id: str, choice: str, *, now: Now, is_test: bool) -> None:
    """Writes the event down, after what the citizen sent before."""
    key = EventKey(request_id, "Q", tx.execute(STATEMENTS["next_answer_number"], (request_id,)).get)
    message = answer_message(key, choice, patient=patient_of(tx, request_id), at=now(), is_test=is_test)
    outbox.append(tx, event_key=str(key), request_id=request_id, content=dumps(message), now=now)


def answer_message(key: EventKey, choice: str, *, patient: Resource, at: datetime, is_test: bool) -> Resource:
    """The event that tells the record: FHIR R4 `message` with one AppointmentResponse."""
    response = _response(key, choice, patient)
    header = {
        "resourceType": "MessageHeader",
        "id": key.header_id,
        "eventUri": APPOINTMENT_ANSWERED,
        "destination": [
            {"name": "oneVisionCax", "endpoint": "https://engine.example/channels/answer_to_ehr"}
        ],
        "source": {"name": "QHALI", "endpoint": "https://qhali.example/fhir"},
        "focus": [inside_bundle(response)],
    }
    return {
        "resourceType": "Bundle",
        "id": str(uuid.uuid5(EVENT_NAMESPACE, f"{key}#bundle")),
        **({"meta": {"tag": [systems.TEST_TAG]}} if is_test else {}),
        "identifier": {"system": systems.EVENT_ID, "value": str(key)},
        "type": "message",
        "timestamp": at.isoformat(timespec="seconds"),
        "entry": [bundle.entry(header), bundle.entry(response)],
    }


def _response(key: EventKey, choice: str, patient: Resource) -> Resource:
    request = {"system": systems.REQUEST_ID, "value": key.request_id}
    return {
        "resourceType": "AppointmentResponse",
        "id": str(uuid.uuid5(EVENT_NAMESPACE, f"{key}#answer")),
        "identifier": [{"system": systems.EVENT_ID, "value": str(key)}],
        "appointment": {"type": "Appointment", "identifier": request},
        "actor": patient,
        "participantStatus": PARTICIPATION[choice],
        "comment": COMMENT[choice],
    }
