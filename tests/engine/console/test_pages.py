"""The pages: what an engineer sees, also of what strangers and partners wrote."""

import re

import pytest

from ayni.engine.console.language import TEXTS, preferred

from ..hindering import hinder

SCRIPT = "<script>alert(1)</script>"
OWN_SCRIPT = '<script src="/static/console.js" defer></script>'
ODD_RESPONSE = (
    b'{"resourceType":"Bundle","type":"message","entry":'
    b'[{"resource":{"resourceType":"MessageHeader","id":"1","response":[]}}]}'
)


def without_own_script(page: str) -> str:
    assert page.count("<script") == page.count(OWN_SCRIPT) == 1
    return page.replace(OWN_SCRIPT, "")


async def test_the_overview_counts_what_came_and_names_what_waits(engine, qhali, signed_in, booked):
    qhali.script = [(400, b"")]
    await engine.send(booked(sequence=1))
    await engine.send(booked(sequence=2))
    await engine.send(b"no message")
    await engine.reaches("refused", "pending", channel="state_to_qhali")
    state = await engine.api("/api/v1/channels/state_to_qhali")
    assert (state["received"], state["refused"], state["queued"], state["stopped"]) == (3, 1, 1, 1)
    (to,) = state["destinations"]
    assert (to["partner"], to["queued"], to["refused"], to["stalled"]) == ("qhali", 1, 1, 0)
    assert to["oldest_seconds"] >= 0
    assert state["oldest"] == to["oldest"]
    page = await signed_in.page("/")
    assert 'href="/detenidos?channel=state_to_qhali"' in page


@pytest.mark.parametrize(
    ("word", "es", "en", "advice"),
    [
        ("queue-full", "colas llenas", "queues full", "qué destino está sin conexión o en pausa"),
        ("disk-full", "disco casi lleno", "disk nearly full", "Libere espacio que no sea del motor"),
        ("store-unsafe", "almacén no seguro", "store not safe", "qué ajuste de la base de datos falta"),
    ],
)
async def test_what_keeps_new_messages_out_is_shown_with_what_to_do(
    engine, signed_in, monkeypatch, word, es, en, advice
):
    assert es not in await signed_in.page("/")
    await hinder(engine, monkeypatch, word)
    for path in ("/", "/vivo", "/canales/state_to_qhali", "/canales/state_to_qhali/vivo"):
        page = await signed_in.page(path)
        assert f'data-state="{word}"' in page, path
        assert page.index("no recibe mensajes nuevos") < page.index(advice), path
        assert es in page, path
    _, page = await signed_in.get("/", Cookie=f"{signed_in.session['Cookie']}; ayni_language=en")
    assert en in page


async def test_the_live_part_is_the_part_of_the_page(signed_in):
    assert "<html" not in await signed_in.page("/vivo")
    for path, live in (("/", "/vivo"), ("/canales/state_to_qhali", "/canales/state_to_qhali/vivo")):
        assert f'data-refresh="{live}"' in await signed_in.page(path)
        assert "en marcha" in await signed_in.page(live)


async def test_the_pages_show_a_message_its_answers_and_its_way_on(engine, qhali, signed_in, intake):
    await engine.post(intake())
    await qhali.receives(1)
    await engine.reaches("delivered", channel="state_to_qhali")
    listed = await signed_in.page("/mensajes?correlation_id=QH-7M3K9XBT4D")
    assert listed.index("intake-submitted") < listed.index("SRR^S01")
    page = await signed_in.page("/mensajes/1")
    for seen in ("SRM^S01", "productive-cough", "mensaje 2", "entregado", "AA"):
        assert seen in page, seen
    assert "mensaje 1" in await signed_in.page("/mensajes/2")


async def test_a_request_is_followed_over_both_channels_on_one_page(engine, qhali, signed_in, intake):
    await engine.post(intake())
    await engine.reaches("delivered", channel="state_to_qhali")
    page = await signed_in.page("/seguir?correlation_id=qh-7m3k9xbt4d")
    seen = [page.index(f"<strong>{word}</strong>") for word in ("Recibido", "Nació de una respuesta")]
    assert seen == sorted(seen)
    assert page.count("<strong>Intento</strong>") == 2
    assert "Ningún mensaje nombra" in await signed_in.page("/seguir?correlation_id=QH-0000000009")


async def test_a_strangers_words_are_shown_and_never_run(engine, qhali, signed_in, booked, intake):
    qhali.script = [(400, f"<html>{SCRIPT}".encode())]
    await engine.send(booked().replace(b"CONSULTORIO 1", SCRIPT.encode()))
    await engine.send(booked(sequence=5).replace(b"|booked^", f"|{SCRIPT}^".encode()))
    await engine.post(intake().replace("MARÍA".encode(), SCRIPT.encode().replace(b"/", b"\\/")))
    await engine.post(f'{{"resourceType":"{SCRIPT}"}}'.encode())
    await engine.send(booked(sequence=6).replace(b"SIU^S12^SIU_S12", f"{SCRIPT}^S12".encode()))
    await engine.send(booked().replace(b"QH-7M3K9XBT4D.R004", SCRIPT.encode()))
    await engine.reaches("refused", "pending", channel="state_to_qhali")  # the second answers the intake
    pages = ("/", "/mensajes", "/detenidos", *(f"/mensajes/{number}" for number in range(1, 7)))
    for path in (*pages, "/mensajes/1/editar", "/seguir?correlation_id=QH-7M3K9XBT4D"):
        assert "<script" not in without_own_script(await signed_in.page(path)).lower(), path
    assert "&lt;script&gt;" in await signed_in.page("/mensajes/1")


@pytest.mark.parametrize(
    "path",
    [
        '/mensajes?correlation_id="><script>alert(1)</script>',
        '/mensajes?state="><script>alert(1)</script>',
        '/seguir?correlation_id="><script>alert(1)</script>',
        '/detenidos?channel="><script>alert(1)</script>',
        '/detenidos?decided="><script>alert(1)</script>',
        '/auditoria?who="><script>alert(1)</script>',
        '/no"><script>alert(1)</script>',
    ],
)
async def test_what_stands_in_an_address_is_never_run(signed_in, path):
    _, page = await signed_in.get(path)
    assert "<script" not in without_own_script(page).lower()


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
async def test_whatever_a_partner_answered_one_sees_the_message(engine, qhali, signed_in, booked, answer):
    qhali.script = [(400, answer)]
    await engine.send(booked())
    await engine.reaches("refused", channel="state_to_qhali")
    await signed_in.page("/mensajes")
    assert "rechazado" in await signed_in.page("/mensajes/1")
    await engine.api("/api/v1/messages/1")


@pytest.mark.parametrize(
    "raw", [b"[" * 50_000, b'{"a":' * 900 + b"1" + b"}" * 900, b"9" * 6000, b"\xff" * 50]
)
async def test_whatever_a_stranger_sent_one_sees_it(engine, signed_in, raw):
    assert (await engine.post(raw))[0] == 400
    assert "rechazado" in await signed_in.page("/mensajes/1")
    await engine.api("/api/v1/messages/1")


@pytest.mark.parametrize("number", ["0", "99", "9" * 18, "9" * 40, "x", "-1", "1.5"])
async def test_a_message_that_is_not_there_is_not_found(engine, signed_in, booked, number):
    await engine.send(booked())
    for path in (f"/mensajes/{number}", f"/api/v1/messages/{number}"):
        answer, text = await signed_in.get(path)
        assert answer.status == 404
        assert "not-found" in text


async def test_every_text_is_in_both_languages_and_says_the_same_places():
    for key, both in TEXTS.items():
        places = [sorted(re.findall(r"\{(\w+)\}", text)) for text in both.values()]
        assert places[0] == places[1], key
        assert all(text.strip() == text and text for text in both.values()), key


def test_a_spanish_sentence_has_at_most_fifteen_words():
    long = [
        (key, sentence)
        for key, both in TEXTS.items()
        for sentence in re.split(r"[.;:?!] ", both["es"])
        if len(sentence.split()) > 15
    ]
    assert long == []


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "es"),
        ("en", "en"),
        ("en-GB,en;q=0.9,es;q=0.1", "en"),
        ("es-PE,es;q=0.9,en;q=0.8", "es"),
        ("qu,en;q=0.5", "en"),
        ("fr", "es"),
        ("en;q=0", "es"),
        ("en;q=x, es", "es"),
        (";;,,q=1", "es"),
    ],
)
def test_the_language_is_what_the_browser_prefers(header, language):
    assert preferred(header) == language


async def test_the_language_chosen_is_kept_and_comes_back_to_the_page(signed_in):
    answer = await signed_in.post("/idioma", language="en", here="/mensajes?state=refused")
    assert (answer.status, answer.headers["Location"]) == (303, "/mensajes?state=refused")
    assert "ayni_language=en" in answer.headers["Set-Cookie"]
    assert '<html lang="en">' in await signed_in.page("/")
    assert "Channels" in await signed_in.page("/")
    await signed_in.post("/idioma", language="xx", here="/")
    assert '<html lang="en">' in await signed_in.page("/")


async def test_a_stranger_reads_the_sign_in_in_the_language_of_the_browser(browser):
    _, page = await browser.get("/acceso", **{"Accept-Language": "en"})
    assert "Sign in to the console" in page
    _, page = await browser.get("/acceso")
    assert "Acceso a la consola" in page


async def test_every_page_says_what_to_do_when_there_is_nothing(signed_in):
    for path in ("/mensajes", "/detenidos", "/seguir", "/alertas", "/canales/state_to_qhali"):
        assert 'class="empty-state"' in await signed_in.page(path), path


async def test_every_state_is_a_word_beside_its_shape(signed_in, refuses):
    await refuses()
    for path in ("/", "/mensajes", "/mensajes/1", "/detenidos"):
        page = await signed_in.page(path)
        states = re.findall(r'<span class="state \w+" data-state="[\w-]+">(.*?)</span> ([^<]+)</span>', page)
        assert states, path
        assert all(word.strip() for _, word in states), path


async def test_every_page_has_one_heading_and_a_label_for_each_field(signed_in, refuses):
    await refuses()
    paths = ["/", "/canales/state_to_qhali", "/mensajes", "/mensajes/1", "/mensajes/1/editar", "/seguir"]
    for path in (*paths, "/detenidos", "/alertas", "/auditoria", "/cuentas", "/auditoria/verificacion"):
        page = await signed_in.page(path)
        assert page.count("<h1") == 1, path
        for field in re.findall(r"<(?:input|select|textarea)[^>]*>", page):
            at = page.index(field)
            labelled = page.rfind("<label", 0, at) > page.rfind("</label>", 0, at)
            assert 'type="hidden"' in field or "aria-label" in field or labelled, (path, field)
