"""Receiving a change of state: each event applied once and in its turn, whatever the order of arrival.

A late or repeated event is answered `ok` and changes nothing; one that comes before its turn waits until the
gap is filled; one that the table of transitions does not allow is refused with 409 and kept for a person.
"""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass

import apsw
import structlog

from ayni.fhirserver import NotFound, Repository
from ayni.qhali.notifications import Telling, communication, sentence
from ayni.qhali.requests.requests import Request, read_request
from ayni.qhali.requests.statements import STATEMENTS
from ayni.vocabulary.fhir import FhirError, Resource, bundle, code_in, dumps, identifier_in, loads, systems
from ayni.vocabulary.fhir.answer import answer_to
from ayni.vocabulary.request import EventKey, State, is_allowed
from ayni.wire.clock import Now
from ayni.wire.database import Database
from ayni.wire.logging import correlated
from ayni.wire.received import KeyReused, ReceivedKey, earlier_answer, hash_bytes, remember

log = structlog.get_logger()

SOURCE = "fhir"


@dataclass(frozen=True, slots=True)
class Event:
    """A change of state as it was read: who, which number, to which state, with which resources."""

    key: EventKey
    state: State
    task: Resource
    appointment: Resource
    bundle: Resource
    raw: bytes


class StateNotAllowed(FhirError):
    """The table of transitions has no such step (HTTP 409, issue `conflict`)."""

    def __init__(self, before: State, after: State) -> None:
        super().__init__(
            "conflict",
            f"state-not-allowed: {before.value} -> {after.value}",
            expression="Bundle.entry.resource.ofType(Task).businessStatus",
            http_status=409,
        )


class StateReceiver:
    """What stands behind QHALI's `$process-message`. `announce` is told each request whose page changed."""

    def __init__(
        self, database: Database, *, now: Now, is_test: bool, announce: Callable[[str], None]
    ) -> None:
        self._database, self._now, self._is_test, self._announce = database, now, is_test, announce

    async def receive(self, raw: bytes) -> bytes:
        """Applies one message and returns the answer that was committed with it; raises FhirError."""
        message = loads(raw)
        key = _key_of(message)
        with correlated(key.request_id):
            answer, has_changed = await asyncio.to_thread(self._receive, key, message, raw)
            if has_changed:
                self._announce(key.request_id)
        return answer

    def _receive(self, key: EventKey, message: Resource, raw: bytes) -> tuple[bytes, bool]:
        try:
            with self._database.transaction() as tx:
                return self._answer(tx, key, message, raw)
        except KeyReused as error:
            self._keep_refused(key, raw, "key reused")
            raise FhirError(
                "duplicate",
                "La misma clave llegó antes con otro contenido.",
                expression="Bundle.identifier",
                http_status=409,
            ) from error
        except FhirError as error:
            self._keep_refused(key, raw, error.text)
            raise

    def _answer(
        self, tx: apsw.Connection, key: EventKey, message: Resource, raw: bytes
    ) -> tuple[bytes, bool]:
        received = ReceivedKey(SOURCE, _sender_of(message), str(key), hash_bytes(raw))
        earlier = earlier_answer(tx, received)
        if earlier is not None:
            return earlier, False
        event = self._read(key, message, raw)
        has_changed = self._take(tx, event)
        answer = dumps(answer_to(message, source="QHALI", at=self._now()))
        remember(tx, received, answer, now=self._now)
        return answer, has_changed

    def _read(self, key: EventKey, message: Resource, raw: bytes) -> Event:
        if bundle.is_test(message) is not self._is_test:
            raise FhirError(
                "forbidden",
                "Mensaje de prueba en producción, o al revés.",
                expression="Bundle.meta.tag",
                http_status=403,
            )
        task = bundle.only(message, "Task")
        if identifier_in(task, systems.REQUEST_ID, "groupIdentifier") != key.request_id:
            raise FhirError(
                "value",
                "Task de otro pedido.",
                expression="Bundle.entry.resource.ofType(Task).groupIdentifier",
            )
        appointment = next(bundle.resources(message, "Appointment"), {})
        return Event(key, _state_of(task), task, appointment, message, raw)

    def _take(self, tx: apsw.Connection, event: Event) -> bool:
        """Applies the event and those that waited for it; whether anything changed."""
        request = read_request(tx, event.key.request_id)
        if request is None:
            raise FhirError(
                "not-found", "No conocemos ese pedido.", expression="Bundle.identifier", http_status=404
            )
        if event.key.sequence <= request.sequence:
            log.info("late event changes nothing", event_key=str(event.key))
            return False
        if event.key.sequence > request.sequence + 1:
            log.warning("event waits for an earlier one", event_key=str(event.key))
            tx.execute(STATEMENTS["insert_early"], (request.id, event.key.sequence, event.raw))
            return False
        self._apply(tx, request, event)
        self._apply_waiting(tx, request.id)
        return True

    def _apply(self, tx: apsw.Connection, request: Request, event: Event) -> None:
        """One step: resources, state, and exactly one notice when the state changes."""
        is_change = is_allowed(request.state, event.state)
        if not is_change and event.state is not request.state:
            raise StateNotAllowed(request.state, event.state)
        repository = Repository(tx, now=self._now, new_id=secrets.token_hex)
        for resource in (event.task, event.appointment):
            if resource:
                _put(repository, resource)
        tx.execute(STATEMENTS["set_state"], (event.state.value, event.key.sequence, request.id))
        if is_change:
            self._tell(tx, repository, event)
        log.info("event applied", event_key=str(event.key), state=event.state.value)

    def _tell(self, tx: apsw.Connection, repository: Repository, event: Event) -> None:
        told = sentence(event.state, Telling(event.key.request_id, event.task, event.appointment))
        at = bundle.timestamp(event.bundle).isoformat()
        values = (event.key.request_id, event.key.sequence, event.state.value, told, at)
        tx.execute(STATEMENTS["insert_timeline"], values)
        repository.create(communication(event.key, told, task=event.task, sent_at=self._now()))

    def _apply_waiting(self, tx: apsw.Connection, request_id: str) -> None:
        """Events that came early take their turn now; one that is not allowed stops the line and is kept."""
        while (request := read_request(tx, request_id)) is not None:
            row = tx.execute(STATEMENTS["take_early"], (request_id, request.sequence + 1)).fetchone()
            if row is None:
                return
            raw = bytes(row[0])
            key = EventKey(request_id, "R", request.sequence + 1)
            try:
                self._apply(tx, request, self._read(key, loads(raw), raw))
            except FhirError as error:
                log.error("waiting event refused", event_key=str(key), issue=error.issue)
                self._write_refused(tx, key, raw, error.text)
                return

    def _keep_refused(self, key: EventKey, raw: bytes, reason: str) -> None:
        with self._database.transaction() as tx:
            self._write_refused(tx, key, raw, reason)

    def _write_refused(self, tx: apsw.Connection, key: EventKey, raw: bytes, reason: str) -> None:
        tx.execute(STATEMENTS["insert_refused"], (str(key), raw, reason, self._now().isoformat()))


def _key_of(message: Resource) -> EventKey:
    """The event key of a state message; raises FhirError with the place of what is wrong."""
    header = bundle.header(message)
    if header.get("eventUri") != systems.STATE_CHANGED:
        raise FhirError(
            "not-supported",
            "Aquí se reciben solo cambios de estado (state-changed).",
            expression="Bundle.entry[0].resource.eventUri",
        )
    system, value = bundle.identifier(message)
    try:
        key = EventKey.parse(value)
    except ValueError:
        key = None
    if system != systems.EVENT_ID or key is None or key.direction != "R":
        raise FhirError(
            "value", "Bundle.identifier no es una clave de evento.", expression="Bundle.identifier"
        )
    if header["id"] != key.header_id:
        raise FhirError(
            "value",
            "MessageHeader.id no es el de esa clave de evento.",
            expression="Bundle.entry[0].resource.id",
        )
    bundle.timestamp(message)
    return key


def _sender_of(message: Resource) -> str:
    source = bundle.header(message).get("source")
    return str(source.get("name", "")) if isinstance(source, dict) else ""


def _state_of(task: Resource) -> State:
    code = code_in(task.get("businessStatus"), systems.REQUEST_STATE)
    try:
        return State(code)
    except ValueError as error:
        raise FhirError(
            "code-invalid",
            "Estado desconocido.",
            expression="Bundle.entry.resource.ofType(Task).businessStatus",
        ) from error


def _put(repository: Repository, resource: Resource) -> None:
    try:
        repository.read(resource["resourceType"], resource["id"])
    except NotFound:
        repository.create(resource)
    else:
        repository.update(resource)
