import re
import string
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ayni.vocabulary.hl7 import MESSAGE_BYTES_MAX, SEGMENTS_MAX, Encoding, Hl7Error, escape, parse

HEADER = "MSH|^~\\&|A|B|C|D|20261123093015-0500||ADT^A08|1|T|2.5.1"


def header(charset: str) -> bytes:
    return f"{HEADER}||||||{charset}\r".encode()


def refused(raw: bytes) -> Hl7Error:
    with pytest.raises(Hl7Error) as caught:
        parse(raw)
    return caught.value


def test_what_was_parsed_encodes_to_the_same_bytes(sample):
    message = parse(sample)
    assert message.encode() == sample
    assert message.raw == sample
    assert message.repairs == ()


def test_reading_every_field_changes_nothing(sample):
    message = parse(sample)
    for segment in message.segments():
        for field in range(1, 60):
            for repetition in segment.repetitions(field):
                assert isinstance(repetition["1.2"], str)
    assert message.encode() == sample


marks = st.permutations(sorted(set(string.punctuation) - {"."})).map("".join)
names = st.from_regex(r"(?!MSH)[A-Z][A-Z0-9]{2}", fullmatch=True)
charsets = st.sampled_from(
    [("", "ascii"), ("8859/1", "latin-1"), ("8859/15", "iso8859-15"), ("UNICODE UTF-8", "utf-8")]
)


@st.composite
def messages(draw) -> bytes:
    """Messages that need no repair, in any separators and character set, dense in what has a meaning."""
    separators, (charset, codec) = draw(marks)[: draw(st.integers(3, 6))], draw(charsets)
    if len(separators) == 3:
        charset, codec = "", "ascii"  # the name of another may need an escape mark
    field = separators[0]
    signs = st.one_of(st.sampled_from([*separators, *"XFSTREPH.br0AC\x00\x0b"]), st.characters(codec=codec))
    text = st.text(signs.filter(lambda sign: sign not in "\r\n"), max_size=40)
    header = f"MSH{separators}{field * 16}{escape(charset, Encoding(separators, codec))}"
    others = st.lists(st.builds(lambda name, rest: name + field + rest, names, text), max_size=6)
    lines = [header, *draw(others)]
    return ("\r".join(lines) + draw(st.sampled_from(["", "\r"]))).encode(codec)


@given(messages())
def test_whatever_fields_hold_they_encode_as_they_came(raw):
    message = parse(raw)
    if message.repairs:  # in the one of many where the marks are those that lack the escape mark
        return
    for segment in message.segments():
        assert isinstance(segment["3[2].2"], str)
        assert all(isinstance(repetition["1.2"], str) for repetition in segment.repetitions(4))
    assert message.encode() == raw
    assert message.copy().encode() == raw


@given(messages(), st.sampled_from(["OBX-5", "OBX-5.2", "OBX-5[2].3.2", "ZZZ[1]-5"]), st.text())
def test_what_is_written_reads_as_it_was_and_nothing_else_moves(raw, path, value):
    message = parse(raw)
    before = [segment.encode() for segment in message.segments() if segment.name not in path]
    message[path] = value
    assert message[path] == value
    with suppress(Hl7Error):  # the character set or MSH-2 may lack what it needs
        sent = parse(message.encode())
        assert sent[path] == value
        assert [segment.encode() for segment in sent.segments() if segment.name not in path] == before


@given(messages(), st.sampled_from(["\n", "\r\n"]))
def test_any_line_end_gives_the_same_message(raw, end):
    message, other = parse(raw), parse(raw.replace(b"\r", end.encode()))
    assert other.encode() == message.encode()
    assert bool(set(other.repairs) - set(message.repairs)) == (b"\r" in raw)


@given(
    st.sampled_from([b"", b"MSH", b"MSH|", b"MSH|^~\\&|", HEADER.encode() + b"\r"]), st.binary(max_size=300)
)
@example(b"MSH", b"||||||||||||||||||||")
@example(b"MSH|^~\\&|", b"\xff\xfe")
def test_odd_bytes_are_read_or_refused_and_nothing_else(start, rest):
    with suppress(Hl7Error):
        message = parse(start + rest)
        if not message.repairs:
            assert message.encode() == start + rest


@pytest.mark.parametrize(("end", "name"), [(b"\n", "LF"), (b"\r\n", "CRLF"), (b"\n\r", "LFCR")])
def test_other_line_ends_are_repaired_and_said_so(sample, end, name):
    message = parse(sample.replace(b"\r", end))
    assert message.encode() == sample
    assert message.repairs == (f"segments ended in {name}",)


def test_one_stray_line_feed_between_segments_is_repaired(booked):
    message = parse(booked.replace(b"\rPID", b"\nPID"))
    assert message.encode() == booked
    assert message.repairs == ("some segments ended in LF",)


def test_a_line_feed_inside_a_field_is_text(booked):
    raw = booked.replace(b"Traiga su DNI. ", b"Traiga su DNI.\n")
    message = parse(raw)
    assert message["NTE-3"].startswith("Traiga su DNI.\nLlegue")
    assert message.encode() == raw


def test_empty_segments_are_removed_and_said_so(booked):
    message = parse(booked.replace(b"\rPID", b"\r\rPID") + b"\r")
    assert message.encode() == booked
    assert message.repairs == ("empty segments removed",)


def test_a_byte_order_mark_is_removed_and_said_so(booked):
    message = parse(b"\xef\xbb\xbf" + booked)
    assert message.encode() == booked
    assert message.repairs == ("byte order mark removed",)


def test_the_last_segment_may_lack_its_terminator(booked):
    assert parse(booked[:-1]).encode() == booked[:-1]


@pytest.mark.parametrize("separators", ["|^~\\&", "$%*!@", "#:;?,", "|^~\\&#", "~|^&\\", "-^]\\["])
def test_any_separators_are_understood(separators):
    field, component, repetition, escape, subcomponent = separators[:5]
    pid_3 = f"x{component}y{subcomponent}z{repetition}w{escape}S{escape}"
    raw = f"MSH{separators}{field}A\rPID{field}1{field}{field}{pid_3}"
    message = parse(raw.encode())
    assert (message["MSH-1"], message["MSH-2"], message["MSH-3"]) == (field, separators[1:], "A")
    assert (message["PID-3"], message["PID-3.2.2"], message["PID-3[2]"]) == ("x", "z", f"w{component}")
    message["PID-3"] = separators
    assert message["PID-3"] == separators
    assert parse(message.encode())["PID-3"] == separators


def test_an_escape_mark_and_a_subcomponent_separator_may_be_left_out():
    raw = b"MSH|^~|A\rPID|1||a\\F\\&b^c~d\r"
    message = parse(raw)
    assert (message["MSH-2"], message["PID-3"], message["PID-3[2]"]) == ("^~", "a\\F\\&b", "d")
    message["PID-5"] = "a & b"
    assert message.encode() == raw.replace(b"d\r", b"d||a & b\r")
    message = parse(b"MSH|^~\\|A\rPID|1||a\\F\\&b^c\\T\\\r")
    assert (message["PID-3"], message["PID-3.2"]) == ("a|&b", "c\\T\\")
    message["PID-5"] = "a|b"
    assert message.encode().endswith(b"||a\\F\\b\r")


def test_a_lost_escape_mark_is_put_back_and_said_so():
    message = parse(b"MSH|^~&|A\rPID|1||a&b\\T\\\r")
    assert message.repairs == ("MSH-2 said ^~&, read as ^~\\&",)
    assert (message["PID-3"], message["PID-3.1.2"]) == ("a", "b&")
    assert message.encode() == b"MSH|^~\\&|A\rPID|1||a&b\\T\\\r"


@pytest.mark.parametrize(
    ("start", "location"),
    [
        ("MSH", "MSH^1^1"),
        ("MSHA^~\\&A", "MSH^1^1"),
        ("MSH.^~\\&.", "MSH^1^1"),
        ("MSH|", "MSH^1^2"),
        ("MSH|^|", "MSH^1^2"),
        ("MSH\\^~&\\", "MSH^1^2"),
        ("MSH|^~\\&##|", "MSH^1^2"),
        ("MSH|^~\\A|", "MSH^1^2"),
        ("MSH|^^\\&|", "MSH^1^2"),
    ],
)
def test_separators_that_cannot_be_told_apart_are_refused(start, location):
    error = refused(start.encode())
    assert (error.code, error.location) == (102, location)


@pytest.mark.parametrize(
    ("charset", "codec"),
    [
        ("8859/1", "latin-1"),
        ("8859/15", "iso8859-15"),
        ("UNICODE UTF-8", "utf-8"),
        ("UNICODE", "utf-8"),
        ("UNICODE UTF-8~ISO IR87", "utf-8"),
    ],
)
def test_the_character_set_of_msh_18_is_read_and_written(charset, codec):
    raw = header(charset) + "PID|||||ÑAUPARI^MARÍA\r".encode(codec)
    message = parse(raw)
    assert message["PID-5"] == "ÑAUPARI"
    message["PID-5.2"] = "JOSÉ"
    assert message.encode() == header(charset) + "PID|||||ÑAUPARI^JOSÉ\r".encode(codec)


def test_the_name_of_a_character_set_may_need_an_escape_sequence():
    raw = "MSH/^~\\&//////////////// 8859\\F\\1 ~ASCII\rPID/Ñ\r".encode("latin-1")
    message = parse(raw)
    assert (message["PID-1"], message.repairs, message.encode()) == ("Ñ", (), raw)


def test_the_name_of_ascii_may_be_written_small():
    assert parse(header("ascii") + b"PID|1\r").repairs == ("MSH-18 said ascii, read as ASCII",)


@pytest.mark.parametrize(
    ("said", "name", "codec"),
    [
        ("UTF-8", "UNICODE UTF-8", "utf-8"),
        ("utf8", "UNICODE UTF-8", "utf-8"),
        ("ISO-8859-1", "8859/1", "latin-1"),
        ("iso8859-15", "8859/15", "iso8859-15"),
        ("Unicode", "UNICODE", "utf-8"),
        ("unicode utf-8", "UNICODE UTF-8", "utf-8"),
    ],
)
def test_another_spelling_of_a_character_set_is_understood_and_said_so(said, name, codec):
    raw = header(said) + "PID|||||ÑAUPARI\r".encode(codec)
    message = parse(raw)
    assert message["PID-5"] == "ÑAUPARI"
    assert message.encode() == raw
    assert message.repairs == (f"MSH-18 said {said}, read as {name}",)


@pytest.mark.parametrize("charset", ["", "ASCII"])
def test_utf_8_under_a_silent_msh_18_is_read_and_said_so(charset):
    raw = header(charset) + "PID|||||ÑAUPARI\r".encode()
    message = parse(raw)
    assert message["PID-5"] == "ÑAUPARI"
    assert message.encode() == raw
    assert message.repairs == ("MSH-18 said ASCII, read as UTF-8",)


@pytest.mark.parametrize("charset", ["", "UNICODE UTF-8"])
def test_bytes_foreign_to_the_character_set_are_refused_at_their_field(charset):
    error = refused(header(charset) + "PID|1\rOBX|1\rOBX|2||ÑAUPARI\r".encode("latin-1"))
    assert (error.code, error.location) == (102, "OBX^2^3")


def test_a_foreign_byte_in_what_is_no_segment_has_no_location():
    assert refused(header("UNICODE UTF-8") + b"ana|1\xd1\r").location == ""


def test_a_foreign_byte_in_the_header_is_refused_at_its_field():
    error = refused(header("UNICODE UTF-8").replace(b"|B|", b"|\xd1|"))
    assert (error.code, error.location) == (102, "MSH^1^4")


@pytest.mark.parametrize(
    "charset",
    [
        "8859/2",
        "ISO IR87",
        "UNICODE UTF-16",
        "\xd1",
        "~ISO IR87",
        "ASCII~ISO IR87",
        "8859/1~ISO IR87",
        "x" * 999,
    ],
)
def test_other_character_sets_are_refused_at_msh_18(charset):
    error = refused(header(charset))
    assert (error.code, error.location) == (102, "MSH^1^18")
    assert "MSH-18" in error.text


@pytest.mark.parametrize("raw", [b"", b"\r", b"PID|1", b"FHS|^~\\&|", b" MSH|^~\\&|", b"{}"])
def test_what_does_not_begin_with_msh_is_refused(raw):
    assert refused(raw).code == 100


@pytest.mark.parametrize("line", ["pid|1", "PI|1", "PIDX|1", "hola", "MSH|^~\\&|otro", "PID^1"])
def test_a_line_that_is_no_segment_is_refused_with_its_number(line):
    error = refused(f"{HEADER}\rEVN|A08\r{line}\r".encode())
    assert error.code == 100
    assert re.search(r"\b3\b", error.text)


def test_a_message_of_the_limit_is_read_and_a_longer_one_refused():
    raw = HEADER.encode() + b"\rOBX|"
    assert len(parse(raw.ljust(MESSAGE_BYTES_MAX, b"x")).raw) == 1 << 20
    assert refused(raw.ljust(MESSAGE_BYTES_MAX + 1, b"x")).code == 104


def test_more_segments_than_the_limit_are_refused():
    raw = HEADER.encode() + b"\rOBX" * (SEGMENTS_MAX - 1)
    assert len(parse(raw).segments()) == SEGMENTS_MAX
    assert refused(raw + b"\rOBX").code == 104


def test_no_error_shows_what_the_patient_sent():
    error = refused(header("UNICODE UTF-8") + b"PID|||99000017||PRUEBA\xff\r")
    assert "PRUEBA" not in str(error) + error.text
