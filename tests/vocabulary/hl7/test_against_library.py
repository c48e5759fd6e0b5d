"""Another reader of HL7 v2, the `hl7` library, must see the same where it follows the standard.

Where it does not, its inputs are left out here: segments ended in LF or CRLF (it takes them for one segment),
`\\X..\\` beyond ASCII, `\\H\\`, `\\N\\`, `\\.br\\` and sequences without a meaning (it replaces or drops
them), and a component written into a field that it read as plain text (it fails).
"""

import itertools
from pathlib import Path

import hl7 as library
from hypothesis import given
from hypothesis import strategies as st

from ayni.vocabulary.hl7 import acknowledge, parse, split_batch

BOOKED = Path(__file__).parent / "samples/siu_s12.hl7"
SEPARATORS = ["|^~\\&", "$%*!@", "#:;?,"]
SIGNS = st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="|^~\\&$%*!@#:;?,")
TEXT = st.text(SIGNS, max_size=6)


@st.composite
def messages(draw) -> str:
    """Segments with fields, repetitions, components and subcomponents, some of them empty, some escaped.

    A last one that ends in no blank: the library takes the blanks off the end of a message.
    """
    field, component, repetition, escape, subcomponent = separators = draw(st.sampled_from(SEPARATORS))
    sequence = st.sampled_from([f"{escape}{letter}{escape}" for letter in (*"FSTRE", "X41", "X7C20")])
    leaf = st.one_of(TEXT, st.builds(lambda *parts: "".join(parts), TEXT, sequence, TEXT))
    text = leaf
    for separator, most in ((subcomponent, 3), (component, 4), (repetition, 3), (field, 6)):
        text = st.lists(text, min_size=1, max_size=most).map(separator.join)
    name = st.sampled_from(["PID", "OBX", "ZPE", "NTE"])
    segments = draw(st.lists(st.builds(f"{{}}{field}{{}}".format, name, text), min_size=1, max_size=5))
    return "\r".join([f"MSH{separators}{field}A{field * 14}UNICODE UTF-8", *segments, "ZZZ"]) + "\r"


def leaf(message, path: tuple[str | int, ...]) -> str:
    try:
        return str(message.extract_field(*path))
    except LookupError:
        return ""  # it raises for what lies beyond the end and has no word for absent


def their_path(path: str) -> tuple[str | int, ...]:
    name, _, place = path.partition("-")
    field, _, component = place.partition(".")
    return name, 1, int(field), 1, int(component or 1)


@given(messages())
def test_both_readers_see_the_same_leaves(text):
    ours, theirs = parse(text.encode()), library.parse(text)
    for name in ("PID", "OBX", "ZPE", "NTE"):
        for number in range(1, len(ours.segments(name)) + 1):
            for place in itertools.product(range(1, 7), range(1, 4), range(1, 5), range(1, 4)):
                field, repetition, component, subcomponent = place
                path = f"{name}[{number}]-{field}[{repetition}].{component}.{subcomponent}"
                assert ours[path] == leaf(theirs, (name, number, *place)), path


def test_both_readers_see_the_same_leaves_of_our_messages(sample):
    ours, theirs = parse(sample), library.parse(sample.decode())
    for segment in ours.segments():
        number = 1 + [s["1"] for s in ours.segments(segment.name)].index(segment["1"])
        for field, component in itertools.product(range(3 if segment.name == "MSH" else 1, 45), range(1, 15)):
            path = f"{segment.name}[{number}]-{field}.{component}"
            assert ours[path] == leaf(theirs, (segment.name, number, field, 1, component, 1)), path


@given(messages())
def test_both_readers_have_as_many_segments_fields_and_repetitions(text):
    ours, theirs = parse(text.encode()), library.parse(text)
    assert [segment.name for segment in ours.segments()] == [str(segment[0]) for segment in theirs]
    for mine, other in zip(ours.segments()[1:], theirs[1:], strict=True):
        assert len(mine.fields_after(0)) == len(other) - 1
        for field in range(1, len(other)):
            # An empty field has no repetition of ours, and an empty one of theirs.
            assert max(1, len(mine.repetitions(field))) == max(1, len(other[field])), (mine.name, field)


@given(st.sampled_from(["PID-5.2", "PID-7", "SCH-6.1"]), TEXT | st.text(st.sampled_from("|^~\\&FSTREX41 ")))
def test_the_library_reads_what_we_write(path, value):
    message = parse(BOOKED.read_bytes())
    message[path] = value
    assert leaf(library.parse(message.encode().decode()), their_path(path)) == value


def test_we_read_what_the_library_writes(booked):
    theirs = library.parse(booked.decode())
    theirs["PID"][0].assign_field("ELENA", 5, 1, 2)
    theirs["SCH"][0].assign_field("Otra", 6, 1, 2)
    ours = parse(str(theirs).encode())
    assert (ours["PID-5.2"], ours["SCH-6.2"]) == ("ELENA", "Otra")
    message = parse(booked)
    message["PID-5.2"], message["SCH-6.2"] = "ELENA", "Otra"
    assert message.encode() == ours.encode()


def test_both_answer_the_same_message_alike(sample, at):
    ours = acknowledge(parse(sample), "AA", control_id="A-1", at=at)
    theirs = library.parse(sample.decode()).create_ack("AA", message_id="A-1")
    header = [f"MSH-{place}" for place in (3, 4, 5, 6, 9.1, 9.2, 9.3, 10, 11, 12)]
    named = [*header, "MSA-1", "MSA-2"]
    assert [ours[path] for path in named] == [leaf(theirs, their_path(path)) for path in named]


ONE, TWO = "MSH|^~\\&|A|||||||1\rPID|1\r", "MSH$%*!@$A$$$$$$$2\rPID$1\r"


@given(st.lists(st.lists(st.sampled_from([ONE, TWO]), min_size=1, max_size=3), min_size=1, max_size=3))
def test_both_split_a_file_of_batches_alike(batches):
    bodies = [f"BHS|^~\\&|LAB\r{''.join(messages)}BTS|{len(messages)}\r" for messages in batches]
    text = f"FHS|^~\\&|LAB\r{''.join(bodies)}FTS|{len(bodies)}\r"
    ours, theirs = split_batch(text.encode()), library.parse_file(text)
    assert [len(batch.messages) for batch in ours.batches] == [len(batch) for batch in theirs]
    assert [message.decode() for message in ours.messages] == [str(m) for batch in theirs for m in batch]
