"""A model's part in the replies on the pages: kept with the turn, beside the rules' words."""

import json
import re

import pytest

from tests.qhali.conftest import Browser
from tests.qhali.model_pages.conftest import QUIET, talk
from tests.qhali.models.conftest import by_task, hearing, said_in, task_of

OPENING = "Entiendo, le pica la piel."
ENGLISH = "Is it so"


def in_english(said: dict) -> str:
    """Another text with the lines, numbers and question marks of the Spanish one."""
    return json.dumps({"text": re.sub(r"[^\d.?:\n]+", f" {ENGLISH}", said["text"]).replace("\n ", "\n")})


SPOKEN = {"opening": f'{{"sentence": "{OPENING}"}}', "translation": in_english}


def warm(qhali, model_server, **answers) -> None:
    """A model that has a part in the replies too."""
    qhali.parts.drafts.languages = frozenset({"en"})
    model_server.says(by_task(hearing=hearing(), **(QUIET | answers)))


async def until(browser: Browser, asked: str) -> str:
    """Answers until a question is put; returns its text with all that stands around it."""
    await browser.submit("turn-form", text="me pica la piel, tengo 30 años")
    while asked not in browser.text(".now"):
        await browser.submit("turn-form", text="no")
    return browser.text(".now")


async def test_with_both_yeses_a_sentence_stands_above_the_question(
    browser, qhali, model, model_server
) -> None:
    warm(qhali, model_server, **SPOKEN)
    await browser.open("/")
    await browser.submit("consent-form", model=model.called)
    await browser.submit("turn-form", text="me pica la piel, soy Elena")
    asked = browser.text("#question")
    assert browser.text(".now .opening").startswith(OPENING)
    assert browser.text(".now").index(OPENING) < browser.text(".now").index(asked)
    count = len(model_server.bodies)
    await browser.open("/conversacion")
    assert OPENING in browser.text(".now")
    assert len(model_server.bodies) == count
    await browser.submit("turn-form", text="no")
    assert OPENING in browser.text("#asked-2")
    assert OPENING not in browser.text(".now")
    assert "Elena" not in model_server.sent


async def test_without_the_citizen_s_yes_no_reply_is_a_model_s(browser, qhali, model, model_server) -> None:
    warm(qhali, model_server, **SPOKEN)
    browser.http.headers["Accept-Language"] = "en"
    await browser.open("/")
    await browser.submit("consent-form")
    assert "Traducción" not in await until(browser, "¿Desde cuándo le pasa")
    assert model_server.bodies == qhali.rows("select * from reply") == []


async def test_a_question_of_the_record_is_translated_below_the_spanish(
    browser, qhali, model, model_server
) -> None:
    warm(qhali, model_server, **SPOKEN)
    browser.http.headers["Accept-Language"] = "en-US,en;q=0.9,es;q=0.5"
    await browser.open("/")
    await browser.submit("consent-form", model=model.called)
    shown = await until(browser, "¿Desde cuándo le pasa")
    assert shown.index("¿Desde cuándo le pasa") < shown.index("Traducción automática") < shown.index(ENGLISH)
    assert browser.page.select_one(".translation")["lang"] == "en"
    ((asked, language),) = qhali.rows("select question, language from reply where translation != ''")
    assert ("since" in asked, language) == (True, "en")
    while browser.has("#turn-form"):
        await browser.submit("turn-form", text="no")
    translated = [body for body in model_server.bodies if task_of(body) == "translation"]
    texts = [said_in(body)["text"] for body in translated]
    assert not any("Le pasa algo de esto" in text or "106" in text for text in texts)


@pytest.mark.parametrize("accepted", ["es-PE,es;q=0.9,en;q=0.8", "qvc,qu;q=0.9", "fr", "", "\u00f1;q=x"])
async def test_who_reads_spanish_or_what_is_not_allowed_gets_spanish(
    browser, qhali, model, model_server, accepted: str
) -> None:
    warm(qhali, model_server, **SPOKEN)
    browser.http.headers["Accept-Language"] = accepted
    await browser.open("/")
    await browser.submit("consent-form", model=model.called)
    assert "Traducción" not in await until(browser, "¿Desde cuándo le pasa")
    assert "translation" not in map(task_of, model_server.bodies)


async def test_the_topic_a_model_names_is_asked_first_and_stays(browser, qhali, model, model_server) -> None:
    offered = []

    def last(said: dict) -> str:
        offered[:] = said["topics"].items()
        return json.dumps({"topic": offered[-1][0]})

    warm(qhali, model_server, topic=last)
    await browser.open("/")
    await browser.submit("consent-form", model=model.called)
    await browser.submit("turn-form", text="me pica la piel")
    while not offered:
        await browser.submit("turn-form", text="no")
    (topic, text), asked = offered[-1], browser.text(".now")
    assert text in asked
    count = len(model_server.bodies)
    await browser.open("/conversacion")
    assert browser.text(".now") == asked
    assert len(model_server.bodies) == count
    ((planned,),) = qhali.rows("select question from reply order by turn desc limit 1")
    await browser.submit("turn-form", text="no")
    assert planned == qhali.rows("select question from turn order by number desc limit 1")[0][0]
    assert f"topic:{topic}" in planned


async def test_what_a_model_replied_goes_with_the_permission(browser, qhali, model, model_server) -> None:
    warm(qhali, model_server, **SPOKEN)
    await talk(browser, "me pica la piel", model=model.called)
    await browser.submit("confirm-form", consent="on")
    assert OPENING in str(qhali.rows("select * from reply"))
    with qhali.database.transaction() as tx:
        tx.execute("update outbox set state = 'delivered'")
    await browser.open("/mis-datos")
    await browser.submit("withdraw-form", sure="on")
    assert qhali.rows("select * from reply") == []


async def test_an_urgent_reply_is_the_rules_alone(browser, qhali, model, model_server) -> None:
    warm(qhali, model_server, **SPOKEN)
    browser.http.headers["Accept-Language"] = "en"
    await browser.open("/")
    await browser.submit("consent-form", model=model.called)
    await browser.submit("turn-form", text="me duele mucho el pecho y me falta el aire")
    assert browser.has(".emergency")
    assert set(map(task_of, model_server.bodies)) <= {"hearing"}
    assert qhali.rows("select * from reply") == []
