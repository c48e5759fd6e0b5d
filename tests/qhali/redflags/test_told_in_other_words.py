"""Burns, harm to oneself and by others, pregnancy, childbed and newborns in other words than a rule's."""

from datetime import UTC, datetime

import pytest

from ayni.qhali.conversation import OPEN, Conversation
from ayni.qhali.extraction.age import Age
from ayni.qhali.redflags.evidence import Persona

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PREGNANT = Persona(age=Age(12 * 28), sex="female", is_pregnant=True, gestation_weeks=30)
IN_CHILDBED = Persona(age=Age(12 * 28), sex="female", postpartum_days=5)
NEWBORN = Persona(age=Age(1))
SCHOOLBOY = Persona(age=Age(12 * 9), sex="male")
ANYBODY = Persona()


def fired(persona: Persona, text: str) -> set[str]:
    conversation = Conversation((), persona).answered(OPEN, text, said_at=NOW)
    return {rule.id for rule in conversation.orientation(NOW.date()).fired}


@pytest.mark.parametrize(
    ("persona", "text", "rule"),
    [
        (ANYBODY, "pisó carbón prendido y tiene ampollas en el pie", "RF53"),
        (ANYBODY, "se me volteó la tetera en la pierna", "RF53"),
        (ANYBODY, "ya no quiero vivir, lo voy a hacer el lunes", "RF55"),
        (ANYBODY, "desde que murió mi mamá no quiero seguir viviendo", "RF56"),
        (ANYBODY, "dejé el trago hace tres días y estoy temblando", "RF59"),
        (ANYBODY, "me agarró a la fuerza un hombre en la chacra", "RF61"),
        (SCHOOLBOY, "su padrino lo pega", "RF62"),
        (IN_CHILDBED, "tengo la cara hinchada", "RF66"),
        (PREGNANT, "pierdo líquido desde la madrugada", "RF67"),
        (PREGNANT, "hoy solo sentí una patadita", "RF69"),
        (PREGNANT, "poquito se mueve", "RF69"),
        (PREGNANT, "hasta el agua la devuelvo", "RF71"),
        (PREGNANT, "dolor fortísimo de panza", "RF72"),
        (PREGNANT, "16 con 11 me midieron", "RF73"),
        (PREGNANT, "me sale 150 con 98, normalmente tengo 100 con 60", "RF73"),
        (IN_CHILDBED, "mi sangre como caño corre, la manta ha traspasado", "RF74"),
        (IN_CHILDBED, "me dan ganas de sacudirlo cuando llora", "RF75"),
        (NEWBORN, "le pongo el seno y lo bota", "RF77"),
    ],
)
def test_a_red_flag_is_heard(persona: Persona, text: str, rule: str) -> None:
    assert rule in fired(persona, text)


@pytest.mark.parametrize(
    ("persona", "text", "rule"),
    [
        (ANYBODY, "se me quemó el arroz y la olla", "RF53"),
        (ANYBODY, "me corté con papel, nada hondo", "RF54"),
        (ANYBODY, "hoy voy a matar un chancho", "RF55"),
        (ANYBODY, "de joven matarme quería, con tratamiento ya sané", "RF55"),
        (ANYBODY, "dejé el trago hace diez años, temblaba entonces", "RF59"),
        (SCHOOLBOY, "se golpeó jugando pelota", "RF62"),
        (PREGNANT, "cero dolor de cabeza, cero luces", "RF64"),
        (PREGNANT, "¿qué significa ver luces?", "RF64"),
        (PREGNANT, "la cola no se mueve", "RF69"),
        (PREGNANT, "me duele la barriga de tanto reír", "RF72"),
        (IN_CHILDBED, "lo llevo al río a lavar su ropa", "RF75"),
    ],
)
def test_its_neighbour_is_none(persona: Persona, text: str, rule: str) -> None:
    assert rule not in fired(persona, text)
