"""The audit: everything looked at and done is in it before it happens, and no change of it stays unseen."""

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import apsw
import pytest

from ayni.engine.console.audit.audit import Audit
from ayni.engine.console.audit.entry import chained
from ayni.wire.clock import LIMA

from ..conftest import until

START = datetime(2026, 11, 23, 9, 30, tzinfo=LIMA)


async def entries_of(program):
    """(who, action, outcome, messages) of every entry, oldest first; without the making of accounts."""
    found = reversed((await program.get("/api/v1/audit"))["entries"])
    made = ((each["who"], each["action"], each["outcome"], each["messages"]) for each in found)
    return [each for each in made if not each[1].startswith("account-")]


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("GET", "/api/v1/messages/1", None, [("open", "seen", [1])]),
        ("GET", "/api/messages/1", None, [("open", "seen", [1])]),
        ("GET", "/mensajes/1", None, [("open", "seen", [1])]),
        ("GET", "/mensajes/1/editar", None, [("open", "seen", [1])]),
        ("GET", "/api/v1/messages/1/original", None, [("export", "seen", [1])]),
        ("POST", "/api/v1/messages/export", {}, [("export", "seen", [2, 1])]),
        ("POST", "/api/v1/messages/search", {"document": "99000017"}, [("search-document", "seen", [2, 1])]),
        ("POST", "/api/v1/messages/search", {}, []),
        ("POST", "/api/v1/text-searches", {"text": "PRUEBA"}, [("search-text", "seen", [])]),
        ("GET", "/api/v1/messages", None, []),
        ("GET", "/", None, []),
        (
            "POST",
            "/api/v1/messages/1/deliveries/1/requeue",
            None,
            [("requeue", "asked", [1]), ("requeue", "done", [])],
        ),
        ("POST", "/api/v1/messages/1/deliveries/2/requeue", None, []),
        (
            "POST",
            "/api/v1/stalled/set-aside",
            {"all": True},
            [("set-aside", "asked", [1, 2]), ("set-aside", "done", [])],
        ),
        ("POST", "/api/v1/messages/1/replay", None, [("replay", "asked", [1]), ("replay", "done", [3])]),
        (
            "POST",
            "/api/v1/messages/1/edit-and-resend",
            {"content": "MSH|^~\\&|"},
            [("edit-and-resend", "asked", [1]), ("edit-and-resend", "failed", [3])],
        ),
        (
            "POST",
            "/api/v1/holds",
            {"reason": "EXP-1", "document": "99000017"},
            [("hold", "asked", [1, 2]), ("hold", "done", [])],
        ),
        ("POST", "/api/v1/holds", {"reason": "EXP-1", "messages": [0]}, []),
        ("POST", "/api/v1/channels/state_to_qhali/stop", None, [("stop", "asked", []), ("stop", "done", [])]),
        ("POST", "/api/v1/destinations/qhali/pause", None, [("pause", "asked", []), ("pause", "done", [])]),
    ],
)
async def test_every_look_at_content_and_every_action_is_written_down(
    administrator, operator, refuses, method, path, body, expected
):
    await refuses(2)
    await operator.raw(method, path, body)
    assert await entries_of(administrator) == [("operator", *each) for each in expected]


async def test_an_entry_says_who_when_from_where_and_never_what_was_read_or_searched(
    engine, administrator, viewer, refuses
):
    await refuses()
    await viewer.post("/api/v1/messages/search", {"document": "99000017"})
    await viewer.post("/api/v1/text-searches", {"text": "CONSULTORIO 1"}, status=202)
    await viewer.get("/api/v1/messages/1")
    _, content = await administrator.raw("GET", "/api/v1/audit?who=viewer")
    for word in (b"99000017", b"CONSULTORIO", b"PRUEBA"):
        assert word not in content
        assert word not in (engine.folder / "engine" / "audit.sqlite").read_bytes()
        assert word not in (engine.folder / "engine" / "audit.sqlite-wal").read_bytes()
    (entry, *_) = (await administrator.get("/api/v1/audit?who=viewer"))["entries"]
    assert (entry["role"], entry["address"]) == ("viewer", "127.0.0.1")
    assert datetime.fromisoformat(entry["at"]).utcoffset() == timedelta(hours=-5)


async def test_what_a_text_search_found_is_written_down_once_when_it_is_shown(administrator, viewer, refuses):
    await refuses(2)
    begun = await viewer.post("/api/v1/text-searches", {"text": "PRUEBA"}, status=202)

    async def is_shown():
        return bool((await viewer.get(f"/api/v1/text-searches/{begun['id']}"))["messages"])

    await until(is_shown)
    await viewer.get(f"/api/v1/text-searches/{begun['id']}")
    assert await entries_of(administrator) == [
        ("viewer", "search-text", "seen", []),
        ("viewer", "search-text", "seen", [2, 1]),
    ]


async def test_nothing_is_shown_and_nothing_happens_when_the_audit_cannot_be_written(
    engine, qhali, operator, refuses
):
    await refuses()
    with_trigger = apsw.Connection(str(engine.folder / "engine" / "audit.sqlite"))
    with_trigger.execute(
        "create trigger full before insert on entry begin select raise(abort, 'disk full'); end"
    )
    refused = (
        ("GET", "/api/v1/messages/1", None),
        ("GET", "/api/v1/messages/1/original", None),
        ("POST", "/api/v1/messages/export", {}),
        ("POST", "/api/v1/messages/1/replay", None),
        ("POST", "/api/v1/messages/1/deliveries/1/requeue", None),
        ("POST", "/api/v1/channels/state_to_qhali/stop", None),
    )
    for method, path, body in refused:
        status, told = await operator.ask(method, path, body)
        assert (status, told["code"]) == (503, "audit-unavailable"), path
    for path in ("/api/v1/channels/state_to_qhali/deploy", "/api/v1/accounts"):  # not even what is denied
        assert (await operator.ask("POST", path))[0] == 503
    wrong = {"Authorization": "Basic b3BlcmFkb3I6eA=="}
    async with engine.http.get(f"{engine.console_url}/api/v1/me", headers=wrong) as answer:
        assert answer.status == 401
    await engine.reaches("refused", channel="state_to_qhali")
    assert (await operator.get("/api/v1/channels/state_to_qhali"))["state"] == "started"
    assert (len(qhali.taken), len(await engine.messages())) == (1, 1)


async def test_signing_in_and_failing_to_is_written_down_without_what_was_typed_as_a_name(
    engine, administrator, browser
):
    await browser.sign_in("wrong")
    await browser.sign_in("x", user="MiContraseñaSecreta")
    await browser.sign_in(engine.secret("engine/operator-password"))
    await browser.post("/salir")
    assert await entries_of(administrator) == [
        ("operador", "sign-in", "failed", []),
        ("", "sign-in", "failed", []),
        ("operador", "sign-in", "seen", []),
        ("operador", "sign-out", "seen", []),
    ]


async def test_the_chain_is_verified_over_the_interface_and_on_its_page(administrator, signed_in, refuses):
    await refuses()
    await administrator.get("/api/v1/messages/1")
    found = await administrator.get("/api/v1/audit/verification")
    assert (found["is_whole"], found["count"], found["first_bad"]) == (True, 2, None)
    again = await administrator.get(f"/api/v1/audit/verification?expected={found['head']}")
    assert again["expected_found"] is True
    assert "La cadena está entera: 2 entradas." in await signed_in.page("/auditoria/verificacion")
    assert "abrió" in await signed_in.page("/auditoria")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.sqlite"


@pytest.fixture
def audit(path: Path) -> Audit:
    made = Audit(path, lambda: START)
    for number in range(1, 6):
        write(made, messages=[number])
    return made


def write(audit: Audit, **more: object) -> int:
    named = {"who": "rosa", "role": "viewer", "address": "::1", "action": "open", "outcome": "seen"}
    return audit.append(**(named | more))  # type: ignore[arg-type]


def tampered(path: Path, statement: str) -> None:
    """Somebody with the file changes it behind the triggers."""
    with sqlite3.connect(path) as database:
        for name in ("entry_stays", "entry_remains"):
            database.execute(f"drop trigger {name}")
        database.execute(statement)


def test_a_whole_chain_is_whole_and_its_head_can_be_noted(audit: Audit) -> None:
    found = audit.verify()
    assert (found.is_whole, found.count) == (True, 5)
    write(audit)
    later = audit.verify(found.head)
    assert (later.is_whole, later.count, later.expected_found) == (True, 6, True)


def test_an_audit_without_entries_is_whole(path: Path) -> None:
    assert Audit(path, lambda: START).verify().is_whole


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("update entry set who = 'juan' where number = 3", 3),
        ("update entry set at = '2020-01-01T00:00:00-05:00' where number = 1", 1),
        ("update entry set messages = '[]' where number = 5", 5),
        ("update entry set details = '{\"a\":1}' where number = 2", 2),
        ("update entry set outcome = 'done' where number = 4", 4),
        ("delete from entry where number = 3", 3),
        ("delete from entry where number = 1", 1),
        ("update entry set number = 9 where number = 3", 3),
        ("update entry set hash = (select hash from entry where number = 1) where number = 2", 2),
    ],
)
def test_what_is_changed_or_taken_away_is_found(
    audit: Audit, path: Path, statement: str, first_bad: int
) -> None:
    tampered(path, statement)
    found = audit.verify()
    assert (found.is_whole, found.first_bad) == (False, first_bad)


def test_who_gives_a_changed_entry_its_right_hash_has_broken_the_next_one(audit: Audit, path: Path) -> None:
    with sqlite3.connect(path) as database:
        (previous,) = database.execute("select hash from entry where number = 2").fetchone()
        columns = database.execute("select * from entry where number = 3").fetchone()[:-1]
    forged = [*columns[:2], "juan", *columns[3:]]
    digest = chained(previous, *forged)
    tampered(path, f"update entry set who = 'juan', hash = '{digest}' where number = 3")
    found = audit.verify()
    assert (found.is_whole, found.first_bad) == (False, 4)


def test_a_chain_that_was_cut_off_or_made_anew_lacks_the_head_that_was_noted(
    audit: Audit, path: Path
) -> None:
    head = audit.verify().head
    tampered(path, "delete from entry where number = 5")
    assert audit.verify().is_whole
    found = audit.verify(head)
    assert (found.is_whole, found.expected_found) == (False, False)


def test_nothing_can_be_changed_by_mistake(audit: Audit, path: Path) -> None:
    connection = apsw.Connection(str(path))
    for statement in ("update entry set who = 'juan'", "delete from entry"):
        with pytest.raises(apsw.ConstraintError, match="append only"):
            connection.execute(statement)


def test_a_restart_goes_on_with_the_chain(audit: Audit, path: Path) -> None:
    audit.close()
    again = Audit(path, lambda: START)
    assert write(again) == 6
    assert again.verify().is_whole


def test_entries_are_found_by_person_and_by_message_in_pages(audit: Audit) -> None:
    write(audit, who="juan", messages=[2, 7])
    assert [each.number for each in audit.page(limit=2)] == [6, 5]
    assert [each.number for each in audit.page(before=5, limit=2)] == [4, 3]
    assert [each.number for each in audit.page(who="juan")] == [6]
    assert [each.number for each in audit.of_message(2)] == [2, 6]
