"""UBIGEO and CIE-10: codes that are written in more than one way."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.vocabulary.peru import (
    InvalidDiagnosisCode,
    InvalidFacilityCode,
    InvalidUbigeo,
    Scheme,
    Ubigeo,
    UnknownDistrict,
    districts,
    his_form,
    inei_of,
    parse_cie10,
    parse_renipress,
    parse_ubigeo,
    reniec_of,
    reniec_provinces,
)


def test_every_district_goes_to_the_other_scheme_and_back():
    for district in districts():
        assert reniec_of(district.inei) == district.reniec
        assert inei_of(district.reniec) == district.inei
    assert sum(reniec_of(district.inei) != district.inei for district in districts()) == 101


def test_eight_of_thirteen_provinces_have_another_number():
    provinces = reniec_provinces()
    assert len(provinces) == len(set(provinces.values())) == 13
    assert sum(inei != reniec for inei, reniec in provinces.items()) == 8
    assert (provinces["0604"], provinces["0611"], provinces["0609"]) == ("0606", "0610", "0611")


def test_a_code_is_nothing_without_its_scheme():
    assert Ubigeo("061103", Scheme.INEI) != Ubigeo("061103", Scheme.RENIEC)
    assert Ubigeo("061103", Scheme.INEI).district().name == "CALQUIS"
    assert Ubigeo("061002", Scheme.RENIEC).in_scheme(Scheme.INEI) == Ubigeo("061103", Scheme.INEI)


@pytest.mark.parametrize(
    ("text", "position"), [("", 1), ("61103", 6), ("0611O3", 5), ("0611030", 7), ("261103", 1), ("001103", 1)]
)
def test_what_is_no_ubigeo_is_refused_with_its_place(text, position):
    with pytest.raises(InvalidUbigeo) as caught:
        parse_ubigeo(text, Scheme.INEI)
    assert caught.value.position == position


@pytest.mark.parametrize("code", ["150101", "069999"])
def test_a_district_elsewhere_is_unknown_and_not_guessed(code):
    with pytest.raises(UnknownDistrict):
        reniec_of(code)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("a010", "A01.0"),
        (" A01.0 ", "A01.0"),
        ("A17.0+", "A17.0"),
        ("G01*", "G01"),
        ("J00X", "J00"),
        ("J00.X", "J00"),
        ("A09", "A09"),
        ("U0712", "U07.12"),
        ("M0000", "M00.00"),
    ],
)
def test_a_diagnosis_has_one_code_however_it_is_written(typed, code):
    assert parse_cie10(typed) == code
    assert his_form(typed) == code.replace(".", "")


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 1),
        ("0A1", 1),
        ("A", 2),
        ("A0", 3),
        ("AA0", 2),
        ("A0X", 3),
        ("A01.", 4),
        ("A01.012", 4),
        ("A٠١", 2),
    ],
)
def test_what_is_no_diagnosis_is_refused_with_its_place(text, position):
    with pytest.raises(InvalidDiagnosisCode) as caught:
        parse_cie10(text)
    assert caught.value.position == position


@given(st.from_regex(r"[A-Z][0-9]{2}(\.[0-9]{1,2})?", fullmatch=True))
def test_both_forms_of_a_diagnosis_read_back(code):
    assert parse_cie10(code) == parse_cie10(his_form(code)) == code


@given(st.text(max_size=12))
def test_no_text_raises_an_untyped_error(text):
    for read, error in (
        (parse_cie10, InvalidDiagnosisCode),
        (parse_renipress, InvalidFacilityCode),
        (lambda code: parse_ubigeo(code, Scheme.RENIEC), InvalidUbigeo),
    ):
        with suppress(error):
            read(text)
