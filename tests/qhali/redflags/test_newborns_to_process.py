"""Newborns, small children, illnesses of the region, and asking again, told in other words."""

from datetime import UTC, datetime

import pytest

from ayni.qhali.conversation import OPEN, Conversation
from ayni.qhali.extraction.age import Age
from ayni.qhali.redflags.evidence import Persona

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NEWBORN, SMALL, PUPIL, GROWN = (Persona(age=Age(months)) for months in (0, 18, 108, 456))


def fired(persona: Persona, *messages: str) -> set[str]:
    conversation = Conversation((), persona)
    for text in messages:
        conversation = conversation.answered(OPEN, text, said_at=NOW)
    return {rule.id for rule in conversation.orientation(NOW.date()).fired}


@pytest.mark.parametrize(
    ("persona", "messages", "rule"),
    [
        (Persona(), ("mi bebé de tres semanas casi no se mueve",), "RF79"),
        (Persona(), ("tiene los pies amarillos", "tiene 6 días de nacido"), "RF80"),
        (NEWBORN, ("amanece con los ojitos con lagaña verde",), "RF82"),
        (SMALL, ("ya no puede chupar su mamadera",), "RF83"),
        (SMALL, ("estaba con fiebre y se sacudió todo su cuerpo dos minutos",), "RF85"),
        (PUPIL, ("su cuello tieso está, agacharse no puede, harta calentura tiene",), "RF88"),
        (PUPIL, ("las palmas las tiene como papel de blancas",), "RF89"),
        (PUPIL, ("emoglovina 6.4 le salió",), "RF89"),
        (GROWN, ("ya va semana y media con fiebre",), "RF92"),
        (GROWN, ("tengo fiebre", "ya ban como quinse dias"), "RF92"),
        (GROWN, ("con hoy son nueve días, el termómetro marca 38.6",), "RF92"),
        (SMALL, ("falta la pila del control y dice que se la comió",), "RF93"),
        (GROWN, ("estuve en Jaén con fiebre, ya bajó pero estoy postrado",), "RF94"),
        (GROWN, ("llevo veinticinco días tosiendo con flema y mi señora ya no duerme",), "RF95"),
        (GROWN, ("me mordió un perro en octubre y ahora le tengo miedo al agua",), "RF98"),
        (GROWN, ("el domingo les escribí por el hombro. Sigue igual",), "RF100"),
        (Persona(), ("no no por favor mi hijo ayúdenme",), "RF102"),
    ],
)
def test_a_red_flag_is_heard(persona: Persona, messages: tuple[str, ...], rule: str) -> None:
    assert rule in fired(persona, *messages)


@pytest.mark.parametrize(
    ("persona", "text", "rule"),
    [
        (NEWBORN, "respira tranquilo, nada de quejidos ni aleteo", "RF79"),
        (SMALL, "cuando nació se quejaba al respirar. Ahora tiene dos añitos", "RF79"),
        (NEWBORN, "se le cayó el ombligo, está limpio", "RF81"),
        (SMALL, "mi hija de 8 meses anda con tos", "RF70"),
        (PUPIL, "a los tres años se tragó una pila y se la sacaron", "RF93"),
        (SMALL, "le tiene miedo al agua de la piscina", "RF98"),
        (GROWN, "tengo fiebre desde ayer", "RF92"),
        (GROWN, "socorro, no entra mi clave de la app", "RF102"),
        (GROWN, "¿me ayudan con mi cita?", "RF102"),
        (GROWN, "supongamos que mi papá se pone grave, ¿hay ambulancia?", "RF101"),
    ],
)
def test_what_is_none_is_left_alone(persona: Persona, text: str, rule: str) -> None:
    assert rule not in fired(persona, text)
