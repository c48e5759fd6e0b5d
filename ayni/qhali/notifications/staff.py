"""Tells the staff by e-mail, once, that a request stands still because somebody of them is late.

The letter is written down with the clock's strike and goes with its clock: where the state has changed
before it was sent, nobody needs it. A try is counted before it is made; a letter that is sent again keeps
its id.
"""

import asyncio
import uuid
from datetime import datetime, timedelta

import structlog

from ayni.qhali.notifications.clocks import clocks
from ayni.qhali.notifications.outlets.staff import Late, StaffMail
from ayni.qhali.notifications.statements import STATEMENTS
from ayni.vocabulary.request import State
from ayni.vocabulary.request.identifiers import EVENT_NAMESPACE
from ayni.wire.clock import LIMA, Now
from ayni.wire.database import Database
from ayni.wire.failure import Backoff, LinkError
from ayni.wire.logging import where

log = structlog.get_logger()

LOOK_SECONDS = 1.0
BATCH = 10
"""Letters of one look, sent one after the other."""
PAUSES = Backoff(first_seconds=60.0, seconds_max=3600.0)
"""Between two tries, as long as the request stands still: there is no other way to the staff."""


class StaffLetters:
    """The letters to the staff; without `mail` they wait."""

    def __init__(self, database: Database, mail: StaffMail | None, *, now: Now) -> None:
        self._database, self._mail, self._now = database, mail, now

    async def run(self) -> None:
        """Works until cancelled."""
        while self._mail is not None:
            try:
                for late in await asyncio.to_thread(self._claim):
                    await self._tell(self._mail, late)
            except Exception as error:  # whatever broke, the rows are still there
                log.error("letters to the staff failed", **where(error))
            await asyncio.sleep(LOOK_SECONDS)

    def _claim(self) -> list[Late]:
        """What is due, counted and put off until the next try."""
        now = self._now().astimezone(LIMA)
        values = (now.isoformat(), BATCH)
        with self._database.reading() as tx:
            if tx.execute(STATEMENTS["due_staff_letters"], values).fetchone() is None:
                return []
        with self._database.transaction() as tx:
            rows = tx.execute(STATEMENTS["due_staff_letters"], values).fetchall()
            for request_id, kind, attempt_count, *_ in rows:
                again = now + timedelta(seconds=PAUSES.pause(attempt_count + 1))
                tx.execute(STATEMENTS["claim_staff_letter"], (again.isoformat(), request_id, kind))
        return [_late(*row) for row in rows]

    async def _tell(self, mail: StaffMail, late: Late) -> None:
        try:
            await mail.tell(late, at=self._now())
        except LinkError as failure:
            log.warning("staff not told", correlation_id=late.request_id, reason=failure.reason)
            return
        await asyncio.to_thread(self._sent, late)
        log.info("staff told", correlation_id=late.request_id, responsible=late.responsible)

    def _sent(self, late: Late) -> None:
        with self._database.transaction() as tx:
            values = (self._now().astimezone(LIMA).isoformat(), late.request_id, late.kind)
            tx.execute(STATEMENTS["staff_letter_sent"], values)


def _late(
    request_id: str, kind: str, attempt_count: int, facility: str, state: str, since: str, urgent: int
) -> Late:
    return Late(
        id=str(uuid.uuid5(EVENT_NAMESPACE, f"{request_id}#{kind}@{since}#staff")),
        request_id=request_id,
        kind=kind,
        responsible=clocks().responsible[kind],
        facility=facility,
        state=State(state),
        since=datetime.fromisoformat(since),
        is_urgent=bool(urgent),
    )
