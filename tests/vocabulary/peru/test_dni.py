import pytest

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


@pytest.mark.parametrize("dni", ["9900001", "990000170", ""])
def test_a_check_character_needs_eight_digits(dni):
    with pytest.raises(ValueError, match="zip"):
        check_character(dni)


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
    [("98999999", False), ("99000000", True), ("99000999", True), ("99001000", False), ("00000000", False)],
)
def test_invented_people_have_a_block_of_a_thousand_numbers(dni, is_test):
    assert is_test_dni(dni) is is_test
