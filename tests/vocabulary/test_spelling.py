import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.vocabulary.spelling import folded, without_accents


@pytest.mark.parametrize(
    ("text", "compared"),
    [
        ("  Fiebre  TIFOIDEA ", "fiebre tifoidea"),
        ("Peñafiel Ávila", "penafiel avila"),
        ("mari\u0301a", "maria"),
    ],
)
def test_capitals_accents_and_blanks_do_not_matter(text, compared):
    assert folded(text) == compared


@given(st.text())
def test_what_is_plain_stays_plain(text):
    assert without_accents(without_accents(text)) == without_accents(text)
