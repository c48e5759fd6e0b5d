"""Entering the console: nothing without an account, nothing kept after it ends, nothing for other pages."""

import json

import pytest

from ayni.engine.console.access.throttle import FREE_OF_PAIR

PAGES = ("/", "/mensajes", "/mensajes/1", "/detenidos", "/seguir", "/alertas", "/auditoria", "/cuentas")
PROGRAMS = ("/api/channels", "/api/messages", "/api/messages/1", "/api/v1/channels", "/api/openapi.json")
DECISIONS = ("/mensajes/1/entregas/1/otra-vez", "/mensajes/1/entregas/1/apartar", "/detenidos")


async def test_health_is_open_and_holds_figures_only(engine, browser, booked):
    await engine.send(booked())
    _, text = await browser.get("/health")
    assert json.loads(text) == {
        "system": "engine",
        "healthy": True,
        "channels": ["answer_to_ehr", "intake_to_ehr", "state_to_qhali"],
        "messages": 1,
    }


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_leads_a_stranger_to_the_sign_in(engine, browser, booked, path):
    await engine.send(booked())
    answer, text = await browser.get(path)
    assert (answer.status, answer.headers["Location"], text) == (303, "/acceso", "")


@pytest.mark.parametrize("path", PROGRAMS)
async def test_a_program_without_an_account_is_told_to_sign_in_and_nothing_else(
    engine, browser, booked, path
):
    await engine.send(booked())
    answer, text = await browser.get(path)
    assert (answer.status, json.loads(text)["code"]) == (401, "sign-in-needed")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert "QH-7M3K9XBT4D" not in text


@pytest.mark.parametrize("path", DECISIONS)
async def test_a_stranger_decides_nothing(engine, browser, refuses, path):
    await refuses()
    assert (await browser.post(path, delivery="1-1", decision="requeue")).status == 403
    await engine.reaches("refused", channel="state_to_qhali")


async def test_every_address_but_three_is_behind_the_sign_in(engine, browser):
    """An address added later without a role shows here."""
    for path in ("/", "/docs", "/openapi.json", "/api", "/static/", "/static/../app.py", "/acceso/x"):
        answer, _ = await browser.get(path)
        assert answer.status in (303, 404), path
    for path in ("/health", "/acceso", "/static/console.css"):
        answer, _ = await browser.get(path)
        assert answer.status == 200, path


async def test_a_page_of_another_origin_posts_nothing(engine, signed_in):
    port = int(engine.console_url.rpartition(":")[2])
    assert (await signed_in.post("/salir", origin=f"http://127.0.0.1:{port + 1}")).status == 403
    assert (await signed_in.post("/salir", origin="null")).status == 403
    await signed_in.page("/")
    assert (await signed_in.post("/salir", origin=engine.console_url)).status == 303


@pytest.mark.parametrize(
    ("user", "password"), [("operador", "x"), ("operador", ""), ("otro", None), ("", "")]
)
async def test_who_has_no_account_does_not_get_in(engine, browser, user, password):
    real = engine.secret("engine/operator-password")
    answer = await browser.sign_in(real if password is None else password, user)
    assert answer.status == 403
    assert "Set-Cookie" not in answer.headers
    assert (await browser.get("/"))[0].status == 303


async def test_one_signs_in_and_out(engine, browser):
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


async def test_a_cookie_that_was_kept_opens_nothing_after_signing_out(engine, signed_in):
    kept, address = signed_in.session, f"{engine.console_url}/api/v1/channels"
    async with engine.http.get(address, headers=kept) as answer:
        assert answer.status == 200
    await signed_in.post("/salir")
    async with engine.http.get(address, headers=kept) as answer:
        assert answer.status == 401


async def test_a_restart_ends_every_session(engine, signed_in):
    kept = signed_in.session
    await engine.stop()
    await engine.start()
    async with engine.http.get(f"{engine.console_url}/api/v1/channels", headers=kept) as answer:
        assert answer.status == 401


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
    answer, _ = await browser.get("/api/v1/channels", Authorization=credentials)
    assert answer.status == 401


@pytest.mark.parametrize(
    "path", ["/health", "/acceso", "/", "/api/channels", "/nowhere", "/static/console.css"]
)
async def test_every_answer_says_what_a_browser_must_not_do(browser, path):
    answer, _ = await browser.get(path)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"  # none at all would hide our own Origin too
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


async def test_the_accounts_and_the_secrets_of_a_first_start_are_the_owners_alone(new_engine):
    engine = new_engine()
    await engine.start()
    files = ("operator-account.txt", "operator-password", "accounts.json", "audit.sqlite")
    for name in (*files, "session-secret", "messages.sqlite"):
        assert (engine.folder / "engine" / name).stat().st_mode & 0o077 == 0, name
    account = (engine.folder / "engine" / "operator-account.txt").read_text("utf-8")
    password = engine.secret("engine/operator-password")
    assert password in account
    assert (await engine.api("/api/v1/me")) == {"name": "operador", "role": "administrator"}
    assert password not in (engine.folder / "engine" / "accounts.json").read_text("utf-8")


async def test_who_fails_too_often_has_to_wait_even_with_the_right_password(engine, browser):
    for _ in range(FREE_OF_PAIR):
        assert (await browser.sign_in("wrong")).status == 403
    answer = await browser.sign_in(engine.secret("engine/operator-password"))
    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert (await browser.get("/"))[0].status == 303


async def test_a_program_that_fails_too_often_has_to_wait(engine, browser):
    wrong = "Basic b3BlcmFkb3I6eA=="
    for _ in range(FREE_OF_PAIR):
        assert (await browser.get("/api/v1/me", Authorization=wrong))[0].status == 401
    answer, text = await browser.get("/api/v1/me", Authorization=wrong)
    assert (answer.status, json.loads(text)["code"]) == (429, "too-many-attempts")
    assert int(answer.headers["Retry-After"]) > 0


async def test_the_first_account_of_an_older_engine_keeps_its_password(new_engine):
    engine = new_engine()
    folder = engine.folder / "engine"
    folder.mkdir(mode=0o700)
    (folder / "operator-password").write_text("a-password-from-before\n", "ascii")
    await engine.start()
    assert (await engine.api("/api/v1/me")) == {"name": "operador", "role": "administrator"}
    assert "a-password-from-before" in (folder / "operator-account.txt").read_text("utf-8")


async def test_no_address_leads_off_the_console(browser):
    for here in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        answer = await browser.post("/idioma", language="en", here=here)
        assert (answer.status, answer.headers["Location"]) == (303, "/"), here
