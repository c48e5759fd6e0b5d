"""A quote is found, or it is none."""

import pytest

from ayni.qhali.models.grounding import denies, place_of

TEXT = "Mi wawa kiere bomitar, tiene FIEBRE; pero no tose. ¡Está muy decaidita!"


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("tiene FIEBRE", "tiene FIEBRE"),
        ("  tiene FIEBRE ", "tiene FIEBRE"),
        ("tiene fiebre", "tiene FIEBRE"),
        ("fiebre pero no tose", "FIEBRE; pero no tose"),
        ("Esta muy decaidita", "Está muy decaidita"),
        ("kiere bomitarr", "kiere bomitar"),
    ],
)
def test_the_same_words_are_found_however_they_are_written(quote: str, found: str) -> None:
    place = place_of(quote, TEXT)
    assert place is not None
    assert TEXT[slice(*place)] == found


@pytest.mark.parametrize(
    "quote",
    [
        "",
        " ",
        "a",
        "…",
        "tiene dolor de pecho",
        "tose sangre",
        "pero tose",
        "fiebre no tose y vomita",
        TEXT * 5,
    ],
)
def test_other_words_are_not_found(quote: str) -> None:
    assert place_of(quote, TEXT) is None


def test_a_slip_of_the_pen_never_crosses_a_denial() -> None:
    text = "no tiene nada de fiebre desde ayer por la noche"
    assert place_of("ni tiene nada de fiebre desde ayer por la noche", text) is None
    assert place_of("no tiene nada de fibre desde ayer por la noche", text) is not None


def test_denials_are_seen() -> None:
    assert denies("fiebre no tiene")
    assert not denies("tiene fiebre")
