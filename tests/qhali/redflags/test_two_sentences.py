"""A sign whose parts are told in two sentences or two messages is one sign."""

from datetime import UTC, datetime

import pytest

from ayni.qhali.conversation import OPEN, Conversation
from ayni.qhali.redflags.evidence import Persona

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def fired(*turns: str) -> set[str]:
    conversation = Conversation((), Persona())
    for turn in turns:
        conversation = conversation.answered(OPEN, turn, said_at=NOW)
    return {rule.id for rule in conversation.orientation(NOW.date()).fired}


@pytest.mark.parametrize(
    ("rule", "turns"),
    [
        ("RF29", ("Tengo una hernia en el ombligo. Desde hoy está dura.",)),
        ("RF29", ("Me salió mi hernia de la ingle", "No logro meterla ni acostada")),
        (
            "RF39",
            ("Tengo una mancha en la pierna", "estaba chica a mediodía, ahora ya llega a la rodilla"),
        ),
        ("RF27", ("No orino hace diez horas y me duele mucho abajo",)),
    ],
)
def test_the_parts_of_a_sign_make_one(rule: str, turns: tuple[str, ...]) -> None:
    assert rule in fired(*turns)


@pytest.mark.parametrize(
    ("rule", "turns"),
    [
        ("RF29", ("Tengo una hernia en la ingle", "No está dura, entra cuando me echo")),
        ("RF29", ("Tengo hernia de disco", "mi cama está dura")),
        ("RF39", ("Tengo ronchas de zancudo en la pierna", "me pican, no crecen")),
        ("RF52", ("hace cinco años se me deformó la muñeca por una caída, sanó bien",)),
    ],
)
def test_and_without_its_parts_there_is_none(rule: str, turns: tuple[str, ...]) -> None:
    assert rule not in fired(*turns)
