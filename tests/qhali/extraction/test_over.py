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


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("me operaron hace 10 años de la vesícula, no puedo respirar", "dyspnea"),
        ("me operaron hace 10 años de la vesícula y me duele el pecho", "chest-pain"),
        ("el año pasado tuve neumonía, tengo fiebre y tos", "fever"),
        ("mi hijo se cayó hace un mes, no despierta", "unconscious"),
    ],
)
def test_a_clause_of_now_is_not_of_the_past_told_before_it(text: str, code: str) -> None:
    assert statuses(text, code) == {"present"}


def test_an_operation_is_behind_what_comes_after_it_for_weeks_and_not_for_years() -> None:
    assert statuses("me operaron la semana pasada y ahora me falta el aire", "recent-surgery") == {"present"}
    assert statuses("me operaron hace 10 años de la vesícula", "recent-surgery") == {"past"}


@pytest.mark.parametrize(
    "text",
    [
        "Los tres primeros meses arrojaba hasta el agua. Ya pasó, ahora como de todo",
        "me advirtieron que algún día podría perder la vista",
        "nunca se me ha cruzado hacerle daño a mi bebé",
    ],
)
def test_what_was_at_first_may_come_or_never_was_is_not_of_now(text: str) -> None:
    codes = ("vomiting-everything", "vision-loss", "harm-baby")
    assert "present" not in {status for code in codes for status in statuses(text, code)}
