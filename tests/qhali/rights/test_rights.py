"""To see everything, take it away, withdraw, be forgotten: in rows, in the file, over late messages."""

import json
from datetime import timedelta

import pytest

from ayni.qhali.notifications.board import NoticeBoard
from ayni.qhali.notifications.outlets import Outlets
from ayni.qhali.rights import export
from ayni.vocabulary.fhir import FhirError, dumps, loads, require_structure
from ayni.vocabulary.request import State

REQUEST_ID = "QH-7M3K9XBT4D"
SECRETS = ("99000017", "Ñaupari", "ÑAUPARI", "tosiendo", "maria@ejemplo.pe", "1992-03-14", REQUEST_ID)


class Open:
    """A channel that is open; nothing is sent here."""


@pytest.fixture
def told(qhali, state_message):
    """A request on its way, with a channel, notices and messages of every kind."""

    async def tell() -> None:
        qhali.submit()
        board = NoticeBoard(qhali.database, Outlets({"email": Open()}), now=qhali.clock)
        board.add(REQUEST_ID, "email", "maria@ejemplo.pe")
        await qhali.receive(
            state_message(1, State.RECEIVED),
            state_message(2, State.ACCEPTED),
            state_message(3, State.BOOKED, start="2026-11-24T09:00:00-05:00"),
            state_message(6, State.CANCELLED),
        )
        with pytest.raises(FhirError):
            await qhali.receive(state_message(4, "teleported"))
        delivered(qhali)

    return tell


def delivered(qhali) -> None:
    with qhali.database.transaction() as tx:
        tx.execute("update outbox set state = 'delivered', attempt_count = 1, answer = ?", (b"{}",))


def in_the_file(qhali) -> list[str]:
    """Which of the citizen's words stand anywhere in the files, deleted or not."""
    files = qhali.database.path.parent.glob(f"{qhali.database.path.name}*")
    raw = b"".join(path.read_bytes() for path in files)
    return [word for word in SECRETS if word.encode() in raw]


async def test_everything_is_shown_and_taken_away_as_a_bundle(qhali, told) -> None:
    await told()
    kept = qhali.parts.rights.kept(REQUEST_ID)
    assert kept.said[0].text.startswith("vengo tosiendo")
    assert kept.form["dni"] == "99000017"
    assert [each.state.value for each in kept.steps] == ["submitted", "received", "accepted", "booked"]
    assert len(kept.unapplied) == 2
    assert [(each["status"], each["policyRule"]["text"]) for each in kept.consents] == [
        ("active", "Ley 29733: enviar mi pedido al registro de salud regional"),
        ("active", "Ley 29733: guardar lo que escribo para orientarme"),
        ("active", "Ley 29733: avisarme por correo electrónico"),
    ]
    bundle = loads(dumps(export(kept, at=qhali.clock())))
    require_structure(bundle)
    assert bundle["type"] == "collection"
    kinds = [each["resource"]["resourceType"] for each in bundle["entry"]]
    assert len({each["resource"]["id"] for each in bundle["entry"] if "sent" in each["resource"]}) == 4
    assert {"Patient", "Observation", "QuestionnaireResponse", "Task", "Appointment"} <= set(kinds)
    (patient,) = [
        each["resource"] for each in bundle["entry"] if each["resource"]["resourceType"] == "Patient"
    ]
    assert patient["telecom"] == [{"system": "email", "value": "maria@ejemplo.pe", "rank": 1}]
    versions = [
        (each["fullUrl"], each["resource"].get("meta", {}).get("versionId")) for each in bundle["entry"]
    ]
    assert len(set(versions)) == len(kinds)  # FHIR R4 Bundle, bdl-7


async def test_nothing_of_the_forgotten_is_left_in_rows_or_in_the_file(qhali, told) -> None:
    await told()
    assert len(in_the_file(qhali)) >= 6
    qhali.parts.rights.forget(REQUEST_ID)
    assert in_the_file(qhali) == []
    tables = [name for (name,) in qhali.rows("select name from sqlite_schema where type = 'table'")]
    left = {
        name: count
        for name in tables
        if not name.startswith("sqlite_") and (count := qhali.rows(f"select count(*) from {name}")[0][0])
    }
    assert left == {"erasure": 1}
    assert qhali.rows("select at, had_left from erasure") == [("2026-11-23", 1)]


async def test_others_keep_what_is_theirs(qhali, told, state_message) -> None:
    await told()
    other = qhali.submit("me duele la cabeza")
    await qhali.receive(state_message(1, State.RECEIVED, request_id=other))
    before = qhali.parts.rights.kept(other)
    qhali.parts.rights.forget(REQUEST_ID)
    assert qhali.parts.rights.kept(other) == before
    assert before.said[0].text == "me duele la cabeza"


async def test_what_the_record_still_sends_about_the_forgotten_leaves_no_trace(
    qhali, told, state_message
) -> None:
    await told()
    qhali.parts.rights.forget(REQUEST_ID)
    answers = await qhali.receive(state_message(4, State.RESCHEDULED, start="2026-11-25T09:00:00-05:00"))
    assert loads(answers[0])["entry"][0]["resource"]["response"]["code"] == "ok"
    wrong = state_message(5, State.CANCELLED)
    wrong["entry"][0]["resource"]["id"] = "wrong"
    with pytest.raises(FhirError):
        await qhali.receive(wrong)
    assert in_the_file(qhali) == []
    assert qhali.rows("select count(*) from received") == qhali.rows("select count(*) from refused_event")


async def test_what_has_not_left_never_leaves_when_the_permission_is_withdrawn(qhali) -> None:
    qhali.submit()
    qhali.parts.rights.withdraw(REQUEST_ID)
    assert qhali.rows("select * from outbox") == []
    assert qhali.parts.requests.read(REQUEST_ID) is None


async def test_what_is_still_on_its_way_stops_when_the_permission_is_withdrawn(qhali) -> None:
    qhali.submit()
    with qhali.database.transaction() as tx:  # the link was down when it was tried
        tx.execute("update outbox set attempt_count = 3")
    qhali.parts.rights.withdraw(REQUEST_ID)
    assert qhali.rows("select * from outbox") == []
    assert qhali.rows("select had_left from erasure") == [(1,)]


async def test_what_has_left_is_asked_to_be_cancelled_once(qhali, told) -> None:
    await told()
    for _ in range(2):
        qhali.parts.rights.withdraw(REQUEST_ID)
    keys = [key for (key,) in qhali.rows("select event_key from outbox order by position")]
    assert keys == [f"{REQUEST_ID}.Q001", f"{REQUEST_ID}.Q002"]
    kept = qhali.parts.rights.kept(REQUEST_ID)
    assert [(each["status"], each["policyRule"]["text"]) for each in kept.consents] == [
        ("inactive", "Ley 29733: enviar mi pedido al registro de salud regional"),
        ("active", "Ley 29733: guardar lo que escribo para orientarme"),
        ("inactive", "Ley 29733: avisarme por correo electrónico"),
    ]
    assert kept.contacts == ()
    assert kept.notices[-1].text.startswith("Retiramos su permiso.")
    assert qhali.rows("select count(*) from timer") == [(0,)]
    assert qhali.parts.rights.kept(REQUEST_ID).state is State.BOOKED  # the record says when it is cancelled


async def test_the_page_shows_exports_and_erases_for_its_own_session_only(browser, qhali) -> None:
    await browser.send_request()
    await browser.open("/mis-datos")
    assert "vengo tosiendo" in browser.text("main")
    assert "99000017" in browser.text("main")
    assert "14 de marzo de 1992" in browser.text("main")
    async with browser.http.get(browser.url + "/mis-datos/fhir") as answer:
        assert "attachment" in answer.headers["Content-Disposition"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert json.loads(await answer.text())["resourceType"] == "Bundle"
    async with browser.http.get(browser.url + "/mis-datos/copia") as answer:
        assert "vengo tosiendo" in await answer.text()
    await browser.submit("forget-form")
    assert browser.status == 422
    assert qhali.parts.requests.read(REQUEST_ID) is not None
    delivered(qhali)
    await browser.submit("forget-form", sure="on")
    assert "Lo que el establecimiento ya recibió sigue allí." in browser.text("main")
    assert qhali.parts.requests.read(REQUEST_ID) is None
    await browser.open("/pedido")
    assert browser.has("#consent-form")


async def test_without_the_session_nothing_is_shown_or_erased(browser, qhali) -> None:
    await browser.send_request()
    browser.http.cookie_jar.clear()
    for address in ("/mis-datos", "/mis-datos/fhir", "/mis-datos/copia"):
        await browser.open(address)
        assert "99000017" not in str(browser.page)
        assert browser.has("#consent-form")
    for address in ("/mis-datos/borrar", "/mis-datos/retirar"):
        async with browser.http.post(browser.url + address, data={"sure": "on"}) as answer:
            assert answer.status == 403
    assert qhali.parts.requests.read(REQUEST_ID) is not None


async def test_clocks_of_the_forgotten_do_not_strike(qhali, told) -> None:
    await told()
    qhali.parts.rights.forget(REQUEST_ID)
    qhali.clock.advance(timedelta(days=9))
    assert qhali.parts.notices.figures() == {
        "notices_waiting": 0, "requests_unanswered": 0, "overdue": [],
    }  # fmt: skip
