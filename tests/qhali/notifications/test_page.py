"""The citizen's page: what is told there, one tap to answer, and the channels that they open and close."""

from datetime import timedelta

from ayni.vocabulary.request import State

REQUEST_ID = "QH-7M3K9XBT4D"


async def reminded(telling, browser, state_message) -> None:
    await browser.send_request()
    await telling.qhali.receive(
        state_message(1, State.RECEIVED),
        state_message(2, State.ACCEPTED),
        state_message(3, State.BOOKED, start="2026-11-28T09:00:00-05:00"),
    )
    async with telling.at_work() as postman:
        await telling.after(postman, timedelta(days=2))
    await browser.open("/pedido")


async def test_one_tap_on_the_page_answers_and_says_how_far_the_answer_got(
    telling, browser, state_message
) -> None:
    await reminded(telling, browser, state_message)
    form = browser.page.select_one(".answers")
    assert [button["value"] for button in form.select("button")] == ["confirm", "change", "cannot"]
    form["id"] = "answers"
    await browser.submit("answers", choice="confirm")
    assert "Gracias, le esperamos." in browser.text(".notice-card")
    assert "Su respuesta está guardada." in browser.text(".notice-card")
    with telling.qhali.database.transaction() as tx:
        tx.execute("update outbox set state = 'delivered'")
    await browser.open("/pedido")
    assert "Su respuesta ya salió hacia su establecimiento." in browser.text(".notice-card")


async def test_only_a_page_that_is_looked_at_confirms(telling, browser, state_message) -> None:
    await browser.send_request()
    await telling.qhali.receive(state_message(1, State.RECEIVED))

    async def fragment(visible: str) -> None:
        async with browser.http.get(browser.url + "/pedido/estado", headers={"X-Visible": visible}) as answer:
            assert answer.status == 200

    await fragment("0")
    assert telling.attempts("received") == [("page", "sent")]
    await fragment("1")
    assert telling.attempts("received") == [("page", "confirmed")]


async def test_channels_are_opened_put_first_and_closed(telling, browser) -> None:
    await browser.send_request()
    await browser.open("/avisos")
    assert [each["data-channel"] for each in browser.page.select(".channels li")] == [
        "push",
        "whatsapp",
        "sms",
        "email",
    ]
    await browser.submit("sms-form", address="12")
    assert (browser.status, "nueve cifras" in browser.text("#sms-hint")) == (422, True)
    await browser.submit("sms-form", address="987654321")
    await browser.submit("email-form", address="maria@ejemplo.pe")
    shown = browser.text(".channels")
    assert "…321" in shown
    assert "987654321" not in shown
    assert "m…@ejemplo.pe" in shown
    form = browser.page.select_one('[data-channel=email] form[action$="primero"]')
    form["id"] = "first"
    await browser.submit("first")
    assert browser.page.select_one(".channels li")["data-channel"] == "email"
    await browser.submit("email-remove")
    assert telling.qhali.rows("select channel from contact") == [("sms",)]


async def test_a_phone_reports_and_answers_with_the_token_of_its_notice_alone(
    telling, browser, state_message
) -> None:
    await reminded(telling, browser, state_message)
    browser.http.cookie_jar.clear()
    ((token,),) = telling.qhali.rows("select token from notice where kind = 'reminder-72h'")

    async def say(**fields: str) -> int:
        async with browser.http.post(browser.url + "/aviso", data=fields) as answer:
            return answer.status

    assert await say(token="guess") == 404
    assert await say(token=token, choice="better") == 404
    assert await say(token=token) == 204
    assert await say(token=token, choice="cannot") == 204
    assert telling.qhali.rows("select answer from notice where kind = 'reminder-72h'") == [("cannot",)]


async def test_nothing_here_opens_without_the_session(telling, browser) -> None:
    await browser.send_request()
    browser.http.cookie_jar.clear()
    await browser.open("/avisos")
    assert browser.has("#consent-form")
    for address in ("/avisos/agregar", "/avisos/quitar", "/pedido/respuesta"):
        async with browser.http.post(browser.url + address, data={"channel": "sms"}) as answer:
            assert answer.status == 403


async def test_the_worker_may_speak_for_every_page(telling, browser) -> None:
    async with browser.http.get(browser.url + "/avisos-worker.js") as answer:
        assert answer.headers["Content-Type"] == "text/javascript"
        assert "notificationclick" in await answer.text()


async def test_a_closed_channel_is_said_to_be_closed(browser) -> None:
    await browser.send_request()
    await browser.open("/avisos")
    assert browser.page.select(".channels form") == []
    assert browser.text(".channels").count("No está disponible por ahora.") == 4
