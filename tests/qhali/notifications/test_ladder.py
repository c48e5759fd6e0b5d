"""From channel to channel: confirmed, silent, refused, away; at night; and over a kill at any moment."""

import asyncio
import hashlib
import hmac
import json
import sys
from asyncio.subprocess import DEVNULL
from datetime import timedelta

import pytest

from ayni.qhali.notifications.postman import ATTEMPTS_MAX
from ayni.vocabulary.fhir import loads
from ayni.vocabulary.request import State

from .partners import SECRETS

REQUEST_ID = "QH-7M3K9XBT4D"
PAST_PAGE = timedelta(seconds=16)
PAST_SILENCE = timedelta(hours=2, seconds=1)
ACCEPTED = "QHALI: su pedido fue aceptado. Le avisaremos la fecha."
EMERGENCY = "no puedo respirar"


def communication(telling, kind: str) -> dict:
    ((body,),) = telling.qhali.rows(
        f"select body from resource join notice on notice.id = resource.id where kind = '{kind}'"
    )
    return loads(bytes(body))


async def accept(telling, state_message) -> None:
    await telling.qhali.receive(state_message(1, State.RECEIVED))
    telling.board.seen(REQUEST_ID)
    await telling.qhali.receive(state_message(2, State.ACCEPTED))


async def test_each_change_is_one_communication_and_one_page_row(telling, state_message) -> None:
    telling.qhali.submit()
    message = state_message(1, State.RECEIVED)
    await telling.qhali.receive(message, message, state_message(2, State.IN_REVIEW))
    rows = telling.qhali.rows("select kind, outside is null from notice order by rowid")
    assert rows == [("submitted", 1), ("received", 0), ("in-review", 1)]
    counts = telling.qhali.rows(
        "select (select count(*) from resource where type = 'Communication'), (select count(*) from attempt)"
    )
    assert counts == [(3, 3)]


async def test_what_is_seen_on_the_page_goes_nowhere_else(telling, state_message) -> None:
    telling.qhali.submit()
    telling.choose(sms="987654321")
    async with telling.at_work() as postman:
        await accept(telling, state_message)
        await telling.after(postman, timedelta(seconds=14))
        telling.board.seen(REQUEST_ID)
        await telling.after(postman, timedelta(days=1))
        assert telling.partners.of("/sms") == []
    assert telling.attempts("accepted") == [("page", "confirmed")]
    assert communication(telling, "accepted")["received"]


async def test_states_that_stay_on_the_page_are_sent_nowhere(telling, state_message) -> None:
    telling.qhali.submit()
    telling.choose(sms="987654321")
    await telling.qhali.receive(state_message(1, State.RECEIVED))
    telling.board.seen(REQUEST_ID)
    async with telling.at_work() as postman:
        await telling.qhali.receive(state_message(2, State.IN_REVIEW))
        await telling.after(postman, timedelta(hours=3))
        assert telling.partners.taken == []


async def test_a_silent_channel_is_followed_by_the_next_and_the_order_is_the_citizens(
    telling, state_message
) -> None:
    telling.qhali.submit()
    telling.choose(email="m@ejemplo.pe", sms="987654321")
    telling.board.put_first(REQUEST_ID, "sms")
    await accept(telling, state_message)
    async with telling.at_work() as postman:
        await telling.after(postman, PAST_PAGE)
        await telling.until(lambda: telling.attempts("accepted")[-1] == ("sms", "sent"))
        await telling.after(postman, PAST_SILENCE - timedelta(minutes=1))
        assert telling.partners.letters == []
        await telling.after(postman, timedelta(minutes=2))
        await telling.until(lambda: telling.attempts("accepted")[-1] == ("email", "sent"))
    assert telling.attempts("accepted")[:2] == [("page", "unconfirmed"), ("sms", "unconfirmed")]
    media = [each["text"] for each in communication(telling, "accepted")["medium"]]
    assert media == ["página de QHALI", "mensaje de texto", "correo electrónico"]


async def test_a_refusal_leads_to_the_next_channel_at_once(telling, state_message) -> None:
    telling.qhali.submit()
    telling.choose(push=telling.phone.subscription(telling.partners.origin), email="m@ejemplo.pe")
    telling.partners.faults["/push/one"] = [410]
    await accept(telling, state_message)
    async with telling.at_work() as postman:
        await telling.after(postman, PAST_PAGE)
        await telling.until(lambda: telling.partners.letters)
        await telling.until(lambda: telling.qhali.rows("select channel from contact") == [("email",)])
    assert len(telling.partners.of("/push/one")) == 1
    assert telling.attempts("accepted")[1] == ("push", "failed")
    assert communication(telling, "accepted")["note"][0]["text"] == "No salió por aviso en el teléfono."


async def test_a_channel_that_is_away_is_tried_a_few_times_and_then_left(telling, state_message) -> None:
    telling.qhali.submit()
    telling.choose(sms="987654321", email="m@ejemplo.pe")
    telling.partners.faults["/sms"] = [503] * 10
    await accept(telling, state_message)
    async with telling.at_work() as postman:
        await telling.after(postman, PAST_PAGE)
        for _ in range(ATTEMPTS_MAX):
            await telling.after(postman, timedelta(minutes=6))
        await telling.until(lambda: telling.partners.letters)
    assert len(telling.partners.of("/sms")) == ATTEMPTS_MAX
    assert len({each.json["id"] for each in telling.partners.of("/sms")}) == 1


async def test_a_mail_server_that_says_no_is_asked_once_and_later_again(telling, state_message) -> None:
    telling.qhali.submit()
    telling.choose(email="m@ejemplo.pe", sms="987654321")
    telling.partners.mail_says = ["451 later", "550 no"]
    await accept(telling, state_message)
    async with telling.at_work() as postman:
        await telling.after(postman, PAST_PAGE)
        await telling.after(postman, timedelta(minutes=6))
        await telling.until(lambda: telling.partners.of("/sms"))
    assert telling.attempts("accepted")[1] == ("email", "failed")
    assert telling.partners.mail_says == []


async def test_nobody_is_woken_at_night_but_for_an_emergency(telling, state_message) -> None:
    telling.qhali.submit()
    telling.choose(sms="987654321")
    await telling.qhali.receive(state_message(1, State.RECEIVED))
    telling.board.seen(REQUEST_ID)
    telling.qhali.clock.advance(timedelta(hours=12, minutes=15))  # 21:45
    await telling.qhali.receive(state_message(2, State.ACCEPTED))
    async with telling.at_work() as postman:
        await telling.after(postman, timedelta(hours=2))
        await telling.after(postman, timedelta(hours=7, minutes=10))  # 06:55
        assert not [each for each in telling.partners.of("/sms") if each.json["text"] == ACCEPTED[:-1]]
        assert telling.partners.of("/sms") == []
        await telling.after(postman, timedelta(minutes=6))
        await telling.until(lambda: telling.partners.of("/sms"))


async def test_an_emergency_is_told_at_night(telling, state_message) -> None:
    telling.qhali.clock.advance(timedelta(hours=14))
    telling.qhali.submit(EMERGENCY)
    telling.choose(sms="987654321")
    async with telling.at_work() as postman:
        await telling.qhali.receive(state_message(1, State.RECEIVED))
        await telling.after(postman, PAST_PAGE)
        await telling.until(lambda: telling.partners.of("/sms"))


async def test_a_channel_the_operator_has_closed_is_no_reason_to_stay_silent(telling, state_message) -> None:
    telling.qhali.submit()
    telling.choose(sms="987654321", email="m@ejemplo.pe")
    del telling.outlets.by_channel["sms"]
    await accept(telling, state_message)
    async with telling.at_work() as postman:
        await telling.after(postman, PAST_PAGE)
        await telling.until(lambda: telling.partners.letters)
    assert telling.attempts("accepted")[1] == ("sms", "failed")


async def test_a_channel_taken_away_gets_nothing_more(telling, state_message) -> None:
    telling.qhali.submit()
    telling.choose(sms="987654321")
    await accept(telling, state_message)
    async with telling.at_work() as postman:
        telling.board.remove(REQUEST_ID, "sms")
        await telling.after(postman, PAST_PAGE)
        await telling.after(postman, timedelta(days=1))
        assert telling.partners.of("/sms") == []
    ((body, version),) = telling.qhali.rows("select body, version from resource where type = 'Consent'")
    assert (loads(bytes(body))["status"], version) == ("inactive", 2)
    assert [each.notice.text for each in telling.board.notices(REQUEST_ID)][3] == (
        "Ya no le avisaremos por mensaje de texto. Su página sigue igual."
    )


async def post(browser, path: str, report: object, secret: str) -> int:
    body = json.dumps(report).encode()
    signature = "sha256=" + hmac.digest(secret.encode(), body, hashlib.sha256).hex()
    headers = {"X-Hub-Signature-256": signature}
    async with browser.http.post(browser.url + path, data=body, headers=headers) as answer:
        return answer.status


async def sent_by(telling, state_message, channel: str) -> None:
    telling.qhali.submit()
    telling.choose(**{channel: "987654321", "email": "m@ejemplo.pe"})
    await accept(telling, state_message)
    async with telling.at_work() as postman:
        await telling.after(postman, PAST_PAGE)
        await telling.until(lambda: telling.attempts("accepted")[-1] == (channel, "sent"))


async def test_a_delivery_report_ends_the_ladder(telling, browser, state_message) -> None:
    await sent_by(telling, state_message, "sms")
    report = {"reference": "sms-1", "status": "delivered"}
    assert await post(browser, "/avisos/sms", report, "somebody else's") == 403
    assert telling.attempts("accepted")[-1] == ("sms", "sent")
    assert await post(browser, "/avisos/sms", report, SECRETS["sms"]) == 200
    assert telling.attempts("accepted")[-1] == ("sms", "confirmed")
    assert await post(browser, "/avisos/sms", report, SECRETS["sms"]) == 200


async def test_a_report_of_failure_leads_to_the_next_channel(telling, browser, state_message) -> None:
    await sent_by(telling, state_message, "whatsapp")
    status = {"entry": [{"changes": [{"value": {"statuses": [{"id": "wamid-1", "status": "failed"}]}}]}]}
    assert await post(browser, "/avisos/whatsapp", status, SECRETS["whatsapp"]) == 200
    async with telling.at_work():
        await telling.until(lambda: telling.partners.letters)


async def test_whoever_writes_baja_hears_nothing_more_there(telling, browser, state_message) -> None:
    await sent_by(telling, state_message, "whatsapp")
    message = {"from": "51987654321", "type": "text", "text": {"body": "Baja "}}
    report = {"entry": [{"changes": [{"value": {"messages": [message]}}]}]}
    assert await post(browser, "/avisos/whatsapp", report, SECRETS["whatsapp"]) == 200
    assert telling.qhali.rows("select channel from contact") == [("email",)]


@pytest.mark.parametrize("report", [[], {"entry": 3}, {"entry": [{"changes": [{"value": None}]}]}, "x"])
async def test_a_report_that_cannot_be_read_is_answered_and_changes_nothing(telling, browser, report) -> None:
    assert await post(browser, "/avisos/whatsapp", report, SECRETS["whatsapp"]) == 200
    assert await post(browser, "/avisos/sms", report, SECRETS["sms"]) == 200


async def test_the_webhook_handshake_needs_the_secret(telling, browser) -> None:
    for token, status in ((SECRETS["whatsapp"], 200), ("guess", 403)):
        query = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": "1158"}
        async with browser.http.get(browser.url + "/avisos/whatsapp", params=query) as answer:
            assert (answer.status, await answer.text()) == (status, "1158" if status == 200 else "")


async def test_a_letter_on_its_way_is_not_sent_a_second_time(telling, state_message) -> None:
    telling.qhali.submit()
    telling.choose(sms="987654321")
    await accept(telling, state_message)
    held = asyncio.Event()

    async def hold(http):
        await held.wait()

    telling.partners.hold = hold
    async with telling.at_work() as postman:
        await telling.after(postman, PAST_PAGE)
        await telling.until(lambda: telling.partners.of("/sms"))
        await telling.after(postman, timedelta(seconds=30))
        held.set()
        await telling.until(lambda: telling.attempts("accepted")[-1] == ("sms", "sent"))
    assert len(telling.partners.of("/sms")) == 1


POSTMAN = """
import asyncio, os, sys
from datetime import datetime
from pathlib import Path
import aiohttp
from ayni.qhali.notifications import Postman, SCHEMA
from ayni.qhali.notifications.outlets import open_outlets, read_declared
from ayni.wire.database import Database

async def main():
    folder, at = Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2])
    async with aiohttp.ClientSession() as http:
        outlets = open_outlets(read_declared(folder / "notices.toml"), http, folder, is_test=True)
        database = Database(folder / "qhali.sqlite")
        await Postman(database, outlets, now=lambda: at, announce=print).run()

asyncio.run(main())
"""


async def test_a_kill_while_a_letter_is_on_its_way_loses_nothing_and_repeats_it_as_the_same(
    telling, state_message, tmp_path
) -> None:
    telling.qhali.submit()
    telling.choose(sms="987654321")
    await accept(telling, state_message)
    telling.qhali.clock.advance(PAST_PAGE)
    held = asyncio.Event()

    async def hold(http):
        await held.wait()

    telling.partners.hold = hold
    arguments = [sys.executable, "-c", POSTMAN, str(tmp_path), telling.qhali.clock().isoformat()]
    process = await asyncio.create_subprocess_exec(*arguments, stdout=DEVNULL, stderr=DEVNULL)
    try:
        await telling.until(lambda: telling.partners.of("/sms"))
    finally:
        process.kill()
        await process.wait()
        held.set()
        telling.partners.hold = None
    assert telling.attempts("accepted")[-1] == ("sms", "pending")
    async with telling.at_work() as postman:
        await telling.after(postman, timedelta(minutes=2))
        await telling.until(lambda: telling.attempts("accepted")[-1] == ("sms", "sent"))
    first, second = telling.partners.of("/sms")
    assert first.json == second.json
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
