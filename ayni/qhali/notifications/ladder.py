"""From one channel to the next: what follows when a channel fails or nobody confirms in time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import apsw

from ayni.qhali.notifications.notice import add_attempt, read_notice
from ayni.qhali.notifications.quiet_hours import QuietHours
from ayni.qhali.notifications.statements import STATEMENTS

CONFIRM_WITHIN = {True: timedelta(minutes=3), False: timedelta(hours=2)}
"""By urgency: how long a channel may stay silent before the next one is tried."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A row whose turn has come. `address` is None when the citizen has taken the channel away."""

    notice_id: str
    channel: str
    attempt_count: int
    address: str | None


def next_channel(tx: apsw.Connection, notice_id: str, *, quiet: QuietHours, now: datetime) -> str | None:
    """Puts the notice in the line of the first chosen channel that has not been tried; None when all were."""
    notice = read_notice(tx, notice_id)
    if notice is None or notice.outside is None or notice.confirmed_at is not None:
        return None
    values = {"request": notice.request_id, "notice": notice_id}
    row = tx.execute(STATEMENTS["next_contact"], values).fetchone()
    if row is None:
        return None
    due_at = now if notice.is_urgent else quiet.over(now)
    add_attempt(tx, notice_id, row[0], "pending", due_at)
    return str(row[0])


def settle(
    tx: apsw.Connection,
    attempt: Attempt,
    state: str,
    due_at: datetime,
    *,
    reference: str | None = None,
    reason: str | None = None,
) -> None:
    """Writes down what came of an attempt."""
    values = {
        "notice": attempt.notice_id,
        "channel": attempt.channel,
        "state": state,
        "due_at": due_at.isoformat(),
        "reference": reference,
        "reason": reason,
    }
    tx.execute(STATEMENTS["settle_attempt"], values)
