"""How far a "no" reaches in speech without commas, and what is idiom."""

from datetime import date

import pytest

from ayni.qhali.extraction import extract

TODAY = date(2026, 11, 23)


def said(text: str) -> dict[str, str]:
    return {fact.concept: fact.status.value for fact in extract(text, turn=1, today=TODAY) if fact.is_symptom}


@pytest.mark.parametrize(
    ("text", "code", "status"),
    [
        ("no me duele el pecho me duele la barriga", "abdominal-pain", "present"),
        ("no tengo tos ni tengo fiebre", "fever", "absent"),
        ("los ojos no se me ponen rojos", "eye-redness", "absent"),
        ("la cara no se le tuerce", "facial-droop", "absent"),
        ("manchas rojas que no pican", "itching", "absent"),
        ("llora sin parar", "irritable-crying", "present"),
        ("tampoco es que no pueda respirar", "dyspnea", "absent"),
        ("no respira bien", "dyspnea", "present"),
        ("respira bien", "dyspnea", "absent"),
        ("come bien y no tiene fiebre", "fever", "absent"),
        ("nadie tiene tos", "cough", "absent"),
        ("será que mi mamita se ha confundido", "confusion", "uncertain"),
        ("ya no aguanto, quiero morirme", "suicidal-ideation", "present"),
        ("no he pensado en hacerme daño", "suicidal-ideation", "absent"),
        ("hace tres años me golpeé la cabeza", "head-injury", "past"),
        ("de niño tenía convulsiones, ahora me duele la cabeza", "headache", "present"),
        ("no podía hablar hace un rato, ya se me pasó", "speech-difficulty", "present"),
        ("me desmayé, ya pasó", "fainting", "past"),
    ],
)
def test_the_reach_of_a_cue(text: str, code: str, status: str) -> None:
    assert said(text)[code] == status


@pytest.mark.parametrize(
    "text",
    [
        "me muero de hambre",
        "el trámite es un dolor de cabeza",
        "me duele el bolsillo con esos precios",
        "la fiebre del mundial",
        "se cayó el sistema",
        "perdí de vista mi DNI",
        "quiero mi análisis de sangre",
        "ayuda para llenar el formulario",
    ],
)
def test_ways_of_speaking_name_no_symptom(text: str) -> None:
    assert said(text) == {}


def test_a_pain_without_a_place_is_where_the_place_was_named() -> None:
    assert said("tengo el ojo rojo y me duele") == {"eye-redness": "present", "eye-pain": "present"}


def test_a_strong_pain_makes_the_pain_before_it_severe() -> None:
    (pain,) = extract("Me duele la barriga. El dolor es insoportable", turn=1, today=TODAY)
    assert (pain.concept, pain.severity) == ("abdominal-pain", "severe")


def test_after_a_fall_an_arm_that_does_not_move_is_an_injury() -> None:
    assert "limb-weakness" not in said("se cayó y no puede mover el brazo")
    assert said("no puede mover el brazo") == {"limb-weakness": "present"}


@pytest.mark.parametrize(
    ("text", "code", "duration"),
    [
        ("tengo tos hace dos semanas", "cough", "P2W"),
        ("ya van tres días que me sangra la nariz", "nosebleed", "P3D"),
        ("me duele la cabeza hace media hora", "headache", "PT30M"),
        ("tengo tos desde hace mes y medio", "cough", "P45D"),
        ("tengo fiebre desde ayer", "fever", "P1D"),
        ("ayer me mordió un perro", "animal-bite", None),
        ("tengo tos desde el lunes", "cough", None),
    ],
)
def test_how_long_is_kept_as_it_was_said(text: str, code: str, duration: str | None) -> None:
    assert [fact.duration for fact in extract(text, turn=1, today=TODAY) if fact.concept == code] == [
        duration
    ]


def test_who_does_not_know_leaves_it_open() -> None:
    assert said("¿se le verán los ojos hundidos? no sabría decirle") == {"sunken-eyes": "uncertain"}
    assert said("no sé qué tiene pero convulsiona")["seizure"] == "present"


def test_a_verb_that_comes_back_denied_denies() -> None:
    assert said("Arrojar no arrojo") == {"vomiting": "absent"}
    assert said("Manchas moradas no le encuentro")["purple-spots"] == "absent"
    assert said("la fiebre no baja")["fever"] == "present"


def test_what_is_done_without_trouble_is_well() -> None:
    assert said("Camino sin problema") == {"gait-difficulty": "absent"}
    assert said("camina con dificultad")["gait-difficulty"] == "present"


def test_what_is_only_imagined_is_no_symptom() -> None:
    assert set(said("Si una jugadora se golpeara la cabeza, ¿la muevo?").values()) == {"hypothetical"}
    assert said("me duele el pecho como si me aplastara un burro")["chest-pain"] == "present"
    assert said("si no me atendieran hoy me muero, me duele el pecho")["chest-pain"] == "present"
