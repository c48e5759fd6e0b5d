"""A program that hands over the wrong kind of value is told so at once."""

import pytest

from ayni.vocabulary.hl7 import Encoding, Hl7Error, PathError, acknowledge, acknowledgement_owed, parse

RAW = b"MSH|^~\\&|A|B|C|D|20261124||ADT^A08|1|T|2.5.1\rPID|1||1\r"


@pytest.mark.parametrize("raw", [bytearray(RAW), memoryview(RAW), RAW.decode(), None, 5])
def test_a_message_is_bytes(raw):
    with pytest.raises(TypeError, match="expected bytes, found"):
        parse(raw)


@pytest.mark.parametrize("path", [3, None, b"PID-5", ("PID", 5)])
def test_a_path_is_text(path):
    message = parse(RAW)
    for use in (message.__getitem__, message.__delitem__, lambda path: message.__setitem__(path, "x")):
        with pytest.raises(PathError, match="expected a path"):
            use(path)
    assert message.encode() == RAW


@pytest.mark.parametrize("value", [5, None, b"x", 1.5])
def test_what_is_written_is_text(value):
    message = parse(RAW)
    for path in ("PID-5", "PID-5.2", "PID-3[2].4"):
        with pytest.raises(TypeError, match="expected text, found"):
            message[path] = value
    assert message.encode() == RAW


@pytest.mark.parametrize("separators", ["", "|", "|^", "|^~\\&#!", "|^^\\&", "A^~\\&"])
def test_an_encoding_has_separators_that_differ(separators):
    with pytest.raises(Hl7Error) as refused:
        Encoding(separators, "ascii")
    assert refused.value.code == 102


@pytest.mark.parametrize("code", ["ZZ", "", "aa", None])
def test_an_answer_has_a_code_of_its_table(code, at):
    with pytest.raises(ValueError, match="expected a code of table 0008"):
        acknowledge(parse(RAW), code, control_id="2", at=at)
    with pytest.raises(ValueError, match="expected a code of table 0008"):
        acknowledgement_owed(parse(RAW), code)
