"""Clocks at work: rows that a change of state sets and stops, and that strike once, restart or not.

A row holds the sentences as they were true when it was set, so striking needs nothing else.
"""

from datetime import datetime
from typing import Any

import apsw
import msgspec
import structlog

from ayni.fhirserver import Repository
from ayni.qhali.notifications.clocks import Reminder, clocks
from ayni.qhali.notifications.communication import communication_of
from ayni.qhali.notifications.notice import Told, is_urgent, write_notice
from ayni.qhali.notifications.outside import filled
from ayni.qhali.notifications.sentences import Telling
from ayni.qhali.notifications.spanish_dates import day_in_spanish
from ayni.qhali.notifications.statements import STATEMENTS
from ayni.vocabulary.fhir import Resource
from ayni.vocabulary.request import State
from ayni.wire.clock import LIMA

log = structlog.get_logger()


def set_timers(
    tx: apsw.Connection,
    state: State,
    telling: Telling,
    *,
    level: str,
    patient: Resource | None,
    now: datetime,
) -> None:
    """Stops the clocks that do not run in this state and starts those that do; running ones run on."""
    wanted = [*_clock_rows(state, telling, level, now), *_reminder_rows(state, telling, now)]
    kinds = {row["kind"] for row in wanted}
    for kind, _, _ in tx.execute(STATEMENTS["read_timers"], (telling.request_id,)).fetchall():
        if kind not in kinds:
            tx.execute(STATEMENTS["delete_timer"], (telling.request_id, kind))
    person = msgspec.json.encode(patient).decode() if patient else None
    for row in wanted:
        shared = {"request": telling.request_id, "patient": person, "is_urgent": is_urgent(level)}
        tx.execute(STATEMENTS["put_timer"], row | shared)


def _clock_rows(state: State, telling: Telling, level: str, now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "kind": clock.kind,
            "due_at": clock.due(level, now.astimezone(LIMA)).isoformat(),
            "until": None,
            "text": clock.text.format(facility=f"el {telling.place}"),
            "outside": clock.outside,
            "asks": clock.asks,
        }
        for clock in clocks().clock
        if clock.runs(state, level)
    ]


def _reminder_rows(state: State, telling: Telling, now: datetime) -> list[dict[str, Any]]:
    """A reminder whose moment has passed is none; one is worth telling until the next one, or the visit."""
    start = telling.start
    if start is None:
        return []
    start = start.astimezone(LIMA)
    ahead = [each for each in clocks().reminder if state in each.states and each.due(start) > now]
    untils = [*(each.due(start) for each in ahead), start][1:]
    return [_reminder_row(each, telling, start, until) for each, until in zip(ahead, untils, strict=True)]


def _reminder_row(reminder: Reminder, telling: Telling, start: datetime, until: datetime) -> dict[str, Any]:
    day, time = day_in_spanish(start), f"{start:%H:%M}"
    return {
        "kind": reminder.kind,
        "due_at": reminder.due(start).isoformat(),
        "until": until.isoformat(),
        "text": reminder.text.format(day=day, time=time, place=telling.place),
        "outside": filled(reminder.outside, start),
        "asks": "appointment",
    }


def strike(tx: apsw.Connection, repository: Repository, *, limit: int, now: datetime) -> list[str]:
    """Tells what is due, at most `limit` of it; returns the requests that were told something.

    A reminder whose appointment has begun meanwhile says nothing.
    """
    moment = now.astimezone(LIMA).isoformat()
    told = []
    for row in tx.execute(STATEMENTS["due_timers"], (moment, limit)).fetchall():
        request_id, kind, text, outside, asks, urgent, patient, due_at, until = row
        tx.execute(STATEMENTS["fire_timer"], (moment, request_id, kind))
        if until is not None and until <= moment:
            continue
        about = Told(
            request_id=request_id,
            kind=kind,
            text=text,
            outside=outside,
            asks=asks,
            is_urgent=bool(urgent),
        )
        person = msgspec.json.decode(patient) if patient else None
        name = f"{request_id}#{kind}@{due_at}"
        said = communication_of(request_id, name, text, patient=person, sent_at=now)
        write_notice(tx, repository, about, said, now=now)
        responsible = clocks().responsible.get(kind, "")
        if responsible:
            tx.execute(STATEMENTS["insert_staff_letter"], (request_id, kind, moment))
        log.warning("clock struck", correlation_id=request_id, clock=kind, responsible=responsible)
        told.append(str(request_id))
    return told
