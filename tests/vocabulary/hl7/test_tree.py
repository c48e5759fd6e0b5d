from hypothesis import given
from hypothesis import strategies as st

from ayni.vocabulary.hl7 import dump, parse

HEADER = "MSH|^~\\&|A|||||||1||{}||||||UNICODE UTF-8\r"


def lines(body: str, version: str = "2.5.1") -> list[str]:
    shown = dump(parse((HEADER.format(version) + body).encode())).splitlines()
    return shown[next(number for number, line in enumerate(shown) if line[:3] == body[:3]) :]


def test_each_value_stands_under_its_segment_field_and_component():
    assert lines("PID|1||7^^^RENIEC&1.2&ISO~8||PRUEBA^ELENA") == [
        "PID  Patient Identification",
        "  1     Set ID - PID: 1",
        "  3     Patient Identifier List",
        "    .1    ID Number: 7",
        "    .4    Assigning Authority",
        "      .1    Namespace ID: RENIEC",
        "      .2    Universal ID: 1.2",
        "      .3    Universal ID Type: ISO",
        "  3[2]  Patient Identifier List",
        "    .1    ID Number: 8",
        "  5     Patient Name",
        "    .1    Family Name",
        "      .1    Surname: PRUEBA",
        "    .2    Given Name: ELENA",
    ]


def test_an_observation_is_shown_as_the_type_it_names():
    assert lines("OBX|1|CE|X||F^fiebre^99SYM")[-3:] == [
        "    .1    Identifier: F",
        "    .2    Text: fiebre",
        "    .3    Name of Coding System: 99SYM",
    ]


def test_what_has_no_name_is_shown_by_its_number():
    assert lines("ZPE|a^b&c") == ["ZPE", "  1", "    .1    a", "    .2", "      .1    b", "      .2    c"]


def test_control_characters_cannot_act_on_a_terminal():
    assert lines("NTE|1||a\\X1B\\[31m\\.br\\b")[-1] == "  3     Comment: a\\x1b[31m\\x0ab"


def test_nothing_of_a_message_is_left_out(sample):
    message, shown = parse(sample), dump(parse(sample))
    for segment in message.segments():
        for number in range(1, 60):
            for repetition in segment.repetitions(number):
                assert repetition["1"] in shown


@given(st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"]), max_size=60))
def test_any_field_can_be_shown(text):
    message = parse((HEADER.format("2.5.1") + f"ZZZ|{text}\r").replace("\n", " ").encode())
    assert dump(message).splitlines()[0] == "MSH  Message Header"
