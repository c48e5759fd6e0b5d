"""Who only wonders, who is told to be well, and which figure is that of now."""

from datetime import date

import pytest

from ayni.qhali.extraction import Status
from ayni.qhali.extraction.extractor import understand

TODAY = date(2026, 11, 25)


def status(text: str, concept: str) -> Status | None:
    facts = understand(text, turn=0, today=TODAY).facts
    return next((fact.status for fact in facts if fact.concept == concept), None)


@pytest.mark.parametrize(
    "text",
    [
        "Si mi papá vomita sangre, ¿lo acuesto? Ahorita está bien",
        "¿Vomitar sangre es siempre úlcera? No me ha pasado",
        "Si a mi abuela, que está sana, la vemos vomitar sangre, ¿a quién llamo?",
    ],
)
def test_what_is_asked_by_those_who_are_well_is_only_thought_of(text: str) -> None:
    assert status(text, "hematemesis") is Status.HYPOTHETICAL


@pytest.mark.parametrize(
    "text",
    [
        "Si mi papá vomita sangre, ¿lo acuesto?",
        "¿Vomitar sangre es siempre úlcera?",
        "Sí, vomitó sangre. ¿Lo acuesto? Mi esposo está sano",
        "¿Qué significa vomitar sangre? Me pasó anoche",
    ],
)
def test_a_question_alone_takes_nothing_away(text: str) -> None:
    assert status(text, "hematemesis") is Status.PRESENT


def test_the_health_of_another_ends_nobody_elses_pain() -> None:
    assert status("mi papá está con dolor de pecho, mi mamá está sana", "chest-pain") is Status.PRESENT
    assert status("a mi papá le dio dolor de pecho, mi papá está sano", "chest-pain") is Status.PAST


def test_a_doubt_ends_where_something_is_denied() -> None:
    assert status("no sé si está bien, no respira", "dyspnea") is Status.PRESENT


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("ochenta y uno nomás le marca su oxígeno", [81]),
        ("le medí el oxígeno a mi mamá hace rato con el aparato y le sale noventa y uno", [91]),
        ("le sale 90 de saturación, normalmente tiene 97", [90]),
        ("mi saturación siempre es 88", [88]),
        ("si a mi tía le sale menos de 85 de oxígeno, ¿llamo? Ahora está bien", []),
        ("le di 80 gotas y su oxígeno está en 95", [95]),
    ],
)
def test_the_oxygen_of_now(text: str, values: list[float]) -> None:
    measured = understand(text, turn=0, today=TODAY).measured
    assert [each.value for each in measured if each.kind == "spo2"] == values
