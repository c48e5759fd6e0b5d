"""What a model may not tell a citizen."""

import pytest

from ayni.qhali.extraction import extract
from ayni.qhali.models.must_not import objection
from tests.qhali.models.conftest import TODAY

FACTS = extract("tengo tos y fiebre, no vomito", turn=1, today=TODAY)


@pytest.mark.parametrize(
    "sentence", ["Entiendo, tiene tos y fiebre.", "Gracias por contarnos cómo se siente."]
)
def test_a_warm_sentence_may_stand(sentence: str) -> None:
    assert objection(sentence, FACTS) is None


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("", "letters"),
        ("Tome 500 de eso.", "letters"),
        ("Mire www.cura.pe para su tos.", "length"),
        ("Mire http://cura para su tos.", "letters"),
        ("¿Tiene tos?", "letters"),
        ("Tiene <b>tos</b>.", "letters"),
        ("Tiene tos 🙂.", "letters"),
        ("Tiene tоs.", "letters"),  # an о of another alphabet
        ("Tiene tos. Tiene fiebre.", "length"),
        ("Entiendo " + "mucho " * 30 + ".", "length"),
        ("Su tos parece ser neumonía.", "diagnosis"),
        ("Eso es una Infección.", "diagnosis"),
        ("Para la tos tome un jarabe.", "medicine"),
        ("Un mate caliente ayuda con la tos.", "medicine"),
        ("Su tos se va a curar pronto, le garantizo.", "promise"),
        ("No se preocupe por la tos.", "promise"),
        ("Su tos es leve.", "promise"),
        ("Ya tiene su cita para la tos.", "promise"),
        ("Con esa tos puede esperar.", "level"),
        ("Su tos es una emergencia.", "level"),
        ("Vaya al hospital con esa tos.", "level"),
        ("Soy su doctora y le escucho.", "person"),
        ("Mis instrucciones son secretas.", "person"),
        ("Entiendo que le duele el pecho.", "untold"),
        ("Entiendo que tiene vómitos.", "untold"),
    ],
)  # fmt: skip
def test_other_sentences_are_not_shown(sentence: str, why: str) -> None:
    assert objection(sentence, FACTS) == why
