import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.vocabulary.peru import (
    DOCUMENT_TYPES,
    InvalidDocument,
    InvalidFacilityCode,
    parse_ce,
    parse_cnv,
    parse_document,
    parse_foreign_document,
    parse_passport,
    parse_provisional,
    provisional_code,
)

KINDS = {kind.name: kind for kind in DOCUMENT_TYPES}


@pytest.mark.parametrize(
    ("kind", "typed", "stored"),
    [
        ("dni", "99000017-0", "99000017"),
        ("ce", " 001-234567 ", "001234567"),
        ("ce", "n1234567", "N1234567"),
        ("passport", "ab 123456", "AB123456"),
        ("die", "1-2345-6789", "123456789"),
        ("cnv", "1000 2000 3000", "100020003000"),
        ("provisional", "pr0000457600012 35".replace("12 35", "1235"), "PR-00004576-000123-5"),
    ],
)
def test_a_number_is_stored_one_way_however_it_is_typed(kind, typed, stored):
    assert parse_document(KINDS[kind], typed) == stored


@pytest.mark.parametrize(
    ("parse", "text", "code", "position", "found"),
    [
        (parse_ce, "12345", "ce-format", 6, "the end"),
        (parse_ce, "1234567890123", "ce-format", 13, "a digit"),
        (parse_ce, "12345Ñ", "ce-format", 6, "a letter"),
        (parse_passport, "AB12345678", "passport-format", 10, "a digit"),
        (parse_foreign_document, "", "die-format", 1, "the end"),
        (parse_foreign_document, "12#4", "die-format", 3, "another sign"),
        (parse_cnv, "10002000300", "cnv-format", 12, "the end"),
        (parse_cnv, "10002000300O", "cnv-format", 12, "a letter"),
        (parse_provisional, "PR-1-1-1", "provisional-format", 1, "something else"),
        (parse_provisional, "PR-00004576-000123-4", "provisional-check", 20, "another one"),
    ],
)
def test_what_is_none_is_refused_with_its_place_and_without_quoting_it(parse, text, code, position, found):
    with pytest.raises(InvalidDocument) as caught:
        parse(text)
    error = caught.value
    assert (error.code, error.position, error.found) == (code, position, found)
    assert not text or text not in str(error) + error.text


def test_a_foreign_passport_may_be_longer():
    assert parse_passport("AB1234567890", country="ECU") == "AB1234567890"
    with pytest.raises(InvalidDocument):
        parse_passport("AB1234567890")


@given(st.integers(1, 99_999_999), st.integers(1, 999_999))
def test_a_provisional_code_reads_back_and_one_wrong_digit_does_not(facility, sequence):
    code = provisional_code(str(facility), sequence)
    assert parse_provisional(code.lower().replace("-", " ")) == code
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    with pytest.raises(InvalidDocument):
        parse_provisional(wrong)


@pytest.mark.parametrize(
    ("facility", "sequence", "error"), [("x", 1, InvalidFacilityCode), ("1", 0, InvalidDocument)]
)
def test_a_provisional_code_needs_a_facility_and_a_sequence(facility, sequence, error):
    with pytest.raises(error):
        provisional_code(facility, sequence)


@given(st.sampled_from(DOCUMENT_TYPES), st.text(max_size=30))
def test_no_text_raises_an_untyped_error_and_what_is_stored_stays(kind, text):
    try:
        stored = parse_document(kind, text)
    except InvalidDocument:
        return
    assert parse_document(kind, stored) == stored
