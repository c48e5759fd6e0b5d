from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayni.vocabulary.fhir import loads
from ayni.wire import received
from ayni.wire.database import Database
from ayni.wire.received import (
    KeyReused,
    ReceivedKey,
    earlier_answer,
    hash_bytes,
    hash_fhir,
    hash_v2,
    remember,
)

RAW = b"MSH|^~\\&|A|B|C|D|20261123093015-0500||SIU^S12|K1|T|2.5.1\rSCH|1\r"
KEY = ReceivedKey("mllp", "A|B", "K1", hash_v2(RAW))


def test_the_same_message_hears_the_same_answer_also_after_a_restart(tmp_path: Path, clock: Any) -> None:
    database = Database(tmp_path / "f", received.SCHEMA)
    with database.transaction() as tx:
        assert earlier_answer(tx, KEY) is None
        remember(tx, KEY, b"\x00first", now=clock)
        assert earlier_answer(tx, KEY) == b"\x00first"
    database.close()
    database = Database(tmp_path / "f", received.SCHEMA)
    with database.reading() as tx:
        assert earlier_answer(tx, KEY) == b"\x00first"
        with pytest.raises(KeyReused):
            earlier_answer(tx, ReceivedKey("mllp", "A|B", "K1", hash_v2(RAW + b"PV1|1\r")))
    database.close()


@pytest.mark.parametrize(
    "other",
    [
        ReceivedKey("fhir", "A|B", "K1", KEY.content_hash),
        ReceivedKey("mllp", "A|X", "K1", KEY.content_hash),
        ReceivedKey("mllp", "A|B", "K2", KEY.content_hash),
    ],
)
def test_control_ids_of_other_senders_and_doors_are_other_messages(
    database: Database, clock: Any, other: ReceivedKey
) -> None:
    with database.transaction() as tx:
        remember(tx, KEY, b"first", now=clock)
        assert earlier_answer(tx, other) is None


def test_what_is_not_committed_is_not_remembered(database: Database, clock: Any) -> None:
    with suppress(RuntimeError), database.transaction() as tx:
        remember(tx, KEY, b"first", now=clock)
        raise RuntimeError
    with database.reading() as tx:
        assert earlier_answer(tx, KEY) is None


def test_a_resend_with_a_new_time_is_the_same_message_and_any_other_change_is_not() -> None:
    assert hash_v2(RAW) == hash_v2(RAW.replace(b"20261123093015-0500", b"20270101000000-0500"))
    assert hash_v2(RAW) == hash_v2(RAW.replace(b"20261123093015-0500", b""))
    for other in (
        RAW.replace(b"|D|", b"|E|"),
        RAW.replace(b"SCH|1", b"SCH|2"),
        RAW.replace(b"|T|", b"|P|"),
        RAW[:-1],
    ):
        assert hash_v2(RAW) != hash_v2(other)


def test_the_separator_is_the_message_own() -> None:
    other = RAW.replace(b"|", b"#")
    assert hash_v2(other) == hash_v2(other.replace(b"20261123093015-0500", b"now"))


@given(st.binary(max_size=80), st.binary(max_size=80))
def test_bytes_that_are_no_v2_message_with_a_time_keep_their_own_hash(one: bytes, other: bytes) -> None:
    one, other = one.replace(b"|", b""), other.replace(b"|", b"")
    assert (hash_v2(b"MSH|" + one) == hash_v2(b"MSH|" + other)) is (one == other)


@pytest.mark.parametrize("raw", [b"", b"M", b"MSH", b"MSH|", b"MSH|^~\\&", b"\r", b"not hl7 at all"])
def test_any_bytes_have_a_hash(raw: bytes) -> None:
    assert len(hash_v2(raw)) == len(hash_bytes(raw)) == 32


BUNDLE = b'{"resourceType":"Bundle","meta":{"tag":[]},"timestamp":"2026","entry":[{"resource":%s}]}'
HEAD = b'{"resourceType":"MessageHeader","id":"1","meta":{"lastUpdated":"2026"},"timestamp":"2026","n":1.10}'


def hashed(*changes: tuple[bytes, bytes]) -> bytes:
    raw = BUNDLE % HEAD
    for old, new in changes:
        assert old in raw
        raw = raw.replace(old, new, 1)
    return hash_fhir(loads(raw))


@pytest.mark.parametrize(
    "change",
    [
        (b'"timestamp":"2026",', b'"timestamp":"2027",'),
        (b'"timestamp":"2026",', b""),
        (b'{"tag"', b'{"lastUpdated":"2027","tag"'),
        (b'":[', b'" : ['),
    ],
)
def test_a_bundle_with_new_times_of_its_own_is_the_same_message(change: tuple[bytes, bytes]) -> None:
    assert hashed(change) == hashed()


@pytest.mark.parametrize(
    "change",
    [
        (b'"id":"1"', b'"id":"2"'),
        (b'{"tag":[]}', b'{"tag":[{}]}'),
        (b'{"lastUpdated":"2026"}', b'{"lastUpdated":"2027"}'),
        (b'"timestamp":"2026","n"', b'"timestamp":"2027","n"'),
        (b"1.10", b"1.1"),
    ],
)
def test_any_other_change_of_a_bundle_is_another_message(change: tuple[bytes, bytes]) -> None:
    assert hashed(change) != hashed()


def test_a_bundle_that_had_no_other_meta_than_its_time_is_the_same_without() -> None:
    bare = {"resourceType": "Bundle"}
    assert hash_fhir(bare | {"meta": {"lastUpdated": "2026"}}) == hash_fhir(bare)


@pytest.mark.parametrize("meta", [None, 1, [], "text"])
def test_a_meta_of_any_shape_has_a_hash(meta: Any) -> None:
    assert len(hash_fhir({"resourceType": "Bundle", "meta": meta})) == 32
