"""What is over, what may yet do harm, what was never swallowed, and what is only asked."""

from datetime import date

import pytest

from ayni.qhali.extraction import extract

TODAY = date(2026, 11, 23)


def statuses(text: str, code: str) -> set[str]:
    return {fact.status.value for fact in extract(text, turn=1, today=TODAY) if fact.concept == code}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Mi niño se tomó lejía, ya está bien", "poison-ingestion"),
        ("mi hijo de 3 años se tomó veinte pastillas pero ya está bien", "medication-overdose"),
        ("A mi niña de 8 meses la mordió una víbora, ya está bien", "snake-bite"),
        ("ya se me pasó la tos, pero no puedo respirar", "dyspnea"),
        ("no me pasó nada, solo que no puedo respirar", "dyspnea"),
        ("tomó kerosene mi hijo y no tomó nada más", "fuel-ingestion"),
        ("¿qué hago? mi hijo se tomó kerosene. Pregunto nomás", "fuel-ingestion"),
        ("quiero matarme. Pregunto nomás qué hago", "suicide-wish"),
    ],
)
def test_an_age_or_a_thought_after_it_makes_nothing_past(text: str, code: str) -> None:
    assert statuses(text, code) == {"present"}


@pytest.mark.parametrize(
    ("text", "code", "status"),
    [
        ("De niña tomé lejía y me curaron", "poison-ingestion", "past"),
        ("hace tres años me tomé lejía, ya estoy bien", "poison-ingestion", "past"),
        ("De joven me mordió un jergón y me curaron", "snake-bite", "past"),
        ("en el dos mil dieciocho me picó una araña", "spider-bite", "past"),
        ("cuando cinco años tenía convulsionó, hoy sano está", "seizure", "past"),
        ("el otro día vomitó, ahora está bien", "vomiting", "past"),
        ("cero fiebre", "fever", "absent"),
        ("ayer cayeron rayos pero a nadie nos pasó nada", "electric-shock", "absent"),
        ("¿es malo tomar kerosene para los bichos?", "fuel-ingestion", "hypothetical"),
        ("Si uno tiene el hueso salido, ¿se empuja? Es para mi curso", "open-fracture", "hypothetical"),
        ("¿Se empuja el hueso salido? Es para un curso", "open-fracture", "hypothetical"),
    ],
)
def test_what_is_over_or_never_was(text: str, code: str, status: str) -> None:
    assert statuses(text, code) == {status}


@pytest.mark.parametrize(
    ("text", "code", "status"),
    [
        ("orinar no puede ocho horas ya", "urinary-retention", "present"),
        ("lo hallamos frío, sin temblar, confundido", "confusion", "present"),
        ("no había nada, así que tomé gasolina", "fuel-ingestion", "present"),
        ("ya no llora, no recibe nada", "not-drinking", "present"),
        ("fiebre no tiene le pusimos termómetro", "fever", "absent"),
        ("no hace ruido áspero al respirar", "stridor", "absent"),
        ("mi hernia no está dura, entra cuando me echo", "stuck-lump", "absent"),
        ("mi bebé de un año bota moco con sangre en su caca", "bloody-diarrhea", "present"),
    ],
)
def test_how_far_a_denial_goes(text: str, code: str, status: str) -> None:
    assert statuses(text, code) == {status}
