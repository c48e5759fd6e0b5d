"""Frames without sockets: found in any pieces, bounded, and never another format."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.wire.mllp import (
    END,
    FRAME_BYTES_MAX,
    OUTSIDE_BYTES_MAX,
    START,
    FrameReader,
    FrameTooLong,
    NotFrameable,
    NotHl7,
    frame,
)
from ayni.wire.mllp.arrivals import WAITING_BYTES_MAX, WAITING_MAX, Arrivals
from ayni.wire.mllp.strangers import stranger

FIRST, SECOND = b"MSH|^~\\&|one\rPID|1\r", b"MSH|^~\\&|two\x1c\rPID|\r".replace(b"\x1c\r", b"\x1c|")
TWO_FRAMES = frame(FIRST) + frame(SECOND)

STRANGERS = {
    "xml": [b"<?xml version='1.0'?><ACK/>", b"\xef\xbb\xbf\r\n <ADT_A01>", b"\xff\xfe<\x00A\x00"],
    "json": [b'{"resourceType": "Bundle"}', b" [1, 2]"],
    "http": [b"GET / HTTP/1.1\r\n", b"POST /hl7 HTTP/1.1\r\nHost: x", b"HTTP/1.1 400 Bad", b"PRI * HTTP/2.0"],
    "tls": [b"\x16\x03\x01\x02\x00\x01", b"\x15\x03\x03\x00\x02\x02\x28"],
    "zip": [b"PK\x03\x04\x14\x00", b"PK\x05\x06"],
}
EACH_STRANGER = [(name, head) for name, heads in STRANGERS.items() for head in heads]


@pytest.mark.parametrize("cut", range(len(TWO_FRAMES) + 1))
def test_two_frames_may_arrive_in_any_two_pieces(cut: int) -> None:
    reader = FrameReader()
    assert reader.feed(TWO_FRAMES[:cut]) + reader.feed(TWO_FRAMES[cut:]) == [FIRST, SECOND]


def test_two_frames_may_arrive_byte_by_byte() -> None:
    reader = FrameReader()
    assert [message for byte in TWO_FRAMES for message in reader.feed(bytes([byte]))] == [FIRST, SECOND]


def test_bytes_before_a_frame_are_ignored() -> None:
    reader = FrameReader()
    for _ in range(OUTSIDE_BYTES_MAX):
        assert reader.feed(b"\r\n\x00" + frame(FIRST)) == [FIRST]


def test_a_start_mark_inside_a_message_is_content() -> None:
    """Word processors write it as a line break; to begin there would let a text carry a message."""
    inner = b"MSH|one\rOBX|1|TX|||see\x0bMSH|another\r"
    assert _found([frame(inner)]) == _found([frame(inner)[:-1], frame(inner)[-1:]]) == ([inner], "")


def test_an_end_without_a_start_is_an_empty_message() -> None:
    assert FrameReader().feed(b"MSH|one\r" + END + frame(SECOND)) == [b"", SECOND]


def test_a_message_with_the_end_mark_inside_is_not_framed() -> None:
    with pytest.raises(NotFrameable):
        frame(b"MSH|one\x1c\rPID|2\r")
    assert FrameReader().feed(frame(b"MSH|one\x1c")) == [b"MSH|one\x1c"]


PIECES = [
    START,
    b"\x1c",
    b"\r",
    END,
    b"MSH|",
    b"\xff",
    b"<",
    b"GET ",
    b"x" * 300,
    b"y" * (FRAME_BYTES_MAX // 2),
]


@given(st.lists(st.sampled_from(PIECES), max_size=12), st.lists(st.integers(0, 1 << 22), max_size=12))
def test_framing_does_not_depend_on_how_the_bytes_are_cut(pieces: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(pieces)
    marks = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    in_pieces = [stream[start:end] for start, end in itertools.pairwise(marks)]
    assert _found(in_pieces) == _found([stream])


def _found(pieces: list[bytes]) -> tuple[list[bytes], str]:
    """The messages until the stream ends or is found unfit, and why it is."""
    reader, messages = FrameReader(), []
    for piece in pieces:
        try:
            messages += reader.feed(piece)
        except (FrameTooLong, NotHl7) as unfit:
            return messages + unfit.before, unfit.reason
    return messages, ""


@pytest.mark.parametrize("pieces", [1, 2, 3])
def test_a_message_of_the_limit_passes_however_it_is_cut(pieces: int) -> None:
    whole, reader = frame(b"x" * FRAME_BYTES_MAX), FrameReader()
    cut = len(whole) - pieces + 1
    assert reader.feed(whole[:cut]) + reader.feed(whole[cut:]) == [b"x" * FRAME_BYTES_MAX]


def test_a_message_above_the_limit_is_found_out_before_it_ends() -> None:
    reader = FrameReader()
    with pytest.raises(FrameTooLong) as refused:
        reader.feed(frame(FIRST) + frame(b"MSH" + b"x" * FRAME_BYTES_MAX)[: -len(END)] + b"x")
    assert refused.value.head.startswith(b"MSHx")
    assert refused.value.before == [FIRST]
    with pytest.raises(FrameTooLong):
        FrameReader().feed(frame(b"x" * (FRAME_BYTES_MAX + 1)))


def test_more_than_a_kilobyte_outside_a_frame_is_another_protocol() -> None:
    outside = b"." * OUTSIDE_BYTES_MAX
    assert _found([outside + END]) == _found([outside + b"\x1c", b"\r"]) == ([b""], "")
    assert _found([outside, b"."]) == _found([outside + b"." + frame(FIRST)]) == ([], "bytes outside a frame")


@pytest.mark.parametrize(("name", "head"), EACH_STRANGER)
def test_another_format_is_told_by_its_beginning(name: str, head: bytes) -> None:
    assert stranger(head) == name


@pytest.mark.parametrize(
    "head", [b"", b"MSH|^~\\&|", b"\xef\xbb\xbfMSH|", b"BHS|", b"\r\n", b"P", b"GETTING|"]
)
def test_what_is_no_other_format_is_not_taken_for_one(head: bytes) -> None:
    assert stranger(head) == ""


@pytest.mark.parametrize(("name", "head"), EACH_STRANGER)
@pytest.mark.parametrize("step", [1, 100])
def test_another_protocol_is_refused_also_with_a_frame_in_its_body(name: str, head: bytes, step: int) -> None:
    sent = head + b"\r\n\r\n" + frame(FIRST)
    assert _found([sent[start : start + step] for start in range(0, len(sent), step)]) == ([], name)


@pytest.mark.parametrize(("name", "head"), EACH_STRANGER)
@pytest.mark.parametrize("end", [b"", END + frame(SECOND)])
def test_another_format_in_a_frame_ends_what_arrives(name: str, head: bytes, end: bytes) -> None:
    arrivals = Arrivals()
    arrivals.feed(frame(FIRST) + START + head + end)
    assert arrivals.unfit is not None
    assert (arrivals.unfit.reason, arrivals.unfit.is_framed, arrivals.unfit.head[:4]) == (
        name,
        True,
        head[:4],
    )
    arrivals.feed(frame(SECOND) * 100)
    assert arrivals.take() == FIRST
    assert not arrivals


def test_arrivals_are_crowded_by_their_number_or_their_bytes() -> None:
    many, large = Arrivals(), Arrivals()
    many.feed(frame(FIRST) * WAITING_MAX)
    large.feed(frame(b"M" * WAITING_BYTES_MAX))
    assert (many.is_crowded, large.is_crowded) == (False, False)
    many.feed(frame(FIRST))
    large.feed(frame(FIRST))
    assert (many.is_crowded, large.is_crowded) == (True, True)


def test_what_is_held_is_counted_until_it_is_answered() -> None:
    arrivals = Arrivals()
    arrivals.feed(frame(b"M" * 10) * 3 + START + b"M" * 4)
    assert arrivals.byte_count == 35
    arrivals.take()
    assert arrivals.byte_count == 35
    arrivals.take()
    assert arrivals.byte_count == 25
    arrivals.clear()
    assert arrivals.byte_count == 15
    arrivals.settle()
    assert arrivals.byte_count == 5
