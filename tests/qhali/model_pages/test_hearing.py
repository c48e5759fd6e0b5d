"""A language model in the real conversation: only with both yeses, never with a name, never in the way."""

import asyncio
import json
import signal
import threading
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from ayni.qhali.intake import Submission, citizen_from, intake_bundle
from ayni.qhali.models import LanguageModel
from ayni.qhali.models.address import read_address
from ayni.qhali.requests import Drafts
from ayni.vocabulary.fhir import bundle, dumps, loads
from tests.qhali.conftest import IDENTITY, Browser
from tests.qhali.model_pages.conftest import ADDED, SAID, SECRETS, talk
from tests.qhali.models.conftest import completion, hearing, task_of
from tests.qhali.test_process import free_port, health, start


def intake_of(qhali) -> dict:
    ((content,),) = qhali.rows("select intake from request")
    return loads(bytes(content))


async def test_without_an_operator_s_model_nobody_is_asked(browser, qhali, model_server) -> None:
    model_server.says(hearing(ADDED))
    await browser.open("/")
    assert not browser.has("[name=model]")
    await talk(browser, model="small, este mismo equipo")
    assert model_server.bodies == qhali.rows("select * from model_permission") == []


async def test_a_citizen_who_does_not_tick_is_heard_by_nobody_else(
    browser, qhali, model, model_server
) -> None:
    await browser.open("/")
    box = browser.page.select_one("[name=model]")
    assert not box.has_attr("checked")
    assert (box["value"], model.place) == ("small, este mismo equipo", "este mismo equipo")
    await talk(browser)
    await browser.submit("confirm-form", consent="on")
    assert browser.has("#request-id")
    assert model_server.bodies == qhali.rows("select * from heard") == []
    assert len(list(bundle.resources(intake_of(qhali), "Device"))) == 1


async def test_a_yes_to_another_model_is_none_to_this_one(browser, qhali, model, model_server) -> None:
    await talk(browser, model="large, api.example")
    assert model_server.bodies == qhali.rows("select * from model_permission") == []


async def test_with_both_yeses_it_adds_what_the_rules_did_not_hear(
    browser, qhali, model, model_server
) -> None:
    await talk(browser, model=model.called)
    assert "Así lo entendió la inteligencia artificial" in browser.text(".findings")
    await browser.submit("confirm-form", consent="on")
    said = [text for (text,) in qhali.rows("select text from turn")]
    assert len(said) > 1
    listened = list(map(task_of, model_server.bodies)).count("hearing")
    assert listened == len(qhali.rows("select * from heard")) == said.count(SAID) == 1
    for secret in SECRETS:
        assert secret.casefold() not in model_server.sent.casefold()
    intake = intake_of(qhali)
    names = [each["identifier"][0]["value"] for each in bundle.resources(intake, "Device")]
    assert names == ["QHALI-RULES", "small"]
    quotes = [each["note"][0]["text"] for each in bundle.resources(intake, "Observation")]
    assert "Ando como radio sin antena" in quotes
    await browser.open("/mis-datos")
    assert "radio sin antena" in str(browser.page)
    assert "que también me lea una inteligencia artificial (small, este mismo equipo): dado" in browser.text(
        "#main"
    )


async def test_read_again_without_a_model_it_is_the_same_record(browser, qhali, model, model_server) -> None:
    await talk(browser, model=model.called)
    await browser.submit("confirm-form", consent="on")
    asked = len(model_server.bodies)
    ((draft_id, request_id),) = qhali.rows("select id, request_id from draft")
    draft = Drafts(qhali.database, now=qhali.clock).read(draft_id)
    again = Submission(
        request_id=request_id,
        at=qhali.clock(),
        began_at=draft.consented_at,
        consented_at=qhali.clock(),
        citizen=citizen_from(draft.form, today=qhali.clock().date(), is_test=True),
        conversation=draft.conversation,
        orientation=draft.orientation(qhali.clock().date()),
        permission=draft.permission,
    )
    assert dumps(intake_bundle(again)) == dumps(intake_of(qhali))
    assert len(model_server.bodies) == asked
    plain = replace(again, conversation=replace(draft.conversation, beside=()))
    assert dumps(intake_bundle(plain)) != dumps(intake_of(qhali))


@pytest.mark.parametrize(
    ("answer", "silence"),
    [
        ("Claro: tome paracetamol.", "unusable"),
        ('{"facts": [{}], "level": "I"}', "unusable"),
        ("", "unusable"),
    ],
)
async def test_nonsense_is_a_silence_that_is_kept(
    browser, qhali, model, model_server, answer: str, silence: str
) -> None:
    model_server.says(answer)
    await browser.open("/")
    await browser.submit("consent-form", model=model.called)
    await browser.submit("turn-form", text="me pica la piel")
    assert browser.has("#turn-form")
    assert qhali.rows("select turn, source, facts, suggested, silence from heard") == [
        (1, "small", "[]", None, silence)
    ]


async def test_a_model_that_does_not_answer_is_not_waited_for(browser, qhali, model, model_server) -> None:
    answered = threading.Event()

    async def hangs(request: web.Request) -> web.StreamResponse:
        await asyncio.to_thread(answered.wait)
        return completion(hearing(ADDED))

    model_server.says(hangs)
    await browser.open("/")
    await browser.submit("consent-form", model=model.called)
    try:
        await browser.submit("turn-form", text="me pica la piel")
        assert browser.has("#turn-form")
        assert qhali.rows("select facts, silence from heard") == [("[]", "late")]
    finally:
        answered.set()


async def test_in_an_emergency_it_is_not_asked(browser, qhali, model, model_server) -> None:
    await talk(browser, "mi papá no despierta, no responde", model=model.called)
    assert model_server.bodies == qhali.rows("select * from heard") == []


async def test_another_model_in_its_place_hears_nothing(browser, qhali, model, model_server) -> None:
    await browser.open("/")
    await browser.submit("consent-form", model=model.called)
    with LanguageModel(read_address(f"{model_server.url}/v1#other", "other")) as other:
        other.wait_until_ready(60)
        qhali.parts.drafts.model = other
        await browser.submit("turn-form", text=SAID)
        assert model_server.bodies == qhali.rows("select * from heard") == []
        qhali.parts.drafts.model = model
        await browser.submit("turn-form", text=SAID)
        assert model_server.bodies


async def test_a_permission_taken_back_on_the_way_ends_the_listening(
    browser, qhali, model, model_server
) -> None:
    await browser.open("/")
    await browser.submit("consent-form", model=model.called)
    await browser.submit("turn-form", text=SAID)
    heard = len(model_server.bodies)
    assert heard
    await browser.open("/")
    await browser.submit("without-model-form")
    while browser.has("#turn-form"):
        await browser.submit("turn-form", text="no, y ando como radio sin antena")
    assert len(model_server.bodies) == heard
    await browser.submit("identity-form", **IDENTITY)
    await browser.submit("confirm-form", consent="on")
    agreed = list(bundle.resources(intake_of(qhali), "Consent"))[-1]
    assert (agreed["status"], set(agreed["provision"]["period"])) == ("inactive", {"start", "end"})


async def test_who_withdraws_or_is_forgotten_leaves_nothing_heard(
    browser, qhali, model, model_server
) -> None:
    await talk(browser, model=model.called)
    await browser.submit("confirm-form", consent="on")
    with qhali.database.transaction() as tx:
        tx.execute("update outbox set state = 'delivered'")
    assert qhali.rows("select * from heard")
    await browser.open("/mis-datos")
    await browser.submit("withdraw-form", sure="on")
    assert qhali.rows("select * from heard") == []
    await browser.open("/mis-datos")
    assert "inteligencia artificial (small, este mismo equipo): retirado" in browser.text("#main")
    await browser.submit("forget-form", sure="on")
    assert qhali.rows("select * from model_permission") == []
    raw = b"".join(path.read_bytes() for path in qhali.database.path.parent.glob("qhali.sqlite*"))
    assert b"radio sin antena" not in raw


async def test_a_conversation_erased_before_it_is_sent_takes_what_was_heard_along(
    browser, qhali, model, model_server
) -> None:
    await browser.open("/")
    await browser.submit("consent-form", model=model.called)
    await browser.submit("turn-form", text=SAID)
    assert qhali.rows("select * from heard")
    await browser.open("/")
    await browser.submit("consent-form")
    assert qhali.rows("select * from heard") == qhali.rows("select * from model_permission") == []


def test_a_key_that_others_can_read_is_one_line_at_start(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("secret-of-the-operator")
    key.chmod(0o644)
    settings = {"AYNI_QHALI_MODEL": "http://127.0.0.1:1/v1#x", "AYNI_QHALI_MODEL_KEY_FILE": str(key)}
    process = start(tmp_path / "var", free_port(), **settings)
    _, log = process.communicate(timeout=60)
    assert process.returncode == 1
    (line,) = log.decode().splitlines()
    assert "AYNI_QHALI_MODEL" in line
    assert "chmod 600 key" in line
    assert "secret-of-the-operator" not in line


async def test_the_process_asks_the_operator_s_model_with_the_key(tmp_path: Path, model_server) -> None:
    authorizations = []

    async def answer(request: web.Request) -> web.StreamResponse:
        authorizations.append(request.headers["Authorization"])
        return completion(hearing(ADDED))

    model_server.says(answer)
    key = tmp_path / "key"
    key.touch(mode=0o600)
    key.write_text("secret-of-the-operator")
    port = free_port()
    settings = {
        "AYNI_QHALI_MODEL": f"{model_server.url}/v1#small",
        "AYNI_QHALI_MODEL_KEY_FILE": str(key),
    }
    process = start(tmp_path / "var", port, **settings)
    log = process.stderr
    try:
        assert health(port)["healthy"] is True
        lines = [await asyncio.to_thread(log.readline) for _ in range(2)]
        assert {json.loads(line)["event"] for line in lines} == {"ready", "language model ready"}
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
            browser = Browser(http, f"http://127.0.0.1:{port}")
            await talk(browser, model="small, este mismo equipo")
            assert "Así lo entendió la inteligencia artificial" in browser.text(".findings")
    finally:
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=30)
    assert set(authorizations) == {"Bearer secret-of-the-operator"}
    assert process.returncode == 0
    assert b"antena" not in rest
    assert b"secret-of-the-operator" not in rest


def test_a_language_that_no_machine_may_make_is_one_line_at_start(tmp_path: Path) -> None:
    process = start(tmp_path / "var", free_port(), AYNI_QHALI_MODEL_LANGUAGES="en,qvc")
    _, log = process.communicate(timeout=60)
    assert process.returncode == 1
    (line,) = log.decode().splitlines()
    assert "AYNI_QHALI_MODEL_LANGUAGES" in line
