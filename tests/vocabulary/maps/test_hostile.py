"""Whatever a stranger changes, the maps answer with a finding and its place, never with a broken program."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ayni.vocabulary.fhir import FhirError, Resource, dumps, loads, require_structure
from ayni.vocabulary.hl7 import Hl7Error, parse
from ayni.vocabulary.maps import (
    check_request,
    event_from_schedule,
    patient_from,
    resources_from_srm,
    srm_from_intake,
)

CHANNELS = Path(__file__).resolve().parents[3] / "channels"
INTAKE = (CHANNELS / "intake_to_ehr/samples/01-cough-18-days.in.json").read_bytes()
SRM = (CHANNELS / "intake_to_ehr/samples/01-cough-18-days.out.hl7").read_bytes()
SIU = (CHANNELS / "state_to_qhali/samples/01-booked.in.hl7").read_bytes()

Path_ = tuple[str | int, ...]
DELETED = object()


def _places(node: Any, path: Path_ = ()) -> Iterator[Path_]:
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield (*path, key)
        yield from _places(child, (*path, key))


def _changed(path: Path_, value: Any) -> Resource:
    intake = loads(INTAKE)
    node: Any = intake
    for key in path[:-1]:
        node = node[key]
    if value is DELETED:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return intake


def _map(intake: Resource) -> None:
    """Whatever the engine says yes to is taken by the record: its sender would not hear of a later no."""
    try:
        document = loads(dumps(intake))
        require_structure(document)
        raw = srm_from_intake(document).encode()
    except FhirError:
        return
    _at_the_door(raw)


PLACES = list(_places(loads(INTAKE)))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(max_size=12)
    | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["url", "system", "code", "coding", "text", "value", "start", "extension"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)
ODD: list[Any] = [
    None,
    [],
    {},
    [[]],
    [{}],
    [None],
    "",
    "x",
    "\x00\x0b\x1c\r",
    0,
    -1,
    True,
    {"coding": [{}]},
    [{"coding": [{}]}],
    DELETED,
    "2026-13-45",
    "2026-11-23",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-14:00",
]


def test_no_single_odd_value_anywhere_breaks_the_intake() -> None:
    for path in PLACES:
        for value in ODD:
            _map(_changed(path, value))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), JSON), min_size=1, max_size=3))
def test_no_change_of_its_json_breaks_the_intake(changes: list[tuple[Path_, Any]]) -> None:
    intake = loads(INTAKE)
    for path, value in changes:
        node: Any = intake
        with suppress(KeyError, IndexError, TypeError):  # an earlier change took this place away
            for key in path[:-1]:
                node = node[key]
            node[path[-1]] = value
    _map(intake)


def _event(raw: bytes) -> object:
    return dumps(event_from_schedule(parse(raw)))


@cache  # most changes of an intake leave its SRM as it was
def _at_the_door(raw: bytes) -> object:
    check_request(parse(raw))
    return _record(raw)


def _record(raw: bytes) -> object:
    message = parse(raw)
    return patient_from(message), resources_from_srm(message, patient="Patient/1")


def _read(read: Callable[[bytes], object], raw: bytes) -> None:
    with suppress(Hl7Error):
        read(raw)


def _with_bytes(raw: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    for at, length, put in changes:
        at %= len(raw) or 1
        raw = raw[:at] + put + raw[at + length :]
    return raw


SNIPPETS = st.sampled_from(
    [
        b"",
        b"|",
        b"^",
        b"~",
        b"&",
        b"\\",
        b"\r",
        b"\n",
        b"\x0b",
        b"\xff",
        b"\xc3",
        b"9" * 5000,
        b"99991231235959+1400",
        b"0001",
        b"\\X00\\",
        b"\\X\\",
        "٣".encode(),
        b"|T|",
        b"MSH",
    ]
)
CHANGES = st.lists(
    st.tuples(st.integers(0, 4000), st.integers(0, 30), SNIPPETS | st.binary(max_size=6)),
    min_size=1,
    max_size=4,
)


@settings(max_examples=300, deadline=None)
@given(CHANGES)
@example([(SIU.index(b"15|min"), 2, b"9" * 5000)])
def test_no_change_of_its_bytes_breaks_the_reading_of_a_siu(changes: list[tuple[int, int, bytes]]) -> None:
    _read(_event, _with_bytes(SIU, changes))


@settings(max_examples=300, deadline=None)
@given(CHANGES)
@example([(SRM.index(b"20261123093015"), 19, b"99991231235959-0500")])
def test_no_change_of_its_bytes_breaks_the_reading_of_a_request(
    changes: list[tuple[int, int, bytes]],
) -> None:
    raw = _with_bytes(SRM, changes)
    _read(_record, raw)
    _read(_at_the_door, raw)


def test_no_single_odd_field_breaks_the_reading() -> None:
    odd = ["", "x", "9" * 5000, "99991231235959-1400", "00010101000000+1400", "^" * 20, "~~", "\\", "٣٣", "0"]
    for read, raw in ((_event, SIU), (_record, SRM)):
        for at, segment in enumerate(lines := raw.decode().split("\r")):
            for number in range(1, len(fields := segment.split("|"))):
                for value in odd:
                    changed = "|".join([*fields[:number], value, *fields[number + 1 :]])
                    _read(read, "\r".join([*lines[:at], changed, *lines[at + 1 :]]).encode())
