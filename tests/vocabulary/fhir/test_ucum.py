"""Units of measure: which codes are UCUM, and how units compare."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.vocabulary.fhir.definitions import definition, urls
from ayni.vocabulary.fhir.ucum import CODE_CHARACTERS_MAX, UCUM, UcumError, ratio, read_unit


def codes_of_r4() -> set[str]:
    """Every UCUM code that a value set of R4 lists."""
    parts = [
        part
        for url in urls("value_sets")
        for part in (definition("value_sets", url) or {}).get("compose", {}).get("include", [])
    ]
    listed = [each for part in parts if part.get("system") == UCUM for each in part.get("concept", [])]
    return {each["code"] for each in listed}


def test_every_code_that_r4_lists_is_read() -> None:
    codes = codes_of_r4()
    assert len(codes) > 1300
    for code in codes:
        read_unit(code)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("km", "m", Fraction(1000)),
        ("mg/dL", "g/L", Fraction(1, 100)),
        ("[in_i]", "cm", Fraction(254, 100)),
        ("mm[Hg]", "Pa", Fraction(133322, 1000)),
        ("wk", "d", Fraction(7)),
        ("10*3/uL", "/nL", Fraction(1)),
        ("m[IU]/mL", "[iU]/L", Fraction(1)),
        ("{cells}/uL", "/uL", Fraction(1)),
        ("kg.m/s2", "N", Fraction(1)),
    ],
)
def test_units_of_one_dimension_compare(one: str, other: str, expected: Fraction) -> None:
    assert ratio(one, other) == expected


@pytest.mark.parametrize(("one", "other"), [("kg", "[mi_i]"), ("Cel", "K"), ("[iU]", "g"), ("mg", "mg/dL")])
def test_units_of_different_dimensions_do_not(one: str, other: str) -> None:
    assert ratio(one, other) is None


@pytest.mark.parametrize(
    ("code", "at"),
    [("zzz", 0), ("Kg", 0), ("mg/", 3), ("m//s", 2), ("(m", 2), ("m)", 1), ("m s", 1), ("", 0), ("m100", 1)],
)
def test_what_is_no_unit_is_refused_with_its_place(code: str, at: int) -> None:
    with pytest.raises(UcumError) as refused:
        read_unit(code)
    assert refused.value.at == at


def test_no_code_nests_without_bound() -> None:
    with pytest.raises(UcumError):
        read_unit("(" * (CODE_CHARACTERS_MAX // 2))
    with pytest.raises(UcumError):
        read_unit("m" * (CODE_CHARACTERS_MAX + 1))


@given(st.text(alphabet="mgLd10*^./()[]{}'+-% ñ", max_size=40))
def test_any_text_is_read_or_refused(code: str) -> None:
    try:
        size = read_unit(code).size
    except UcumError:
        return
    assert size > 0
