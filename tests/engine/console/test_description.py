"""The description of the interface: complete, true, and the same as what is answered."""

import json
import re
from typing import Any

import msgspec
import pytest

from ayni.engine.console.api.operations import DESCRIPTION, OPERATIONS

from . import shape_check

DESCRIBED: dict[str, Any] = json.loads(DESCRIPTION)
BODIES: dict[str, Any] = {
    "search": {"document": "99000017"},
    "export": {"channel": "state_to_qhali"},
    "begin-text-search": {"text": "PRUEBA"},
    "requeue-many": {"all": True},
    "set-aside-many": {"all": True},
    "hold": {"reason": "EXP-1", "messages": [1]},
    "held-messages": {"reason": "EXP-1"},
    "lift-hold": {"reason": "EXP-1"},
    "account-add": {"name": "rosa", "role": "viewer"},
    "account-role": {"role": "operator"},
}
VALUES = {"channel": "state_to_qhali", "partner": "qhali", "id": "1", "delivery": "1", "name": "rosa"}
QUERIES = {"follow": "?correlation_id=QH-0000000000", "stalled": "?limit=1", "messages": "?limit=1"}
OTHERS = {"set-aside": VALUES | {"id": "2", "delivery": "2"}}
LATE = (
    "held-messages",
    "lift-hold",
    "account-role",
    "account-password",
    "account-remove",
    "requeue-many",
    "set-aside-many",
)
"""These need what the others leave, or leave nothing to the others."""


def test_every_route_is_described_and_every_description_has_a_route() -> None:
    described = {
        (method.upper(), path)
        for path, methods in DESCRIBED["paths"].items()
        for method in methods
        if path != "/health"
    }
    assert described == {(each.method, each.path.replace(":row", "")) for each in OPERATIONS}


def test_names_are_unique_and_every_operation_says_its_role_and_what_is_audited() -> None:
    assert len({each.name for each in OPERATIONS}) == len(OPERATIONS)
    for methods in DESCRIBED["paths"].values():
        for described in methods.values():
            assert described["summary"]
    for each in OPERATIONS:
        described = DESCRIBED["paths"][each.path.replace(":row", "")][each.method.lower()]
        assert each.role.value in described["description"]
        assert described["x-role"] == each.role.value
        assert ("Audited" in described["description"]) is bool(each.audited)


def test_every_reference_leads_to_a_schema_and_every_schema_is_used() -> None:
    named = set(re.findall(r'"#/components/schemas/(\w+)"', DESCRIPTION.decode()))
    assert named == set(DESCRIBED["components"]["schemas"])


def test_a_description_names_each_part_of_its_address() -> None:
    for path, methods in DESCRIBED["paths"].items():
        parts = set(re.findall(r"\{(\w+)\}", path))
        for described in methods.values():
            in_path = {each["name"] for each in described["parameters"] if each["in"] == "path"}
            assert in_path == parts, path


@pytest.fixture
async def ready(engine, administrator, refuses, intake) -> Any:
    """An engine with something to show for every operation."""
    await refuses(2)
    await engine.post(intake())
    await engine.reaches("delivered", channel="intake_to_ehr")
    return administrator


async def test_every_described_route_answers_as_described(ready, booked) -> None:
    bodies = BODIES | {"edit-and-resend": {"content": booked("QH-0000000077").decode()}}
    search = (await ready.post("/api/v1/text-searches", {"text": "PRUEBA"}, status=202))["id"]
    early = [each for each in OPERATIONS if each.name not in LATE]
    late = sorted((each for each in OPERATIONS if each.name in LATE), key=lambda each: LATE.index(each.name))
    wrong: list[str] = []
    for each in (*early, *late):
        path = _filled(each.path, OTHERS.get(each.name, VALUES) | {"search": search})
        answer, content = await ready.raw(
            each.method, path + QUERIES.get(each.name, ""), bodies.get(each.name)
        )
        wrong += [f"{each.name}: {fault}" for fault in _faults(each, answer, content)]
    assert wrong == []


def _filled(path: str, values: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)(:row)?\}", lambda part: values[part[1]], path)


def _faults(operation: Any, answer: Any, content: bytes) -> list[str]:
    """What the table promises of this answer, and is not so."""
    described = DESCRIBED["paths"][operation.path.replace(":row", "")][operation.method.lower()]["responses"]
    if answer.status != operation.status:
        return [f"status {answer.status}: {content!r}"]
    (media,) = described[str(operation.status)]["content"]
    if answer.content_type != media:
        return [f"{answer.content_type}, expected {media}"]
    schema = described[str(operation.status)]["content"][media].get("schema")
    return list(shape_check.faults(json.loads(content), schema, DESCRIBED)) if schema else []


async def test_health_answers_as_described(administrator) -> None:
    schema = DESCRIBED["paths"]["/health"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert list(shape_check.faults(await administrator.get("/health"), schema, DESCRIBED)) == []


def test_the_check_finds_what_is_not_as_described() -> None:
    schema = {"$ref": "#/components/schemas/Me"}

    def wrong(value: Any) -> bool:
        return bool(list(shape_check.faults(value, schema, DESCRIBED)))

    assert not wrong({"name": "rosa", "role": "viewer"})
    assert wrong({"name": "rosa"})
    assert wrong({"name": "rosa", "role": "king"})
    assert wrong({"name": 7, "role": "viewer"})
    assert wrong({"name": "rosa", "role": "viewer", "more": 1})


@pytest.mark.parametrize(
    ("method", "path", "body", "code", "place"),
    [
        ("GET", "/api/v1/messages?limit=0", None, "not-as-described", "limit"),
        ("GET", "/api/v1/messages?limit=x", None, "not-as-described", "limit"),
        ("GET", "/api/v1/messages?state=' or 1=1 --", None, "not-as-described", "state"),
        ("GET", "/api/v1/messages?document=99000017", None, "not-as-described", "document"),
        ("GET", "/api/v1/messages?since=yesterday", None, "not-as-described", "since"),
        ("GET", "/api/v1/messages?text=PRUEBA", None, "not-as-described", "text"),
        ("GET", "/api/v1/follow", None, "not-as-described", "correlation_id"),
        ("POST", "/api/v1/stalled/requeue", {}, "not-as-described", ""),
        ("POST", "/api/v1/stalled/requeue", {"all": True, "deliveries": [{}]}, "not-as-described", None),
        ("POST", "/api/v1/text-searches", {"text": "ab"}, "not-as-described", "text"),
        ("POST", "/api/v1/accounts", {"name": "rosa", "role": "king"}, "not-as-described", "role"),
        ("GET", "/api/v1/messages/99", None, "message-not-found", ""),
        ("GET", "/api/v1/channels/nosuch", None, "channel-not-found", ""),
        ("GET", "/api/v2/nothing", None, "not-found", ""),
        ("GET", "/api/v1/messages/1/replay", None, "other-method", ""),
    ],
)
async def test_what_is_asked_wrongly_is_refused_with_its_place(
    administrator, method, path, body, code, place
):
    status, told = await administrator.ask(method, path.replace(" ", "%20"), body)
    assert (told["code"], told["status"]) == (code, status)
    assert place is None or told["place"] == place
    assert told["detail"]
    problem = {"$ref": "#/components/schemas/ProblemDetails"}
    assert list(shape_check.faults(told, problem, DESCRIBED)) == []


async def test_a_body_that_is_no_json_or_too_long_is_refused(administrator) -> None:
    answer, content = await administrator.raw("POST", "/api/v1/messages/search")
    assert (answer.status, json.loads(content)["code"]) == (400, "not-json")
    long = {"content": "x" * (5 << 20)}
    assert (await administrator.post("/api/v1/messages/1/edit-and-resend", long, status=413))[
        "code"
    ] == "too-long"


async def test_what_was_asked_for_is_not_repeated_in_a_refusal(administrator) -> None:
    _, content = await administrator.raw("GET", "/api/v1/messages?limit=SECRETO")
    assert b"SECRETO" not in content


async def test_the_older_addresses_answer_the_same(ready) -> None:
    for older, newer in (("/api/channels", "/api/v1/channels"), ("/api/messages/1", "/api/v1/messages/1")):
        found = msgspec.json.decode((await ready.raw("GET", older))[1])
        same = msgspec.json.decode((await ready.raw("GET", newer))[1])
        assert set(found) == set(same)
    assert (await ready.get("/api/messages")) == (await ready.get("/api/v1/messages"))
