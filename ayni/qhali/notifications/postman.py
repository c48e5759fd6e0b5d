"""The one loop that tells: strikes the clocks, sends what is due, goes on to the next channel.

Everything it works on is a row, so a restart goes on where it was. An attempt is counted before it is made:
one that ends the process cannot be made for ever. Each letter keeps its id, so one that was sent just before
the end and is sent again replaces itself (push), or is dropped by its id (gateways, mail readers).
"""

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import apsw
import structlog

from ayni.fhirserver import Repository
from ayni.qhali.notifications.communication import did_not_reach, went_out
from ayni.qhali.notifications.contacts import contacts_of, remove_contact
from ayni.qhali.notifications.ladder import CONFIRM_WITHIN, Attempt, next_channel, settle
from ayni.qhali.notifications.notice import Notice, read_notice
from ayni.qhali.notifications.outlets import Gone, Letter, Outlet, Outlets
from ayni.qhali.notifications.statements import STATEMENTS
from ayni.qhali.notifications.timers import strike
from ayni.wire.clock import LIMA, Now
from ayni.wire.database import Database
from ayni.wire.failure import Backoff, LinkError, Refused
from ayni.wire.logging import where

log = structlog.get_logger()

LOOK_SECONDS = 1.0
"""An exercise moves the clock by writing a file, and nobody is told: two indexed looks a second see it."""
SENDING_MAX = 16
"""Letters on their way at once; a district's morning is a few hundred."""
BATCH = 100
"""Clocks and silences worked off in one transaction."""
ATTEMPTS_MAX = 3
"""By channel; then the next one. Whoever is ill should not wait for a gateway that is away."""
CLAIMED_FOR = timedelta(seconds=60)
"""Longer than any outlet may take: until then nobody else sends the same row."""
PAUSES = {
    True: Backoff(first_seconds=5.0, seconds_max=20.0),
    False: Backoff(first_seconds=30.0, seconds_max=300.0),
}
"""By urgency, between two tries on one channel."""


class Postman:
    """The telling half of QHALI. `announce` is told each request whose page changed."""

    def __init__(
        self, database: Database, outlets: Outlets, *, now: Now, announce: Callable[[str], None]
    ) -> None:
        self._database, self._now, self._announce = database, now, announce
        self._open: Mapping[str, Outlet] = outlets.by_channel
        self._quiet = outlets.quiet
        self._work = asyncio.Event()
        self._sending: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Says that something may be due; on the event loop."""
        self._work.set()

    async def run(self) -> None:
        """Works until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._work.clear()
                try:
                    await self._round(group)
                except Exception as error:  # whatever broke, the rows are still there
                    log.error("postman failed", **where(error))
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self._work.wait()

    async def _round(self, group: asyncio.TaskGroup) -> None:
        for request_id in await asyncio.to_thread(self._strike):
            self._announce(request_id)
        await asyncio.to_thread(self._give_up_silent)
        free = SENDING_MAX - len(self._sending)
        for attempt, notice in await asyncio.to_thread(self._claim, free):
            task = group.create_task(self._deliver(attempt, notice))
            self._sending.add(task)
            task.add_done_callback(self._sent)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        self._work.set()

    def _strike(self) -> list[str]:
        now = self._now()
        with self._database.reading() as tx:
            is_due = tx.execute(STATEMENTS["due_timers"], (_iso(now), 1)).fetchone() is not None
        if not is_due:
            return []
        with self._database.transaction() as tx:
            return strike(tx, self._repository(tx), limit=BATCH, now=now)

    def _give_up_silent(self) -> None:
        """What was sent and nobody confirmed goes on to the next channel."""
        now = self._now()
        values = (_iso(now), BATCH)
        with self._database.reading() as tx:
            silent = tx.execute(STATEMENTS["unanswered_attempts"], values).fetchall()
        if not silent:
            return
        with self._database.transaction() as tx:
            for notice_id, channel in tx.execute(STATEMENTS["unanswered_attempts"], values).fetchall():
                tx.execute(STATEMENTS["give_up"], (notice_id, channel))
                next_channel(tx, notice_id, quiet=self._quiet, now=_lima(now))

    def _claim(self, limit: int) -> list[tuple[Attempt, Notice]]:
        """The rows whose turn has come, counted and put out of reach of the next round."""
        now = self._now()
        with self._database.reading() as tx:
            if limit <= 0 or tx.execute(STATEMENTS["due_attempts"], (_iso(now), 1)).fetchone() is None:
                return []
        with self._database.transaction() as tx:
            due = [Attempt(*row) for row in tx.execute(STATEMENTS["due_attempts"], (_iso(now), limit))]
            claimed = []
            for attempt in due:
                until = (_iso(now + CLAIMED_FOR), attempt.notice_id, attempt.channel)
                tx.execute(STATEMENTS["claim_attempt"], until)
                notice = read_notice(tx, attempt.notice_id)
                assert notice is not None, "an attempt is of a notice"
                claimed.append((attempt, notice))
            return claimed

    async def _deliver(self, attempt: Attempt, notice: Notice) -> None:
        """One try on one channel, and what came of it."""
        try:
            reference = await self._send(attempt, notice)
        except LinkError as failure:
            is_over = isinstance(failure, Refused) or attempt.attempt_count + 1 >= ATTEMPTS_MAX
            await asyncio.to_thread(self._failed, attempt, notice, failure.reason, is_over=is_over)
            if isinstance(failure, Gone):
                await asyncio.to_thread(self._close, attempt, notice)
        except Exception as error:  # a defect of ours: this channel cannot send it, another may
            log.error("notice cannot be sent", correlation_id=notice.request_id, **where(error))
            await asyncio.to_thread(self._failed, attempt, notice, type(error).__name__, is_over=True)
        else:
            await asyncio.to_thread(self._went_out, attempt, notice, reference)

    async def _send(self, attempt: Attempt, notice: Notice) -> str:
        outlet = self._open.get(attempt.channel)
        if outlet is None or attempt.address is None or notice.outside is None:
            raise Refused("channel closed")
        letter = Letter(
            id=notice.id,
            address=attempt.address,
            kind=notice.kind,
            text=notice.outside,
            token=notice.token,
            asks=notice.asks,
            is_urgent=notice.is_urgent,
            at=self._now(),
        )
        return await outlet.send(letter)

    def _went_out(self, attempt: Attempt, notice: Notice, reference: str) -> None:
        now = self._now()
        with self._database.transaction() as tx:
            if read_notice(tx, notice.id) is None:
                return  # forgotten while it was on its way
            wait_until = now + CONFIRM_WITHIN[notice.is_urgent]
            settle(tx, attempt, "sent", wait_until.astimezone(LIMA), reference=reference or None)
            went_out(self._repository(tx), notice.id, attempt.channel)
        log.info("notice sent", correlation_id=notice.request_id, channel=attempt.channel)

    def _failed(self, attempt: Attempt, notice: Notice, reason: str, *, is_over: bool) -> None:
        log.warning("notice not sent", correlation_id=notice.request_id, channel=attempt.channel)
        now = self._now()
        pause = PAUSES[notice.is_urgent].pause(attempt.attempt_count + 1)
        with self._database.transaction() as tx:
            if read_notice(tx, notice.id) is None:
                return
            if not is_over:
                settle(tx, attempt, "pending", _lima(now + timedelta(seconds=pause)), reason=reason)
                return
            settle(tx, attempt, "failed", _lima(now), reason=reason)
            did_not_reach(self._repository(tx), notice.id, attempt.channel, now)
            next_channel(tx, notice.id, quiet=self._quiet, now=_lima(now))

    def _close(self, attempt: Attempt, notice: Notice) -> None:
        """An address where nobody is any more is not asked again, unless the citizen has a new one by now."""
        with self._database.transaction() as tx:
            current = {each.channel: each.address for each in contacts_of(tx, notice.request_id)}
            if current.get(attempt.channel) == attempt.address:
                repository = self._repository(tx)
                remove_contact(tx, repository, notice.request_id, attempt.channel, now=self._now())

    def _repository(self, tx: apsw.Connection) -> Repository:
        return Repository(tx, now=self._now, new_id=secrets.token_hex)


def _lima(at: datetime) -> datetime:
    return at.astimezone(LIMA)


def _iso(at: datetime) -> str:
    return _lima(at).isoformat()
