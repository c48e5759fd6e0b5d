"""A model may open a reply; what was decided stands in it word by word."""

import json

import pytest

from ayni.qhali.conversation import Question
from ayni.qhali.conversation.questions import SINCE
from ayni.qhali.extraction import Fact, extract
from ayni.qhali.models import LanguageModel, Phraser, ports_for
from ayni.qhali.models.ports import OFFLINE, phrase_by_rules, translate_by_rules
from ayni.qhali.redflags import Evidence, Orientation, Persona, orient
from tests.qhali.models.conftest import TODAY, ModelServer

COUGH = tuple(extract("Soy Elena Quispe y tengo tos y fiebre", turn=1, today=TODAY))
STROKE = tuple(extract("mi papá tiene la cara torcida desde hoy", turn=1, today=TODAY))


def orientation(facts: tuple[Fact, ...]) -> Orientation:
    return orient(Evidence(facts, Persona(), TODAY))


@pytest.fixture
def phrase(model: LanguageModel) -> Phraser:
    return ports_for(model, citizen_agrees=True).phraser


def opening(sentence: str) -> str:
    return json.dumps({"sentence": sentence}, ensure_ascii=False)


@pytest.mark.parametrize("question", [SINCE, None])
def test_a_warm_sentence_stands_above_the_rules_words(
    server: ModelServer, phrase: Phraser, question: Question | None
) -> None:
    server.says(opening(" Entiendo, tiene tos y fiebre. "))
    found = orientation(COUGH)
    reply = phrase(found, question, COUGH)
    assert reply == "Entiendo, tiene tos y fiebre.\n" + phrase_by_rules(found, question, COUGH)
    assert found.advice in reply
    assert "Elena" not in server.sent
    assert json.loads(server.bodies[0]["messages"][-1]["content"]) == ["tos", "fiebre"]


@pytest.mark.parametrize(
    "said",
    [
        opening("Eso parece ser una neumonía."),
        opening("Tome una pastilla para la fiebre."),
        opening("No se preocupe, no es grave."),
        opening("Puede esperar en casa."),
        opening("Mire www.remedios.pe"),
        opening("Entiendo que le duele el pecho."),
        opening("Soy su doctora."),
        opening("Tiene tos. " * 30),
        opening(""),
        "Entiendo.",
        "{}",
    ],
)
def test_a_sentence_that_must_not_be_said_is_not_shown(
    server: ModelServer, phrase: Phraser, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    server.says(said)
    found = orientation(COUGH)
    assert phrase(found, SINCE, COUGH) == phrase_by_rules(found, SINCE, COUGH)
    assert server.bodies
    assert "fiebre" not in "".join(capsys.readouterr())


def test_an_urgent_reply_waits_for_no_model(server: ModelServer, phrase: Phraser) -> None:
    server.says(opening("Entiendo."))
    found = orientation(STROKE)
    assert found.level == "I"
    assert phrase(found, None, STROKE) == found.advice
    assert phrase(orientation(()), SINCE, ()) == SINCE.text
    assert server.bodies == []


def test_the_offline_ports_need_nobody() -> None:
    found = orientation(COUGH)
    assert OFFLINE.phraser(found, SINCE, COUGH) == f"{found.advice}\n{SINCE.text}"
    assert translate_by_rules("Llame ahora al 106.", "es-PE") == "Llame ahora al 106."
    assert translate_by_rules("Llame ahora al 106.", "qvc") is None
