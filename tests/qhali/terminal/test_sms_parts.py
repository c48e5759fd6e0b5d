"""How a text becomes SMS: alphabets, sizes, cuts (3GPP TS 23.038 and 23.040)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.qhali.terminal.sms_parts import BASIC, EXTENSION, sms_parts


def shape(text: str) -> list[tuple[str, int]]:
    return [(part.alphabet, part.units) for part in sms_parts(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a" * 160, [("GSM-7", 160)]),
        ("a" * 161, [("GSM-7", 153), ("GSM-7", 8)]),
        ("a" * 306, [("GSM-7", 153), ("GSM-7", 153)]),
        ("€" * 80, [("GSM-7", 160)]),
        ("€" * 81, [("GSM-7", 152), ("GSM-7", 10)]),
        ("ж" * 70, [("UCS-2", 70)]),
        ("ж" * 71, [("UCS-2", 67), ("UCS-2", 4)]),
        ("😀" * 35, [("UCS-2", 70)]),
        ("😀" * 36, [("UCS-2", 66), ("UCS-2", 6)]),
        ("", [("GSM-7", 0)]),
    ],
)
def test_how_much_fits(text: str, expected: list[tuple[str, int]]) -> None:
    assert shape(text) == expected


def test_accents_that_would_halve_what_fits_are_left_out_and_the_others_stay() -> None:
    (part,) = sms_parts("¿Está mejor? Mañana irá al médico «José»… sí")
    assert (part.text, part.alphabet) == ('¿Esta mejor? Mañana ira al médico "José"... si', "GSM-7")


def test_what_no_default_alphabet_has_keeps_its_accents_too() -> None:
    (part,) = sms_parts("Sí 😀")
    assert (part.text, part.alphabet) == ("Sí 😀", "UCS-2")


def test_it_is_cut_between_words_and_says_which_part_it_is() -> None:
    parts = sms_parts("palabra " * 40)
    assert [(part.number, part.count) for part in parts] == [(1, 3), (2, 3), (3, 3)]
    assert all(part.text.split() == ["palabra"] * len(part.text.split()) for part in parts)


@given(st.text(st.characters(exclude_categories=("C", "Z")) | st.just(" "), max_size=600))
def test_every_part_fits_and_nothing_is_lost(text: str) -> None:
    parts = sms_parts(text)
    for part in parts:
        most = {"GSM-7": 160, "UCS-2": 70}[part.alphabet]
        assert part.units <= most
        assert len(part.text.encode("utf-16-le")) // 2 <= most
        if part.alphabet == "GSM-7":
            assert set(part.text) <= BASIC | EXTENSION
    if parts[0].alphabet == "UCS-2":
        assert "".join(part.text for part in parts).replace(" ", "") == text.replace(" ", "")
