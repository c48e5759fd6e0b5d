import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.vocabulary.request import EventKey, is_request_id, new_request_id

REQUEST = "QH-7M3K9XBT4D"


def test_a_new_request_id_is_thirteen_characters_of_its_form_and_never_the_same() -> None:
    made = {new_request_id() for _ in range(500)}
    assert len(made) == 500
    assert all(is_request_id(each) and len(each) == 13 for each in made)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "QH-",
        REQUEST.lower(),
        REQUEST + "X",
        REQUEST + "\n",
        "QH-7M3K9XBT4I",
        "QH-7M3K9XBT4O",
        "XX-7M3K9XBT4D",
    ],
)
def test_letters_that_are_mistaken_for_digits_make_no_request_id(text: str) -> None:
    assert not is_request_id(text)


@pytest.mark.parametrize("text", [f"{REQUEST}.R001", f"{REQUEST}.Q999"])
def test_an_event_key_reads_back_as_it_was_written(text: str) -> None:
    key = EventKey.parse(text)
    assert (str(key), key.request_id) == (text, REQUEST)
    assert len(text) <= 20  # MSH-10


@pytest.mark.parametrize(
    "text",
    [
        "",
        REQUEST,
        f"{REQUEST}.R000",
        f"{REQUEST}.R1",
        f"{REQUEST}.R1000",
        f"{REQUEST}.X001",
        f"{REQUEST}.R001\n",
        f"{REQUEST}.R٠٠١",
        f" {REQUEST}.R001",
    ],
)
def test_anything_else_is_no_event_key(text: str) -> None:
    with pytest.raises(ValueError, match="not an event key"):
        EventKey.parse(text)


@given(st.text())
def test_any_text_is_an_event_key_or_a_value_error(text: str) -> None:
    try:
        key = EventKey.parse(text)
    except ValueError:
        return
    assert str(key) == text


def test_the_header_id_follows_from_the_key_alone() -> None:
    keys = [EventKey(REQUEST, direction, number) for direction in "RQ" for number in (1, 2)]  # type: ignore[arg-type]
    assert len({key.header_id for key in keys}) == 4
    assert EventKey.parse(f"{REQUEST}.R004").header_id == "2296059b-4c5e-5866-b4cd-4128ea769681"
    assert uuid.UUID(keys[0].header_id).version == 5


def test_events_of_one_request_sort_by_their_number() -> None:
    keys = [EventKey(REQUEST, "R", number) for number in (10, 2, 1)]
    assert [key.sequence for key in sorted(keys)] == [1, 2, 10]
