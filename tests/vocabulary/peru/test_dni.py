import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.vocabulary.peru import InvalidDocument, check_character, is_test_dni, parse_dni


@pytest.mark.parametrize(
    ("dni", "characters"),
    [
        ("99000017", ("0", "D")),
        ("99000000", ("5", "J")),  # remainder 10, the end of both tables
        ("00000000", ("6", "K")),  # 11 - 0 counts as 0
        ("10000000", ("3", "H")),
    ],
)
def test_the_check_character_follows_modulus_11(dni, characters):
    assert check_character(dni) == characters


def test_every_remainder_has_its_own_letter():
    assert {check_character(f"{number:08d}")[1] for number in range(100)} == set("KABCDEFGHIJ")


@pytest.mark.parametrize(
    ("dni", "position", "found"),
    [("9900001", 8, "the end"), ("990000170", 9, "a digit"), ("", 1, "the end"), ("9900O017", 5, "a letter")],
)
def test_a_check_character_needs_eight_digits(dni, position, found):
    with pytest.raises(InvalidDocument) as caught:
        check_character(dni)
    assert (caught.value.code, caught.value.position, caught.value.found) == ("dni-format", position, found)


@given(st.integers(0, 99_999_999))
def test_a_number_is_read_with_both_of_its_check_characters(number):
    dni = f"{number:08d}"
    for character in check_character(dni):
        assert parse_dni(f"{dni}-{character}") == parse_dni(f"{dni} {character.lower()}") == dni


@given(st.integers(0, 99_999_999), st.integers(0, 7), st.integers(1, 9))
def test_one_wrong_digit_changes_the_letter(number, place, more):
    dni = f"{number:08d}"
    wrong = dni[:place] + str((int(dni[place]) + more) % 10) + dni[place + 1 :]
    assert check_character(wrong)[1] != check_character(dni)[1]


@pytest.mark.parametrize(
    "text", ["99000017", "99000017-0", "99000017 D", "990000170", "99000017d", " 99000017 "]
)
def test_a_dni_is_its_eight_digits_however_it_is_written(text):
    assert parse_dni(text) == "99000017"


@pytest.mark.parametrize(
    "text", ["", "9900001", "9900001A", "99000017--0", "99000017-Z", "९९०००००१", "99.000.017", "990000170\n0"]
)
def test_what_is_not_eight_digits_is_refused(text):
    with pytest.raises(InvalidDocument) as caught:
        parse_dni(text)
    assert caught.value.code == "dni-format"


@pytest.mark.parametrize("text", ["99000017-1", "99000017E", "990000179"])
def test_another_check_character_is_refused_without_showing_the_number(text):
    with pytest.raises(InvalidDocument) as caught:
        parse_dni(text)
    assert caught.value.code == "dni-check"
    assert "99000017" not in str(caught.value) + caught.value.text


@pytest.mark.parametrize(
    ("dni", "is_test"),
    [
        ("98999999", False),
        ("99000000", True),
        ("99000999", True),
        ("99001000", False),
        ("00000000", False),
        ("", False),
        ("9900001X", False),
    ],
)
def test_invented_people_have_a_block_of_a_thousand_numbers(dni, is_test):
    assert is_test_dni(dni) is is_test
