import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.vocabulary.hl7 import escape, parse, unescape

ENCODABLE = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (r"\F\\S\\T\\R\\E" + "\\", "|^&~\\"),
        (r"uno\.br\dos", "uno\ndos"),
        (r"\H\alerta\N\ leve", "alerta leve"),
        (r"\XC3B1\andu", "ñandu"),
        (r"\XC3\\XB1\andu", "ñandu"),
        (r"\xc3b1\andu", r"\xc3b1\andu"),
        (r"a\X0D0A\b", "a\r\nb"),
        (r"\XFF\ mal", r"\XFF\ mal"),
        (r"\XC3B\ mal", r"\XC3B\ mal"),
        (r"\C2842\ y \M264D31\ ", r"\C2842\ y \M264D31\ "),
        (r"\.sp+2\ y \Zlocal\ ", r"\.sp+2\ y \Zlocal\ "),
        (r"\P\ ", r"\P\ "),
        (r"C:\temp y \F\ ", "C:\\temp y | "),
        ("sin par \\", "sin par \\"),
        ("", ""),
    ],
)
def test_reading_escape_sequences(sent, read):
    assert unescape(sent) == read


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("|^~\\&", r"\F\\S\\R\\E\\T" + "\\"),
        ("uno\ndos", r"uno\.br\dos"),
        ("a\rb\tc\x00d\x7f", r"a\X0D\b\X09\c\X00\d\X7F" + "\\"),
        ("Ñandú, 50 %", "Ñandú, 50 %"),
    ],
)
def test_writing_escape_sequences(text, sent):
    assert escape(text) == sent


@given(ENCODABLE)
def test_what_is_escaped_reads_as_it_was(text):
    assert unescape(escape(text)) == text


@given(ENCODABLE, st.sampled_from(["PID-5", "PID-5.2", "PID-5[2].3.2", "OBX[1]-5"]))
def test_any_text_survives_a_message(text, path):
    message = parse(b"MSH|^~\\&|A|B||||||||||||||UNICODE UTF-8\r")
    message[path] = text
    assert parse(message.encode())[path] == text


def test_hexadecimal_is_read_in_the_character_set_of_the_message():
    message = parse(b"MSH|^~\\&|A|||||||||||||||8859/1\rPID|||||\\XD1\\AUPARI\r")
    assert message["PID-5"] == "ÑAUPARI"


def test_the_truncation_mark_has_a_sequence_where_it_is_declared():
    message = parse(b"MSH|^~\\&#|A\rPID|1|casa \\P\\5\r")
    assert message["PID-2"] == "casa #5"
    message["PID-2"] = "casa #6"
    assert message.encode().endswith(b"casa \\P\\6\r")


@pytest.mark.parametrize("mark", ["+", "-", "\\", "]", "["])
def test_any_mark_may_open_an_escape_sequence(mark):
    message = parse(f"MSH|^~{mark}&|A\rPID|{mark}F{mark}x{mark}S{mark}\r".encode())
    assert message["PID-1"] == "|x^"
