from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.vocabulary.peru import (
    InvalidName,
    Surnames,
    name_key,
    parse_name,
    parse_surname,
    split_full_name,
    split_surnames,
)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  maría   elena ", "MARÍA ELENA"),
        ("mari\u0301a", "MARÍA"),
        ("O'Higgins", "O'HIGGINS"),
        ("Pérez-Treviño", "PÉREZ-TREVIÑO"),
        ("Ma. del Pilar", "MA. DEL PILAR"),
        ("Ñahui", "ÑAHUI"),
    ],
)
def test_a_name_is_stored_in_capitals_with_single_blanks(typed, stored):
    assert parse_name(typed) == stored


@pytest.mark.parametrize(
    ("text", "position", "found"),
    [
        ("", 1, "the end"),
        ("3lena", 1, "a digit"),
        ("Elena2", 6, "a digit"),
        ("Elena@", 6, "another sign"),
        ("Elena, María", 6, "another sign"),
        ("-Elena", 1, "another sign"),
        ("E" * 61, 61, "a letter"),
    ],
)
def test_what_is_no_name_is_refused_with_its_place_and_without_quoting_it(text, position, found):
    with pytest.raises(InvalidName) as caught:
        parse_name(text)
    assert (caught.value.code, caught.value.position, caught.value.found) == ("name-format", position, found)
    assert not text or text not in str(caught.value)


@pytest.mark.parametrize("text", ["", " ", "-", "--", ".", "NO TIENE", "sin apellido"])
def test_registers_write_a_missing_surname_in_several_ways(text):
    assert parse_surname(text) == ""


@pytest.mark.parametrize(
    ("text", "paternal", "maternal", "married"),
    [
        ("Quispe Mamani", "QUISPE", "MAMANI", ""),
        ("Quispe", "QUISPE", "", ""),
        ("de la Cruz Quispe", "DE LA CRUZ", "QUISPE", ""),
        ("García de la Cruz", "GARCÍA", "DE LA CRUZ", ""),
        ("del Águila de los Ríos", "DEL ÁGUILA", "DE LOS RÍOS", ""),
        ("San Martín Santa Cruz", "SAN MARTÍN", "SANTA CRUZ", ""),
        ("Von Humboldt Rojas", "VON HUMBOLDT", "ROJAS", ""),
        ("Ramón y Cajal", "RAMÓN", "CAJAL", ""),
        ("Ponce de León Quispe", "PONCE DE LEÓN", "QUISPE", ""),
        ("Quispe Ponce de León", "QUISPE", "PONCE DE LEÓN", ""),
        ("Torres de Souza Rojas", "TORRES DE SOUZA", "ROJAS", ""),
        ("Diez Canseco Rojas", "DIEZ CANSECO", "ROJAS", ""),
        ("Quispe Mamani de Huamán", "QUISPE", "MAMANI", "HUAMÁN"),
        ("Quispe Mamani vda. de Huamán", "QUISPE", "MAMANI", "HUAMÁN"),
        ("Quispe viuda de de la Cruz", "QUISPE", "", "DE LA CRUZ"),
        ("de la Cruz", "DE LA CRUZ", "", ""),
    ],
)
def test_surnames_of_one_field_are_told_apart(text, paternal, maternal, married):
    assert split_surnames(text) == Surnames(paternal, maternal, married)


@pytest.mark.parametrize("text", ["Quispe de Huamán", "A B C", "Rojas Torres Quispe Mamani"])
def test_what_can_be_read_in_two_ways_is_asked_and_not_guessed(text):
    with pytest.raises(InvalidName) as caught:
        split_surnames(text)
    assert caught.value.code == "surnames-ambiguous"


def test_a_full_name_needs_its_comma():
    surnames, given_names = split_full_name("de la Cruz Quispe, María Elena")
    assert (str(surnames), given_names) == ("DE LA CRUZ QUISPE", ("MARÍA", "ELENA"))
    with pytest.raises(InvalidName):
        split_full_name("María Elena de la Cruz Quispe")


@pytest.mark.parametrize("other", ["DELACRUZ", "de-la-cruz", "De  la  Cruz", "dé lá crúz"])
def test_spellings_of_one_name_have_one_key(other):
    assert name_key("de la Cruz") == name_key(other)
    assert name_key("Núñez") == name_key("NUNEZ") != name_key("Nunes")


plain = st.sampled_from(["QUISPE", "ROJAS", "MAMANI", "ÑAHUI", "PÉREZ", "TORRES"])
surnames = plain | st.tuples(st.sampled_from(["DE LA", "DEL", "DE LOS", "SAN", "VON"]), plain).map(" ".join)


@given(surnames, surnames | st.just(""), plain | st.just(""))
def test_surnames_read_back_as_they_are_written(paternal, maternal, married):
    written = Surnames(paternal, maternal, married if maternal else "")
    assert split_surnames(str(written)) == written


@given(
    st.text(max_size=70) | st.lists(st.sampled_from(["de", "la", "y", "vda", "Quispe", "san"])).map(" ".join)
)
def test_no_text_raises_an_untyped_error(text):
    for read in (parse_name, parse_surname, split_surnames, split_full_name):
        with suppress(InvalidName):
            read(text)
    name_key(text)
