"""The console: nothing without the operator, nothing of a stranger's words taken for our own."""

import json

import aiohttp
import pytest

PAGES = ("/", "/mensajes", "/mensajes/1")
PROGRAMS = ("/api/channels", "/api/messages", "/api/messages/1")
DECISIONS = ("/mensajes/1/entregas/1/otra-vez", "/mensajes/1/entregas/1/apartar")
SCRIPT = "<script>alert(1)</script>"
ODD_RESPONSE = (
    b'{"resourceType":"Bundle","type":"message","entry":'
    b'[{"resource":{"resourceType":"MessageHeader","id":"1","response":[]}}]}'
)


class Browser:
    """A browser without JavaScript that keeps cookies and follows nothing by itself."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http, self._url = http, url

    async def get(self, path: str, **headers: str) -> tuple[aiohttp.ClientResponse, str]:
        async with self._http.get(self._url + path, headers=headers, allow_redirects=False) as answer:
            return answer, await answer.text()

    async def post(self, path: str, *, origin: str = "", **fields: str) -> aiohttp.ClientResponse:
        headers = {"Origin": origin} if origin else {}
        async with self._http.post(
            self._url + path, data=fields, headers=headers, allow_redirects=False
        ) as answer:
            await answer.read()
            return answer

    async def sign_in(self, password: str, user: str = "operador") -> aiohttp.ClientResponse:
        return await self.post("/acceso", username=user, password=password)

    async def page(self, path: str) -> str:
        """A page that must be there."""
        answer, text = await self.get(path)
        assert answer.status == 200, (path, answer.status)
        return text


@pytest.fixture
async def browser(engine):
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        yield Browser(http, engine.console_url)


@pytest.fixture
async def operator(engine, browser):
    await browser.sign_in(engine.secret("engine/operator-password"))
    return browser


async def test_health_is_open_and_holds_figures_only(engine, browser, booked):
    await engine.send(booked())
    _, text = await browser.get("/health")
    assert json.loads(text) == {
        "system": "engine",
        "healthy": True,
        "channels": ["intake_to_ehr", "state_to_qhali"],
        "messages": 1,
    }


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_leads_a_stranger_to_the_sign_in(engine, browser, booked, path):
    await engine.send(booked())
    answer, text = await browser.get(path)
    assert (answer.status, answer.headers["Location"].partition("?")[0]) == (
        303,
        f"{engine.console_url}/acceso",
    )
    assert text == ""


@pytest.mark.parametrize("path", PROGRAMS)
async def test_a_program_without_the_operator_is_forbidden(engine, browser, booked, path):
    await engine.send(booked())
    answer, text = await browser.get(path)
    assert (answer.status, text) == (403, "Forbidden")


@pytest.mark.parametrize("path", DECISIONS)
async def test_a_stranger_decides_nothing(engine, qhali, browser, booked, path):
    qhali.script = [(400, b"")]
    await engine.send(booked())
    await engine.reaches("refused", channel="state_to_qhali")
    assert (await browser.post(path)).status == 403
    await engine.reaches("refused", channel="state_to_qhali")


async def test_every_address_but_three_is_behind_the_sign_in(engine, browser):
    """An address added later without the operator shows here."""
    for path in ("/", "/docs", "/openapi.json", "/api", "/static/", "/static/../app.py", "/acceso/x"):
        answer, _ = await browser.get(path)
        assert answer.status in (303, 404), path
    for path in ("/health", "/acceso", "/static/console.css"):
        answer, _ = await browser.get(path)
        assert answer.status == 200, path


async def test_a_page_of_another_origin_posts_nothing(engine, operator):
    port = int(engine.console_url.rpartition(":")[2])
    assert (await operator.post("/salir", origin=f"http://127.0.0.1:{port + 1}")).status == 403
    assert (await operator.post("/salir", origin="null")).status == 403
    await operator.page("/")
    assert (await operator.post("/salir", origin=engine.console_url)).status == 303


@pytest.mark.parametrize(
    ("user", "password"), [("operador", "x"), ("operador", ""), ("otro", None), ("", "")]
)
async def test_who_is_not_the_operator_does_not_get_in(engine, browser, user, password):
    real = engine.secret("engine/operator-password")
    answer = await browser.sign_in(real if password is None else password, user)
    assert answer.status == 403
    assert "Set-Cookie" not in answer.headers
    assert (await browser.get("/"))[0].status == 303


async def test_the_operator_signs_in_and_out(engine, browser):
    answer = await browser.sign_in(engine.secret("engine/operator-password"))
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert "Canales" in await browser.page("/")
    await browser.post("/salir")
    assert (await browser.get("/"))[0].status == 303


async def test_the_session_is_a_cookie_that_no_other_site_and_no_script_can_use(engine, browser):
    answer = await browser.sign_in(engine.secret("engine/operator-password"))
    cookie = answer.headers["Set-Cookie"].lower()
    assert "samesite=strict" in cookie
    assert "httponly" in cookie


@pytest.mark.parametrize("cookie", ["e30=.Zm9v.YmFy", "x", "eyJ1c2VyIjogIm9wZXJhZG9yIn0=.aaaaaa.bbbb"])
async def test_a_session_that_the_engine_did_not_sign_opens_nothing(browser, cookie):
    answer, _ = await browser.get("/", Cookie=f"ayni_console={cookie}")
    assert answer.status == 303


async def test_a_cookie_that_was_kept_opens_nothing_after_signing_out(engine, operator):
    kept = {"Cookie": f"ayni_console={next(iter(operator._http.cookie_jar)).value}"}
    async with engine.http.get(f"{engine.console_url}/api/channels", headers=kept) as answer:
        assert answer.status == 200
    await operator.post("/salir")
    async with engine.http.get(f"{engine.console_url}/api/channels", headers=kept) as answer:
        assert answer.status == 403


async def test_a_restart_ends_every_session(engine, operator):
    kept = {"Cookie": f"ayni_console={next(iter(operator._http.cookie_jar)).value}"}
    await engine.stop()
    await engine.start()
    async with engine.http.get(f"{engine.console_url}/api/channels", headers=kept) as answer:
        assert answer.status == 403


async def test_the_console_answers_to_its_own_name_only(engine):
    headers = {"Host": "evil.example"}
    async with engine.http.get(engine.console_url, headers=headers, allow_redirects=False) as answer:
        assert answer.status == 400
        assert "evil.example" not in str(answer.headers)


async def test_a_stranger_cannot_send_a_long_form(engine):
    async with engine.http.post(f"{engine.console_url}/acceso", data={"username": "x" * 5000}) as answer:
        assert answer.status == 413


@pytest.mark.parametrize(
    "credentials",
    [
        "Basic",
        "Basic !",
        "Basic ñ",
        "Basic b3BlcmFkb3I=",
        "Bearer b3BlcmFkb3I6eA==",
        "Basic /////w==",
        "x" * 5000,
    ],
)
async def test_broken_credentials_are_no_credentials(browser, credentials):
    answer, _ = await browser.get("/api/channels", Authorization=credentials)
    assert answer.status == 403


@pytest.mark.parametrize(
    "path", ["/health", "/acceso", "/", "/api/channels", "/nowhere", "/static/console.css"]
)
async def test_every_answer_says_what_a_browser_must_not_do(browser, path):
    answer, _ = await browser.get(path)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


async def test_the_account_and_the_secrets_are_the_owners_alone(engine):
    for name in ("operator-account.txt", "operator-password", "session-secret", "messages.sqlite"):
        assert (engine.folder / "engine" / name).stat().st_mode & 0o077 == 0, name
    account = (engine.folder / "engine" / "operator-account.txt").read_text("utf-8")
    assert engine.secret("engine/operator-password") in account


async def test_the_overview_counts_what_came_and_names_what_waits(engine, qhali, operator, booked):
    qhali.script = [(400, b"")]
    await engine.send(booked(sequence=1))
    await engine.send(booked(sequence=2))
    await engine.send(b"no message")
    await engine.reaches("refused", "pending", channel="state_to_qhali")
    (state,) = [
        each for each in (await engine.api("/api/channels"))["channels"] if each["name"] == "state_to_qhali"
    ]
    assert (state["received"], state["refused"]) == (3, 1)
    (lane,) = state["waiting"]
    assert (lane["destination"], lane["waiting"], lane["held"]) == ("qhali", 1, 1)
    assert "1 rechazados: una persona decide" in await operator.page("/")


async def test_the_pages_show_a_message_its_answers_and_its_way_on(engine, qhali, operator, intake):
    await engine.post(intake())
    await qhali.receives(1)
    await engine.reaches("delivered", channel="state_to_qhali")
    listed = await operator.page("/mensajes?correlation_id=QH-7M3K9XBT4D")
    assert listed.index("intake-submitted") < listed.index("SRR^S01")
    page = await operator.page("/mensajes/1")
    for seen in ("SRM^S01", "productive-cough", "mensaje 2", "entregado", "AA"):
        assert seen in page, seen
    assert "mensaje 1" in await operator.page("/mensajes/2")


async def test_a_request_is_found_by_its_number_and_by_its_state(engine, qhali, booked):
    qhali.script = [(400, b"")]
    await engine.send(booked())
    await engine.reaches("refused", channel="state_to_qhali")
    await engine.send(booked("QH-0000000001"))
    await engine.reaches("refused", "delivered", channel="state_to_qhali")
    await engine.send(b"no message")

    async def found(**query):
        return [each["id"] for each in await engine.messages(**query)]

    assert await found() == [3, 2, 1]
    assert await found(correlation_id="QH-0000000001") == [2]
    assert await found(correlation_id=" QH-0000000001 ") == [2]
    assert await found(state="refused") == [3]
    assert await found(delivery_state="refused") == [1]
    assert await found(state="accepted") == [2, 1]
    assert await found(correlation_id="qh-7m3k9xbt4d ", delivery_state="refused") == [1]
    assert await found(correlation_id="QH-7M3K9XBT4D", delivery_state="delivered") == []
    assert await found(state="' or 1=1 --") == []


async def test_a_strangers_words_are_shown_and_never_run(engine, qhali, operator, booked, intake):
    qhali.script = [(400, f"<html>{SCRIPT}".encode())]
    await engine.send(booked().replace(b"CONSULTORIO 1", SCRIPT.encode()))
    await engine.send(booked(sequence=5).replace(b"|booked^", f"|{SCRIPT}^".encode()))
    await engine.post(intake().replace("MARÍA".encode(), SCRIPT.encode().replace(b"/", b"\\/")))
    await engine.post(f'{{"resourceType":"{SCRIPT}"}}'.encode())
    await engine.reaches("refused", "pending", channel="state_to_qhali")  # the second answers the intake
    for path in ("/", "/mensajes", "/mensajes/1", "/mensajes/2", "/mensajes/3", "/mensajes/4"):
        assert "<script" not in (await operator.page(path)).lower(), path
    assert "&lt;script&gt;" in await operator.page("/mensajes/1")
    for query in ("correlation_id", "state"):
        page = await operator.page(f'/mensajes?{query}="><script>alert(1)</script>')
        assert "<script" not in page.lower()


@pytest.mark.parametrize(
    "answer",
    [
        b'{"resourceType":"OperationOutcome","issue":null}',
        b'{"resourceType":"OperationOutcome","issue":[null,7]}',
        b'{"resourceType":"OperationOutcome","issue":{"code":"x"}}',
        ODD_RESPONSE,
        b'{"resourceType":"Bundle"}',
        b"[" * 20_000,
        b"MSH",
        b"MSH|^~\\&|no answer",
        b"\xff\xfe",
    ],
    ids=["null", "odd-issues", "one-issue", "odd-response", "no-message", "deep", "name", "no-msa", "bytes"],
)
async def test_whatever_a_partner_answered_the_operator_sees_the_message(
    engine, qhali, operator, booked, answer
):
    qhali.script = [(400, answer)]
    await engine.send(booked())
    await engine.reaches("refused", channel="state_to_qhali")
    await operator.page("/mensajes")
    assert "rechazado" in await operator.page("/mensajes/1")
    await engine.api("/api/messages/1")


@pytest.mark.parametrize(
    "raw", [b"[" * 50_000, b'{"a":' * 900 + b"1" + b"}" * 900, b"9" * 6000, b"\xff" * 50]
)
async def test_whatever_a_stranger_sent_the_operator_sees_it(engine, operator, raw):
    assert (await engine.post(raw))[0] == 400
    assert "rechazado" in await operator.page("/mensajes/1")
    await engine.api("/api/messages/1")


@pytest.mark.parametrize("number", ["0", "99", "9" * 18, "9" * 40, "x", "-1", "1.5"])
async def test_a_message_that_is_not_there_is_not_found(engine, operator, booked, number):
    await engine.send(booked())
    for path in (f"/mensajes/{number}", f"/api/messages/{number}"):
        assert (await operator.get(path))[0].status == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/mensajes/1/entregas/1/otra-vez", 409),
        ("/mensajes/1/entregas/1/apartar", 409),
        ("/mensajes/1/entregas/99/apartar", 409),
        ("/mensajes/1/entregas/1/borrar", 404),
        ("/mensajes/1/entregas/" + "9" * 40 + "/apartar", 404),
    ],
)
async def test_a_decision_about_what_is_not_refused_changes_nothing(engine, operator, booked, path, status):
    await engine.send(booked())
    await engine.reaches("delivered", channel="state_to_qhali")
    assert (await operator.post(path)).status == status
    await engine.reaches("delivered", channel="state_to_qhali")


async def test_a_decision_is_about_a_delivery_of_the_message_that_is_open(engine, qhali, operator, booked):
    qhali.script = [(400, b"")]
    await engine.send(booked())
    await engine.reaches("refused", channel="state_to_qhali")
    await engine.send(booked("QH-0000000001"))
    assert (await operator.post("/mensajes/2/entregas/1/apartar")).status == 409
    await engine.reaches("refused", "delivered", channel="state_to_qhali")


async def test_a_decision_is_never_made_by_following_a_link(engine, operator):
    for path in DECISIONS:
        assert (await operator.get(path))[0].status == 405
