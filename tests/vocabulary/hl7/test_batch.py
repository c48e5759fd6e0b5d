from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.vocabulary.hl7 import (
    BATCH_BYTES_MAX,
    BATCH_PIECES_MAX,
    Batch,
    BatchFile,
    Hl7Error,
    new_batch,
    parse,
    split_batch,
)

FHS = b"FHS|^~\\&|LAB|CAJ|QHALI|ZLTECH|20261123||noche|F-1\r"
BHS = b"BHS|^~\\&|LAB|\xc3\x91A\\T\\B|QHALI|ZLTECH|20261123||||B-1\r"
ONE = b"MSH|^~\\&|A|||||||1\rPID|1\r"
TWO = b"MSH$%*!@$A$$$$$$$2\rPID$1\r"
BTS, FTS = b"BTS|2|fin\r", b"FTS|1\r"


def refused(raw: bytes) -> Hl7Error:
    with pytest.raises(Hl7Error) as caught:
        split_batch(raw)
    return caught.value


def test_a_file_is_split_into_batches_and_messages_with_their_headers():
    found = split_batch(FHS + BHS + ONE + TWO + BTS + FTS)
    assert found == BatchFile((Batch((ONE, TWO), BHS, BTS),), FHS, FTS)
    assert [parse(message).control_id for message in found.messages] == ["1", "2"]


def test_headers_and_trailers_read_by_path():
    found = split_batch(FHS + BHS + ONE + TWO + BTS + FTS)
    assert (found.envelope["FHS-1"], found.envelope["FHS-2"], found.envelope["FHS-9"]) == (
        "|",
        "^~\\&",
        "noche",
    )
    assert found.envelope["FTS-1"] == "1"
    (batch,) = found.batches
    assert (batch.envelope["BHS-4"], batch.envelope["BHS-11"], batch.envelope["BTS-2"]) == (
        "ÑA&B",
        "B-1",
        "fin",
    )


@pytest.mark.parametrize(
    ("raw", "shape"),
    [
        (ONE, [1]),
        (ONE + TWO, [2]),
        (BHS + ONE + BTS, [1]),
        (BHS + BTS, [0]),
        (BHS + ONE + BHS + TWO, [1, 1]),
        (BHS + ONE + BTS + ONE + TWO, [1, 2]),
        (FHS + ONE + BTS + FTS, [1]),
        (FHS + FTS, []),
        (FHS, []),
        (FHS + BHS + ONE + BTS + BHS + TWO + BTS + FTS, [1, 1]),
    ],
)
def test_every_part_but_the_messages_may_be_absent(raw, shape):
    found = split_batch(raw)
    assert [len(batch.messages) for batch in found.batches] == shape
    assert found.encode() == raw


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_marks_of_editors_stay(end, mark):
    raw = mark + (FHS + BHS + ONE + TWO + BTS + FTS).replace(b"\r", end)
    found = split_batch(raw)
    assert found.encode() == raw
    assert (len(found.messages), found.findings(), found.envelope["FHS-9"]) == (2, [], "noche")


pieces = st.sampled_from(
    [FHS, BHS, ONE, TWO, BTS, FTS, b"NTE|1\r", b"\r", b"\n", b"MSHX|\r", b"BTS\r", b"\xff"]
)


@given(st.lists(pieces, max_size=12).map(b"".join))
def test_whatever_can_be_split_encodes_to_the_same_bytes(raw):
    with suppress(Hl7Error):
        found = split_batch(raw)
        assert found.encode() == raw
        assert isinstance(found.findings(), list)


def test_a_message_that_cannot_be_parsed_does_not_spoil_the_others():
    broken = b"MSH|^^^^|\r"
    assert split_batch(BHS + ONE + broken + TWO).messages == [ONE, broken, TWO]


def test_what_follows_a_trailer_is_kept_with_it():
    raw = BHS + ONE + BTS + b"NTE|1\r"
    assert split_batch(raw).batches[0].trailer == BTS + b"NTE|1\r"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (FHS + BHS + ONE + TWO + BTS + FTS, []),
        (ONE, []),
        (BHS + ONE + b"BTS\r", []),
        (BHS + ONE + b"BTS|0001\r", []),
        (BHS + b"BTS|0\r", []),
        (BHS + ONE + b"BTS|2\r", [(100, "BTS^1^1")]),
        (BHS + ONE, [(100, "BTS^1")]),
        (BHS + ONE + b"BTS|1\r" + BHS + ONE + b"BTS|" + b"9" * 9999 + b"\r", [(100, "BTS^2^1")]),
        (BHS + ONE + b"BTS|uno\r", [(102, "BTS^1^1")]),
        (FHS + BHS + ONE + TWO + BTS, [(100, "FTS^1")]),
        (FHS + BHS + ONE + TWO + BTS + b"FTS|3\r", [(100, "FTS^1^1")]),
    ],
)
def test_counts_and_missing_trailers_are_findings(raw, expected):
    assert [(finding.code, finding.location) for finding in split_batch(raw).findings()] == expected


def test_a_trailer_is_read_with_the_separators_of_its_header():
    raw = BHS.replace(b"|", b"$") + ONE + b"BTS$2\r"
    assert [finding.location for finding in split_batch(raw).findings()] == ["BTS^1^1"]


@pytest.mark.parametrize(
    "raw", [b"", b"\r", b"PID|1\r", b"BTS|0\r", b"FTS|0\r", b"PID|1\r" + ONE, b"hola\rMSH|"]
)
def test_what_does_not_begin_as_a_batch_is_refused(raw):
    error = refused(raw)
    assert (error.code, error.text) == (100, "El lote no empieza con FHS, BHS ni MSH.")


@pytest.mark.parametrize("raw", [BHS + ONE + BTS + BTS, ONE + FHS + ONE, FHS + FTS + ONE, FHS + FHS + FTS])
def test_headers_and_trailers_in_an_impossible_order_are_refused(raw):
    assert "fuera de lugar" in refused(raw).text


def test_a_batch_above_the_limit_is_refused():
    assert refused(b"MSH|".ljust(BATCH_BYTES_MAX + 1, b"x")).code == 104


def test_a_batch_of_too_many_pieces_is_refused():
    assert len(split_batch(b"MSH\r" * BATCH_PIECES_MAX).messages) == BATCH_PIECES_MAX
    assert refused(b"MSH\r" * (BATCH_PIECES_MAX + 1)).code == 104


def test_a_batch_is_built_with_its_counts_and_reads_as_it_was(at):
    names = {"sender": ("LAB", "CAJ & CÍA"), "receiver": ("QHALI", "ZLTECH")}
    built = new_batch([ONE, TWO[:-1]], control_id="B-1", at=at, **names)
    assert built.encode().split(b"\r")[:2] == [
        b"FHS|^~\\&|LAB|CAJ \\T\\ C\xc3\x8dA|QHALI|ZLTECH|20261123093015-0500||||B-1",
        b"BHS|^~\\&|LAB|CAJ \\T\\ C\xc3\x8dA|QHALI|ZLTECH|20261123093015-0500||||B-1",
    ]
    assert split_batch(built.encode()) == built
    assert (built.messages, built.findings()) == ([ONE, TWO], [])
