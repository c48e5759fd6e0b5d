"""All that is kept of a citizen is shown, exported and forgotten: told of every column of every table.

A new table or column belongs in `KEPT`, or these tests fail.
"""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from ayni.fhirserver import Repository
from ayni.qhali.extraction import Fact, Status
from ayni.qhali.models import Beside, Reply
from ayni.qhali.notifications.board import NoticeBoard
from ayni.qhali.notifications.outlets import Outlets
from ayni.qhali.notifications.statements import STATEMENTS
from ayni.qhali.notifications.timers import strike
from ayni.qhali.requests.heard import write_heard
from ayni.qhali.requests.replies import write_reply
from ayni.vocabulary.fhir import FhirError, bundle, loads, require_structure
from ayni.vocabulary.request import State
from tests.qhali.conftest import REQUEST_ID, Browser

SHOWN = "on the page and in the export"
IN_WORDS = "in the export; on the page in other words"
EXPORTED = "in the export"
KEY = "joins rows"
TIME = "a day and hour, which page and export write in their own way"
SECRET = "opens something"
COURSE = "where a sending stands; the page says it in words"

KEPT = {
    "draft": {"id": SECRET, "consented_at": TIME, "identity": IN_WORDS, "request_id": SHOWN},
    "turn": {"draft": SECRET, "number": KEY, "question": KEY, "text": SHOWN, "said_at": TIME},
    "enterer": {"draft": SECRET, "name": SHOWN, "dni": EXPORTED},
    "model_permission": {"draft": SECRET, "model": SHOWN, "given_at": TIME, "withdrawn_at": TIME},
    "heard": {
        "draft": SECRET, "turn": KEY, "source": SHOWN, "facts": IN_WORDS, "suggested": IN_WORDS,
        "discarded": EXPORTED, "silence": EXPORTED,
    },
    "reply": {
        "draft": SECRET, "turn": KEY, "question": EXPORTED, "opening": SHOWN, "language": EXPORTED,
        "translation": SHOWN,
    },
    "request": {
        "id": SHOWN, "state": IN_WORDS, "sequence": KEY, "return_code_hash": SECRET, "failed_count": COURSE,
        "failed_at": TIME, "facility": IN_WORDS, "level": IN_WORDS, "created_at": TIME, "intake": EXPORTED,
    },
    "timeline": {"request": SHOWN, "sequence": KEY, "state": IN_WORDS, "sentence": SHOWN, "at": TIME},
    "early_event": {"request": SHOWN, "sequence": KEY, "content": SHOWN},
    "refused_event": {"event_key": KEY, "content": SHOWN, "reason": COURSE, "at": TIME},
    "contact": {
        "request": SHOWN, "channel": EXPORTED, "rank": EXPORTED, "address": EXPORTED, "added_at": TIME,
    },
    "notice": {
        "id": EXPORTED, "request": SHOWN, "kind": KEY, "text": SHOWN, "outside": "says less than text",
        "asks": KEY, "is_urgent": KEY, "token": SECRET, "created_at": TIME, "confirmed_at": TIME,
        "answer": "its button's words stand on the page and in the export", "answered_at": TIME,
    },
    "attempt": {
        "notice": EXPORTED, "channel": COURSE, "number": KEY, "state": COURSE, "attempt_count": COURSE,
        "due_at": TIME, "reference": COURSE, "reason": COURSE,
    },
    "timer": {
        "request": SHOWN, "kind": KEY, "due_at": TIME, "until": TIME, "text": SHOWN,
        "outside": "says less than text", "asks": KEY, "is_urgent": KEY, "patient": EXPORTED,
        "fired_at": TIME,
    },
    "staff_letter": {
        "request": SHOWN, "kind": KEY, "attempt_count": COURSE, "due_at": TIME, "sent_at": TIME,
    },
    "outbox": {
        "position": KEY, "event_key": EXPORTED, "request_id": SHOWN, "content": EXPORTED, "state": COURSE,
        "attempt_count": COURSE, "created_at": TIME, "due_at": TIME, "settled_at": TIME,
        "answer": "an acknowledgement", "reason": COURSE,
    },
    "received": {
        "source": KEY, "sender": KEY, "control_id": KEY, "content_hash": "no content", "received_at": TIME,
        "answer": "an acknowledgement",
    },
    "resource": {
        "key": KEY, "type": EXPORTED, "id": EXPORTED, "version": KEY, "last_updated": EXPORTED,
        "body": EXPORTED,
    },
    "history": {"resource": KEY, "version": KEY, "body": EXPORTED},
    "token": {"parameter": KEY, "value": "is in the body", "system": "is in the body", "resource": KEY},
    "reference": {"parameter": KEY, "target": "is in the body", "resource": KEY},
    "instant": {"parameter": KEY, "at": TIME, "resource": KEY},
    "erasure": {"mark": "knows nobody", "at": "of nobody", "had_left": "of nobody"},
}  # fmt: skip


class Open:
    """A channel that is open; nothing is sent here."""


HEARD = Beside(
    turn=1,
    source="small",
    added=(Fact(concept="dizziness", status=Status.ABSENT, quote="vengo tosiendo", turn=1, start=0, end=14),),
    suggested="III",
    discarded=7,
    silence="no words",
)
REPLY = Reply(
    turn=1,
    question="sign:fever",
    opening="Gracias por contarlo.",
    language="en",
    translation="Do you have fever?",
)


@pytest.fixture
async def everything(browser: Browser, qhali, state_message) -> Browser:
    """A citizen of whom every table has a row."""
    await browser.go_to_summary(enterer="on", enterer_name="Rosa Quispe", enterer_dni="99000025")
    draft_id = qhali.rows("select id from draft")[0][0]
    with qhali.database.transaction() as tx:
        permission = (draft_id, "small, este mismo equipo", "2026-11-23T09:31:00-05:00")
        tx.execute("insert into model_permission (draft, model, given_at) values (?, ?, ?)", permission)
        write_heard(tx, draft_id, HEARD)
        write_reply(tx, draft_id, REPLY)
    await browser.open("/resumen")
    await browser.submit("confirm-form", consent="on")
    board = NoticeBoard(qhali.database, Outlets({"email": Open()}), now=qhali.clock)
    board.add(REQUEST_ID, "email", "maria@ejemplo.pe")
    await qhali.receive(
        state_message(1, State.RECEIVED),
        state_message(2, State.ACCEPTED),
        state_message(3, State.BOOKED, start="2026-11-29T09:00:00-05:00"),
        state_message(6, State.CANCELLED),
    )
    with pytest.raises(FhirError):
        await qhali.receive(state_message(4, "teleported"))
    remind(qhali)
    (asked,) = board.current(REQUEST_ID)
    qhali.parts.answers.answer(asked.id, "confirm")
    return browser


def remind(qhali) -> None:
    """Three days before the appointment; the reminder of the day before is still to come."""
    qhali.clock.advance(timedelta(days=3))
    with qhali.database.transaction() as tx:
        strike(tx, Repository(tx, now=qhali.clock, new_id=str), limit=9, now=qhali.clock())
        letter = (REQUEST_ID, "reminder-24h", qhali.clock().isoformat())
        tx.execute(STATEMENTS["insert_staff_letter"], letter)


def columns(qhali) -> dict[str, list[str]]:
    """The columns of every table."""
    names = [name for (name,) in qhali.rows("select name from sqlite_schema where type = 'table'")]
    return {
        name: [column for (column,) in qhali.rows(f"select name from pragma_table_info('{name}')")]
        for name in names
        if not name.startswith("sqlite_")
    }


def rows(qhali) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every row of every table."""
    for name, named in columns(qhali).items():
        for row in qhali.rows(f"select {', '.join(named)} from {name}"):
            yield name, dict(zip(named, row, strict=True))


def kept(qhali, *ways: str) -> Iterator[tuple[str, str, Any]]:
    """Each value that is accounted for in one of these ways."""
    for name, row in rows(qhali):
        yield from ((name, column, row[column]) for column, way in KEPT[name].items() if way in ways)


def words_of(value: Any) -> Iterator[str]:
    """The leaves of a value; JSON is looked into, and what wraps a message stays outside."""
    if isinstance(value, bytes) or (isinstance(value, str) and value[:1] in "{["):
        value = json.loads(value or "null")
    if isinstance(value, dict):
        kind = value.get("resourceType")
        inside = (each["resource"] for each in value["entry"]) if kind == "Bundle" else value.values()
        yield from () if kind == "MessageHeader" else (word for each in inside for word in words_of(each))
    elif isinstance(value, list):
        yield from (word for each in value for word in words_of(each))
    elif value not in (None, "", True, False):
        yield str(value)


async def exported(browser: Browser) -> set[str]:
    async with browser.http.get(browser.url + "/mis-datos/fhir") as answer:
        taken = loads(await answer.read())
    require_structure(taken)
    binaries = [base64.b64decode(each["data"]) for each in bundle.resources(taken, "Binary")]
    given = " ".join(bundle.only(taken, "Patient")["name"][0]["given"])
    words = {given, *words_of(taken), *(word for each in binaries for word in words_of(each))}
    return {word.casefold() for word in words}


async def test_every_column_of_every_table_is_accounted_for(everything: Browser, qhali) -> None:
    found = {name: set(named) for name, named in columns(qhali).items()}
    assert found == {name: set(named) for name, named in KEPT.items()}
    filled = {name for name, _ in rows(qhali)}
    assert KEPT.keys() - filled == {"erasure", "instant", "reference"}  # the last two: no search needs them


async def test_all_that_is_kept_is_exported(everything: Browser, qhali) -> None:
    told = await exported(everything)
    missing = {
        (name, column, word)
        for name, column, value in kept(qhali, SHOWN, IN_WORDS, EXPORTED)
        for word in words_of(value)
        if word.casefold() not in told
    }
    assert missing == set()
    assert "sí, iré" in told


@pytest.mark.parametrize("address", ["/mis-datos", "/mis-datos/copia"])
async def test_all_that_is_kept_is_shown(everything: Browser, qhali, address: str) -> None:
    await everything.open(address)
    shown = everything.text("body")
    missing = {
        (name, column)
        for name, column, value in kept(qhali, SHOWN)
        if " ".join(text(value).split()) not in shown
    }
    assert missing == set()
    for words in ("mareo", "Usted respondió: Sí, iré", "Atención hoy", "eligió la pregunta"):
        assert words in shown


def text(value: Any) -> str:
    return " ".join((value.decode() if isinstance(value, bytes) else str(value)).split())


async def test_all_that_is_kept_is_forgotten(everything: Browser, qhali) -> None:
    qhali.parts.rights.forget(REQUEST_ID)
    assert {name for name, _ in rows(qhali)} == {"erasure"}
