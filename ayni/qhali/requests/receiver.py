"""Receiving a change of state: each event applied once and in its turn, whatever the order of arrival.

A late or repeated event is answered `ok` and changes nothing; one that comes before its turn waits until the
gap is filled. One that cannot be applied is refused and kept for a person: its number counts as passed once
a later event is there, so that the request goes on when the sender has set the refused one aside.
"""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import replace

import apsw
import structlog

from ayni.fhirserver import NotFound, Repository
from ayni.qhali.notifications import (
    Telling,
    Told,
    communication,
    is_urgent,
    outside,
    sentence,
    set_timers,
    write_notice,
)
from ayni.qhali.requests.events import Event, key_in, key_of, read_event, sender_of
from ayni.qhali.requests.requests import Request, read_request
from ayni.qhali.requests.statements import STATEMENTS
from ayni.vocabulary.fhir import FhirError, Resource, dumps, loads, systems
from ayni.vocabulary.fhir.answer import answer_to
from ayni.vocabulary.request import EventKey, State, TransitionNotAllowed, check
from ayni.wire.clock import Now
from ayni.wire.database import Database
from ayni.wire.logging import correlated
from ayni.wire.received import KeyReused, ReceivedKey, earlier_answer, hash_fhir, remember

log = structlog.get_logger()

SOURCE = "fhir"


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
    """What stands behind QHALI's `$process-message`. `announce` is told each request whose page changed.

    A message about a request that `is_forgotten` is answered `ok`, changes nothing and is not kept.
    """

    def __init__(
        self,
        database: Database,
        *,
        now: Now,
        is_test: bool,
        announce: Callable[[str], None],
        is_forgotten: Callable[[apsw.Connection, str], bool],
    ) -> None:
        self._database, self._now, self._is_test, self._announce = database, now, is_test, announce
        self._is_forgotten = is_forgotten

    async def receive(self, raw: bytes) -> bytes:
        """Applies one message and returns the answer that was committed with it; raises FhirError."""
        message = loads(raw)
        key = key_in(message)
        with correlated(key.request_id if key else ""):
            try:
                answer, has_changed = await asyncio.to_thread(self._receive, message, raw)
            except FhirError as error:
                if key is not None and await asyncio.to_thread(self._keep_refused, key, raw, error.text):
                    self._announce(key.request_id)
                raise
        if key is not None and has_changed:
            self._announce(key.request_id)
        return answer

    def _receive(self, message: Resource, raw: bytes) -> tuple[bytes, bool]:
        """The answer, and whether anything changed; one transaction."""
        key = key_of(message)
        received = ReceivedKey(SOURCE, sender_of(message), str(key), hash_fhir(message))
        try:
            with self._database.transaction() as tx:
                earlier = earlier_answer(tx, received)
                if earlier is not None:
                    return earlier, False
                if self._is_forgotten(tx, key.request_id):
                    return dumps(answer_to(message, source="QHALI", at=self._now())), False
                has_changed = self._take(tx, read_event(message, is_test=self._is_test), raw)
                answer = dumps(answer_to(message, source="QHALI", at=self._now()))
                remember(tx, received, answer, now=self._now)
                return answer, has_changed
        except KeyReused as error:
            raise FhirError(
                "duplicate",
                "La misma clave llegó antes con otro contenido.",
                expression="Bundle.identifier",
                http_status=409,
            ) from error
        except RecursionError as error:
            raise FhirError("structure", "El mensaje tiene demasiados niveles.", http_status=400) from error

    def _take(self, tx: apsw.Connection, event: Event, raw: bytes) -> bool:
        """Applies the event and those that waited for it; whether anything changed."""
        request = read_request(tx, event.key.request_id)
        if request is None:
            raise FhirError(
                "not-found", "No conocemos ese pedido.", expression="Bundle.identifier", http_status=404
            )
        if event.key.sequence <= request.sequence:
            log.info("late event changes nothing", event_key=str(event.key))
            return False
        request = self._pass_refused(tx, request, before=event.key.sequence)
        if event.key.sequence > request.sequence + 1:
            log.warning("event waits for an earlier one", event_key=str(event.key))
            tx.execute(STATEMENTS["insert_early"], (request.id, event.key.sequence, raw))
            return False
        self._apply(tx, request, event)
        self._apply_waiting(tx, request.id)
        return True

    def _pass_refused(self, tx: apsw.Connection, request: Request, *, before: int) -> Request:
        """The request after the refused numbers that come next, as far as something later is there."""
        sequence = request.sequence
        while sequence + 1 < before and _is_refused(tx, EventKey(request.id, "R", sequence + 1)):
            sequence += 1
        if sequence > request.sequence:
            log.warning("refused events passed over", up_to=str(EventKey(request.id, "R", sequence)))
            tx.execute(STATEMENTS["set_state"], (request.state.value, sequence, request.id))
        return replace(request, sequence=sequence)

    def _apply(self, tx: apsw.Connection, request: Request, event: Event) -> None:
        """One step: resources, state, and exactly one notice when the state changes."""
        is_change = _is_change(request, event.state)
        repository = Repository(tx, now=self._now, new_id=secrets.token_hex)
        for resource in filter(None, (event.task, event.appointment)):
            _put(repository, resource)
        tx.execute(STATEMENTS["set_state"], (event.state.value, event.key.sequence, request.id))
        telling = Telling(request.id, event.task, event.appointment or _appointment(repository, request.id))
        if is_change:
            self._tell(tx, repository, event, telling, request.level)
        set_timers(tx, event.state, telling, level=request.level, patient=event.task["for"], now=self._now())
        log.info("event applied", event_key=str(event.key), state=event.state.value)

    def _tell(
        self, tx: apsw.Connection, repository: Repository, event: Event, telling: Telling, level: str
    ) -> None:
        """One line in the timeline, one notice with its Communication and the first row of its outbox."""
        text, now = sentence(event.state, telling), self._now()
        values = (event.key.request_id, event.key.sequence, event.state.value, text, event.at.isoformat())
        tx.execute(STATEMENTS["insert_timeline"], values)
        told = Told(
            request_id=event.key.request_id,
            kind=event.state.value,
            text=text,
            outside=outside(event.state, telling.start),
            is_urgent=is_urgent(level),
        )
        said = communication(event.key, text, task=event.task, sent_at=now)
        write_notice(tx, repository, told, said, now=now)

    def _apply_waiting(self, tx: apsw.Connection, request_id: str) -> bool:
        """Events that came early take their turn, past the refused ones; whether any number was taken."""
        has_changed = False
        while (request := read_request(tx, request_id)) is not None:
            row = tx.execute(STATEMENTS["take_early"], (request_id, request.sequence + 1)).fetchone()
            if row is not None:
                self._apply_early(tx, request, bytes(row[0]))
            elif self._pass_refused(tx, request, before=_last_early(tx, request_id)) == request:
                break
            has_changed = True
        return has_changed

    def _apply_early(self, tx: apsw.Connection, request: Request, raw: bytes) -> None:
        """Applies one event that waited; one that is not allowed now is kept as refused, and undone."""
        try:
            with tx:  # a savepoint
                self._apply(tx, request, read_event(loads(raw), is_test=self._is_test))
        except FhirError as error:
            key = EventKey(request.id, "R", request.sequence + 1)
            log.error("waiting event refused", event_key=str(key), issue=error.issue)
            self._write_refused(tx, key, raw, error.text)

    def _keep_refused(self, key: EventKey, raw: bytes, reason: str) -> bool:
        """Keeps what was refused for a person; whether an event that waited behind it was applied."""
        with self._database.transaction() as tx:
            if self._is_forgotten(tx, key.request_id):
                return False
            self._write_refused(tx, key, raw, reason)
            return self._apply_waiting(tx, key.request_id)

    def _write_refused(self, tx: apsw.Connection, key: EventKey, raw: bytes, reason: str) -> None:
        tx.execute(STATEMENTS["insert_refused"], (str(key), raw, reason, self._now().isoformat()))


def _is_change(request: Request, after: State) -> bool:
    """Whether an event moves the request; raises StateNotAllowed for a step that nobody may make."""
    try:
        check(request.state, after, orientation=request.level)
    except TransitionNotAllowed as error:
        if after is request.state:
            return False
        raise StateNotAllowed(request.state, after) from error
    return True


def _is_refused(tx: apsw.Connection, key: EventKey) -> bool:
    return bool(tx.execute(STATEMENTS["is_refused"], (str(key),)).get)


def _last_early(tx: apsw.Connection, request_id: str) -> int:
    """The highest number that waits, 0 when none does."""
    return int(tx.execute(STATEMENTS["last_early"], (request_id,)).get)


def _appointment(repository: Repository, request_id: str) -> Resource:
    """The appointment as the record last sent it, {} before there is one."""
    found = repository.search("Appointment", identifier=f"{systems.REQUEST_ID}|{request_id}")
    return found[-1] if found else {}


def _put(repository: Repository, resource: Resource) -> None:
    try:
        repository.read(resource["resourceType"], resource["id"])
    except NotFound:
        repository.create(resource)
    else:
        repository.update(resource)
