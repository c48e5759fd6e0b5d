"""Whatever a map of the exercise is given, at its door or behind it: a result, or an error with a place."""

import copy
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ayni.vocabulary.fhir import FhirError, Resource
from ayni.vocabulary.hl7 import Hl7Error, Message, parse
from ayni.vocabulary.maps import (
    check_request,
    event_from_schedule,
    event_key_of,
    facility_in,
    patient_from,
    request_id_in,
    request_id_of,
    resources_from_srm,
    siu_from_event,
    srm_from_intake,
    srr_from_event,
)
from ayni.vocabulary.request import State

from .conftest import CHANNELS, INTAKE, make_event

Read = Callable[[Any], object]

ANSWERS = "QH-7M3K9XBT4D.Q001"
OF_FHIR: dict[str, Read] = {
    "request_id_of": request_id_of,
    "srm_from_intake": lambda given: srm_from_intake(given).encode(),
    "siu_from_event": lambda given: siu_from_event(given).encode(),
    "srr_from_event": lambda given: srr_from_event(given, answers=ANSWERS).encode(),
}
OF_V2: dict[str, Callable[[Message], object]] = {
    "check_request": check_request,
    "request_id_in": request_id_in,
    "facility_in": facility_in,
    "patient_from": patient_from,
    "resources_from_srm": lambda given: resources_from_srm(given, patient="Patient/1"),
    "event_key_of": event_key_of,
    "event_from_schedule": event_from_schedule,
}
MESSAGES = [
    *(
        make_event(state, has_time=has_time)
        for state in (State.BOOKED, State.REJECTED)
        for has_time in (True, False)
    ),
    make_event(State.RECEIVED, 1, has_time=False),
    make_event(State.CANCELLED, note=[{"text": "Se malogró el equipo."}]),
    INTAKE,
]
SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.hl7")) + sorted(CHANNELS.glob("*/samples/*.hl7"))
LINES = [path.read_bytes().decode().replace("\n", "\r").rstrip("\r").split("\r") for path in SAMPLES]

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
NAMES = st.sampled_from(
    [
        "resourceType",
        "type",
        "entry",
        "resource",
        "identifier",
        "system",
        "value",
        "coding",
        "code",
        "meta",
        "tag",
    ]
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)
WORDS = st.one_of(
    st.text(max_size=8),
    st.text('^&~\\|"0123456789.+-: ÑX', max_size=12),
    st.sampled_from(['""', "^^^", "~", "99999999", "20261399", "9" * 400, "QH-7M3K9XBT4D.R004", "\\X00\\"]),
)


def answers(read: Read, given: Any) -> None:
    """Gives a result, or says what is wrong and where."""
    try:
        read(given)
    except FhirError as error:
        assert (bool(error.expression), bool(error.text)) == (True, True)  # noqa: PT017
    except Hl7Error as error:
        assert (bool(error.location), bool(error.text)) == (True, True)  # noqa: PT017


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield (*path, key)
        yield from places(child, (*path, key))


PLACES = [tuple(places(message)) for message in MESSAGES]


@st.composite
def changed(draw: st.DrawFn) -> Resource:
    """A good message of which a stranger changed a few elements."""
    number = draw(st.integers(0, len(MESSAGES) - 1))
    message = copy.deepcopy(MESSAGES[number])
    for path in draw(st.lists(st.sampled_from(PLACES[number]), min_size=1, max_size=3)):
        node: Any = message
        with suppress(KeyError, IndexError, TypeError):  # an earlier change took this place away
            for key in path[:-1]:
                node = node[key]
            node[path[-1]] = draw(JSON)
    return message


@st.composite
def written(draw: st.DrawFn) -> bytes:
    """A good message in v2 whose segments, fields and components a stranger changed."""
    lines = [line.split("|") for line in draw(st.sampled_from(LINES))]
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(lines) - 1))
        how = draw(st.sampled_from(["field", "component", "drop", "twice"]))
        if how == "drop" and at:
            del lines[at]
        elif how == "twice":
            lines.append(list(lines[at]))
        else:
            number = draw(st.integers(1, max(1, len(lines[at]) - 1)))
            fields = lines[at] + [""] * (number + 1 - len(lines[at]))
            parts = fields[number].split("^")
            parts[draw(st.integers(0, len(parts) - 1))] = draw(WORDS)
            fields[number] = "^".join(parts) if how == "component" else draw(WORDS)
            lines[at] = fields
    return "\r".join("|".join(line) for line in lines).encode("utf-8", "replace")


@pytest.mark.parametrize("name", OF_FHIR)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(JSON)
@example(None)
@example(
    {"resourceType": "Bundle", "type": "message", "entry": [{"resource": {"resourceType": "MessageHeader"}}]}
)
def test_any_json_is_answered(name: str, given: Any) -> None:
    answers(OF_FHIR[name], given)


@pytest.mark.parametrize("name", OF_FHIR)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changed())
def test_any_change_of_a_message_is_answered(name: str, given: Resource) -> None:
    answers(OF_FHIR[name], given)


@pytest.mark.parametrize("name", OF_V2)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(written())
def test_any_change_of_a_v2_message_is_answered(name: str, raw: bytes) -> None:
    try:
        message = parse(raw)
    except Hl7Error:
        return  # no message
    answers(OF_V2[name], message)


@pytest.mark.parametrize("name", OF_FHIR)
def test_no_odd_value_anywhere_breaks_a_map(name: str) -> None:
    """Each element of a message, replaced by what no reader expects there, without a door before the map."""
    for message, every in zip(MESSAGES[-2:], PLACES[-2:], strict=True):
        for *path, last in every:
            node: Any = message
            for key in path:
                node = node[key]
            whole = node[last]
            for odd in (None, [], {}, [None], "x", 7, "\ud800"):
                node[last] = odd
                answers(OF_FHIR[name], message)
            node[last] = whole
