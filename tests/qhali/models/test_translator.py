"""A model translates questions of a closed list, below the Spanish; nothing about safety, and no Quechua."""

import json

import pytest

from ayni.qhali.conversation.questions import OF_SIGNS, SINCE, asking, catalogue, question, topic_rows
from ayni.qhali.models import LanguageModel, Translator, ports_for, read_languages
from ayni.qhali.models.translator import is_kept, may_be_translated
from ayni.qhali.redflags import rules
from ayni.wire.settings import SettingError
from tests.qhali.models.conftest import ModelServer

LIST = asking((question("topic:cause"), question("topic:course"))).text
IN_ENGLISH = (
    "Tell me also:\n1. What do you think caused it or makes it worse?\n2. Is it better, the same or worse?"
)


@pytest.fixture
def translate(model: LanguageModel) -> Translator:
    return ports_for(model, citizen_agrees=True, languages={"en", "qvc", "qu"}).translator


def said(text: str) -> str:
    return json.dumps({"text": text}, ensure_ascii=False)


def test_a_question_of_the_record_is_translated(server: ModelServer, translate: Translator) -> None:
    server.says(said("Since when has this been happening?"), said(IN_ENGLISH))
    assert translate(SINCE.text, "en-US") == "Since when has this been happening?"
    assert translate(LIST, "en") == IN_ENGLISH
    assert translate(SINCE.text, "es-PE") == SINCE.text
    assert len(server.bodies) == 2


def test_only_the_closed_list_may_be_translated(server: ModelServer, translate: Translator) -> None:
    server.says(said("Go home?"))
    advice = {text for rule in rules() for text in (rule.sign, rule.advice)}
    signs = {each.text for each in catalogue().values() if each.kind in OF_SIGNS}
    deciding = {row["ask"] for row in topic_rows().values() if row.get("denies")}
    others = {"Llame ahora al 106.", question("open-again").text, "hola", f"{LIST}\n3. Llame al 106."}
    for text in advice | signs | deciding | others:
        assert not may_be_translated(text)
        assert translate(text, "en") is None
    assert server.bodies == []


@pytest.mark.parametrize("language", ["qvc", "qu", "quz", "QU-PE", "fr", ""])
def test_no_quechua_and_no_language_that_was_not_allowed(
    server: ModelServer, translate: Translator, language: str
) -> None:
    server.says(said("Imaymantapacha?"))
    assert translate(SINCE.text, language) is None
    assert server.bodies == []


@pytest.mark.parametrize("setting", ["qvc", "en,qu", "en, quz", "es", "english", "e1"])
def test_a_setting_with_a_language_that_cannot_be_is_refused(setting: str) -> None:
    with pytest.raises(SettingError, match="THE_SETTING"):
        read_languages(setting, "THE_SETTING")
    assert read_languages(" EN, pt ", "x") == {"en", "pt"}
    assert read_languages("", "x") == frozenset()


@pytest.mark.parametrize(
    "answer",
    [
        said(SINCE.text),
        said("Take paracetamol, is it since yesterday?"),
        said("Since when? Call 106."),
        said("Since when.\nIt is an emergency?"),
        said("You will be fine"),
        said("See www.example.com?"),
        said("Since when <b>is it</b>?"),
        said("When? " * 40),
        said(""),
        "Since when?",
        "{}",
    ],
)
def test_a_translation_in_doubt_is_none(server: ModelServer, translate: Translator, answer: str) -> None:
    server.says(answer)
    assert translate(SINCE.text, "en") is None
    assert server.bodies


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Su cita es el 24 a las 9:30.", "Your appointment is on the 24 at 9:00."),
        ("Llame al 976123456.", "Call 976123465."),
        ("Le espera la doctora Quispe.", "The doctor waits for you."),
        ("Van 2 de 3.", "It is 2."),
        ("Hola.", "Hello 113."),
    ],
)
def test_numbers_and_names_have_to_survive(before: str, after: str) -> None:
    assert not is_kept(before, after)
    assert is_kept("Su cita con Quispe es el 24 a las 9:30.", "You see Quispe on the 24 at 9:30.")
