import math
import re
import unicodedata
from collections import Counter
from importlib.resources import files

import pytest

from ayni.vocabulary.peru import (
    District,
    InvalidFacilityCode,
    UnknownDistrict,
    by_inei,
    by_reniec,
    districts,
    facilities,
    facility,
    nearest,
    parse_renipress,
    place_name,
)


@pytest.mark.parametrize("code", ["00006206", "6206", 6206, "06206", "000006206", " 6206 "])
def test_a_renipress_code_has_eight_digits_however_it_circulates(code):
    assert parse_renipress(code) == "00006206"


@pytest.mark.parametrize("code", ["", "0", "62O6", -6206, "123456789", "0000006206", "६२०६", 6206.0])
def test_what_is_no_renipress_code_is_refused(code):
    with pytest.raises(InvalidFacilityCode) as caught:
        parse_renipress(code)
    assert caught.value.code == "renipress-format"


def test_cajamarca_has_127_districts_in_13_provinces():
    assert len(districts()) == 127
    assert Counter(district.inei[:4] for district in districts())["0611"] == 13
    assert len({district.province for district in districts()}) == 13
    assert {district.department for district in districts()} == {"CAJAMARCA"}


def test_every_district_lies_in_cajamarca():
    for district in districts():
        assert re.fullmatch(r"06\d{4}", district.inei)
        assert re.fullmatch(r"06\d{4}", district.reniec)
        assert -8 < district.latitude < -4.5
        assert -80 < district.longitude < -77.5
        assert 0 < district.altitude_m < 4500


def test_the_two_schemes_number_most_districts_differently():
    assert sum(district.inei != district.reniec for district in districts()) == 101
    assert by_inei("061103").name == "CALQUIS"
    assert by_reniec("061002").name == "CALQUIS"
    assert by_inei("061103") is by_reniec("061002")


def test_every_code_finds_its_district_in_its_own_scheme():
    for district in districts():
        assert by_inei(district.inei) is district
        assert by_reniec(district.reniec) is district
    assert by_inei("150101") is None
    assert by_reniec("") is None


def test_san_miguel_has_47_facilities_of_the_first_level():
    assert len(facilities()) == 47
    assert {each.province for each in facilities()} == {"SAN MIGUEL"}
    assert {each.category for each in facilities()} == {"I-1", "I-2", "I-3", "I-4"}


def test_every_facility_has_a_code_of_its_own_and_stands_in_its_district():
    assert len({each.code for each in facilities()}) == 47
    for each in facilities():
        assert parse_renipress(each.code) == each.code
        assert facility(each.code) is each
        here = by_inei(each.district_inei)
        assert (here.name, here.province, here.reniec) == (each.district, each.province, each.district_reniec)


def test_an_unknown_facility_is_none():
    assert facility("00000001") is None


def test_the_nearest_facilities_are_those_of_the_own_district():
    own = [each.code for each in facilities() if each.district_inei == "061103"]
    assert [each.code for each in nearest("061103")[: len(own)]] == own
    assert "00004576" in own
    assert set(nearest("061103")) == set(facilities())


@pytest.mark.parametrize("inei", ["061103", "060101", "060801"])
def test_nearer_districts_come_first(inei):
    found = [angle(by_inei(inei), by_inei(each.district_inei)) for each in nearest(inei)]
    assert found == sorted(found)
    assert found[0] < found[-1]


def angle(one: District, other: District) -> float:
    """Degrees along the great circle by the law of cosines, another way than the code's; to about a metre."""
    a, b, east = (math.radians(x) for x in (one.latitude, other.latitude, other.longitude - one.longitude))
    cosine = math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(east)
    return round(math.degrees(math.acos(min(1.0, cosine))), 5)


def test_an_unknown_district_is_refused():
    with pytest.raises(UnknownDistrict) as caught:
        nearest("150101")
    assert caught.value.code == "district-unknown"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("JAEN", "Jaén"),
        ("SAN IGNACIO", "San Ignacio"),
        ("SAN JOSE DEL ALTO", "San José del Alto"),
        ("SANTO DOMINGO DE LA CAPILLA", "Santo Domingo de la Capilla"),
        ("LOS BAÑOS DEL INCA", "Los Baños del Inca"),
        ("LA LIBERTAD DE PALLAN", "La Libertad de Pallán"),
        ("PAMPA LA CALZADA", "Pampa La Calzada"),
        ("EL PRADO", "El Prado"),
        ("NANCHOC", "Nanchoc"),
        ("UNION AGUA BLANCA", "Unión Agua Blanca"),
        ("PABELLON CHICO", "Pabellón Chico"),
        ("SAN JOSE", "San José"),
        ("POSTA MEDICA ESSALUD SAN MIGUEL", "Posta Médica EsSalud San Miguel"),
        ("Villa El Salvador", "Villa El Salvador"),
        ("", ""),
    ],
)
def test_a_place_is_written_as_people_write_it(name, written):
    assert place_name(name) == written


def test_every_name_of_the_list_is_a_places_own_and_differs_by_its_accents_only():
    listed = {name: place_name(name) for name in _listed_names("place_names.csv")}
    assert set(listed) <= {each.name for each in districts()} | {each.province for each in districts()}
    assert all(_without_accents(written) == name for name, written in listed.items())
    assert all(written != written.encode("ascii", "ignore").decode() for written in listed.values())


def test_where_the_capital_bears_the_districts_name_both_are_written_alike():
    for district in districts():
        capital = " ".join(district.capital.split())
        if _without_accents(capital) == _without_accents(district.name):
            assert place_name(district.name).casefold() == capital.casefold()


def test_a_facility_is_called_by_its_kind_and_name():
    assert facility("00004576").called == "puesto de salud Calquis"
    assert facility("00004562").called == "centro de salud Llapa"


def test_every_accented_word_differs_by_its_accents_only():
    words = _listed_names("accented_words.csv")
    assert words == sorted(words)
    assert all(_without_accents(place_name(word)) == word for word in words)


def _listed_names(file: str) -> list[str]:
    lines = (files("ayni.vocabulary.peru") / "data" / file).read_text("utf-8").splitlines()
    return [line.split(",")[0] for line in lines[1:]]


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.upper().replace("Ñ", "\0"))
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return plain.replace("\0", "Ñ")
