import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.vocabulary.peru import InvalidPhone, parse_phone
from ayni.vocabulary.peru.phones import AREAS


@pytest.mark.parametrize(
    ("typed", "e164", "kind", "spoken"),
    [
        ("976 123 456", "+51976123456", "mobile", "976 123 456"),
        ("976-123-456", "+51976123456", "mobile", "976 123 456"),
        ("+51 976123456", "+51976123456", "mobile", "976 123 456"),
        ("0051976123456", "+51976123456", "mobile", "976 123 456"),
        ("51 976 123 456", "+51976123456", "mobile", "976 123 456"),
        ("(076) 36-2345", "+5176362345", "fixed", "(076) 362 345"),
        ("76 362345", "+5176362345", "fixed", "(076) 362 345"),
        ("+51 76 362345", "+5176362345", "fixed", "(076) 362 345"),
        ("+51 (0)76 362345", "+5176362345", "fixed", "(076) 362 345"),
        ("01 362 3456", "+5113623456", "fixed", "(01) 362 3456"),
        ("051 362345", "+5151362345", "fixed", "(051) 362 345"),  # Puno: 51 is an area, too
        ("+593 99 123 4567", "+593991234567", "abroad", "+593991234567"),
    ],
)
def test_a_number_is_stored_as_e164_and_said_as_people_say_it(typed, e164, kind, spoken):
    phone = parse_phone(typed)
    assert (phone.e164, phone.kind, phone.spoken) == (e164, kind, spoken)


def test_a_fixed_line_keeps_its_extension():
    phone = parse_phone("(076) 362345 anexo 12")
    assert (phone.e164, phone.area, phone.extension) == ("+5176362345", "76", "12")


@pytest.mark.parametrize("text", ["362345", "362-345"])
def test_a_fixed_line_needs_an_area_that_may_be_said_apart(text):
    with pytest.raises(InvalidPhone) as caught:
        parse_phone(text)
    assert caught.value.code == "phone-area"
    assert parse_phone(text, area="76").e164 == "+5176362345"
    assert parse_phone("3623456", area="1").e164 == "+5113623456"


@pytest.mark.parametrize(
    ("text", "code", "position"),
    [
        ("", "phone-format", 1),
        ("97612345", "phone-area", 1),  # eight digits, but no area code is 97
        ("9761234567", "phone-format", 11),
        ("876123456", "phone-format", 10),
        ("976 12a 456", "phone-format", 7),
        ("99 362345", "phone-area", 1),
        ("105", "phone-format", 4),  # an emergency line calls nobody back
        ("+0 123456789", "phone-format", 13),
        ("9" * 60, "phone-format", 61),
        ("٩٧٦١٢٣٤٥٦", "phone-format", 1),
    ],
)
def test_what_is_no_number_is_refused_with_its_place(text, code, position):
    with pytest.raises(InvalidPhone) as caught:
        parse_phone(text)
    assert (caught.value.code, caught.value.position) == (code, position)


def test_every_department_and_lima_has_an_area_of_its_own():
    assert len(AREAS) == 24  # Callao shares Lima's
    for area in AREAS:
        assert parse_phone(f"0{area}" + "3" * (8 - len(area))).area == area


areas = st.sampled_from(sorted(AREAS)).map(lambda area: area + "2" * (8 - len(area)))
nationals = st.integers(900_000_000, 999_999_999).map(str) | areas


@given(nationals, st.sampled_from(["", "+51", "0051 ", "+51 0", "0"]))
def test_every_way_to_write_a_number_is_one_number(national, prefix):
    if national[0] == "9" and prefix.endswith("0"):
        prefix = ""
    phone = parse_phone(prefix + national)
    assert phone.e164 == f"+51{national}"
    assert parse_phone(phone.e164) == phone
    assert parse_phone(phone.spoken) == phone


@given(st.text("0123456789+()- .anexo", max_size=25) | st.text(max_size=45))
def test_no_text_raises_an_untyped_error_and_what_is_stored_stays(text):
    try:
        phone = parse_phone(text)
    except InvalidPhone:
        return
    assert parse_phone(phone.e164).e164 == phone.e164
