"""Whatever strangers send: frames are found or refused, messages read or answered, nothing else."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayni.wire.mllp import END, START
from chaos.fuzz import MARKS, arrivals_hold, corpus, encoding_holds, framing_holds, reading_holds

unhurried = settings(max_examples=200, deadline=None)
SAMPLES = corpus()


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A message of the repository with a few places cut out, put in or repeated."""
    raw = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(raw)))
        end = min(len(raw), start + draw(st.sampled_from((0, 0, 1, 2, 20))))
        put_in = draw(st.sampled_from(MARKS) | st.binary(max_size=4) | st.just(raw[start:end] * 2))
        raw = raw[:start] + put_in + raw[end:]
    return raw


@unhurried
@given(st.lists(damaged().map(lambda raw: START + raw + END) | st.sampled_from(MARKS), max_size=4), st.data())
def test_frames_do_not_depend_on_how_their_bytes_are_cut(frames: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(frames)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    marks = [0, *cuts, len(stream)]
    framing_holds([stream[start:end] for start, end in itertools.pairwise(marks)])


@unhurried
@given(
    st.lists(damaged().map(lambda raw: START + raw + END) | st.binary(max_size=40), max_size=20).map(b"".join)
)
def test_a_listener_takes_whatever_comes(stream: bytes) -> None:
    arrivals_hold(stream)


@unhurried
@given(damaged() | st.binary(max_size=200))
def test_a_message_is_read_or_refused_and_either_way_answered(raw: bytes) -> None:
    reading_holds(raw)


def test_a_control_id_that_ends_in_half_an_end_mark_is_answered() -> None:
    reading_holds(SAMPLES[0].replace(b"|T|2.5.1", b"\x1c|T|2.5.1", 1))


@unhurried
@given(damaged())
def test_what_is_read_is_written_as_it_came(raw: bytes) -> None:
    encoding_holds(raw)


def test_an_answer_separated_by_the_sign_of_its_own_time_can_be_read() -> None:
    reading_holds(SAMPLES[0].partition(b"\r")[0].replace(b"-", b"").replace(b"|", b"-"))


@pytest.mark.parametrize("raw", [b"MSH|~-", b"MSH|^-\\&|", b"MSH-^~\\&-A-B-----ADT-1-T-2.5.1\r"])
def test_the_sign_of_a_time_may_be_a_separator_that_nothing_can_escape(raw: bytes) -> None:
    reading_holds(raw)
