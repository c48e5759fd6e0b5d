"""Legal hold over the interface and on its pages: put by number, request and document; listed; lifted."""

import pytest

HOLDS = "/api/v1/holds"


async def put(program, reason="EXP-1", **which):
    return await program.post(HOLDS, {"reason": reason} | which)


@pytest.mark.parametrize(
    ("which", "held"),
    [
        ({"messages": [2, 99]}, [2]),
        ({"correlation_id": "qh-0000000000"}, [1]),
        ({"document": "99000017"}, [1, 2, 3]),
    ],
)
async def test_messages_are_held_by_number_by_request_and_by_document(operator, refuses, which, held):
    await refuses(3)
    assert await put(operator, **which) == {"reason": "EXP-1", "changed": len(held), "held": len(held)}
    found = await operator.post(f"{HOLDS}/messages", {"reason": "EXP-1"})
    assert [each["id"] for each in found["messages"]] == held
    assert all(each["is_held"] for each in found["messages"])
    (hold,) = (await operator.get(HOLDS))["holds"]
    assert (hold["reason"], hold["count"], hold["who"]) == ("EXP-1", len(held), "operator")


async def test_held_messages_come_in_pages(operator, refuses):
    await refuses(3)
    await put(operator, document="99000017")
    page = await operator.post(f"{HOLDS}/messages", {"reason": "EXP-1", "limit": 2})
    assert ([each["id"] for each in page["messages"]], page["next_before_id"]) == ([1, 2], 2)
    rest = await operator.post(f"{HOLDS}/messages", {"reason": "EXP-1", "limit": 2, "after_id": 2})
    assert ([each["id"] for each in rest["messages"]], rest["next_before_id"]) == ([3], None)


async def test_a_hold_is_lifted_from_some_or_from_all_and_only_by_an_administrator(
    operator, administrator, refuses
):
    await refuses(3)
    await put(operator, document="99000017")
    await put(operator, "EXP-2", messages=[3])
    await operator.post(f"{HOLDS}/lift", {"reason": "EXP-1"}, status=403)
    some = await administrator.post(f"{HOLDS}/lift", {"reason": "EXP-1", "messages": [1, 3]})
    assert (some["changed"], some["held"]) == (2, 1)
    held = {
        number: (await administrator.get(f"/api/v1/messages/{number}"))["is_held"] for number in (1, 2, 3)
    }
    assert held == {1: False, 2: True, 3: True}
    await administrator.post(f"{HOLDS}/lift", {"reason": "EXP-1"})
    told = await administrator.post(f"{HOLDS}/lift", {"reason": "EXP-1"}, status=404)
    assert told["code"] == "hold-not-found"
    assert [each["reason"] for each in (await administrator.get(HOLDS))["holds"]] == ["EXP-2"]


async def test_who_held_what_and_why_stands_in_the_audit_and_in_the_timeline(
    administrator, operator, refuses
):
    await refuses()
    await put(operator, " EXP-1 ", messages=[1])
    message = await operator.get("/api/v1/messages/1")
    assert [(each["reason"], each["who"]) for each in message["holds"]] == [("EXP-1", "operator")]
    last = message["timeline"][-1]
    assert (last["what"], last["state"], last["text"], last["who"]) == (
        "decision",
        "hold",
        "EXP-1",
        "operator",
    )
    entries = (await administrator.get("/api/v1/audit?who=operator"))["entries"]
    (asked,) = [each for each in entries if (each["action"], each["outcome"]) == ("hold", "asked")]
    assert (asked["messages"], asked["details"]) == ([1], {"reason": "EXP-1"})


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"reason": "EXP-1"}, 400),
        ({"reason": "EXP-1", "messages": [1], "document": "99000017"}, 400),
        ({"reason": "x", "messages": [1]}, 400),
        ({"reason": "<b>EXP</b>", "messages": [1]}, 400),
        ({"reason": "EXP-1", "document": "00000000"}, 404),
    ],
)
async def test_what_cannot_be_held_is_refused_and_nothing_is_held(operator, refuses, body, status):
    await refuses()
    await operator.post(HOLDS, body, status=status)
    assert (await operator.get(HOLDS))["holds"] == []


async def test_on_the_pages_a_message_is_held_listed_and_lifted(signed_in, refuses):
    await refuses(2)
    answer = await signed_in.post("/mensajes/1/retener", reason="EXP-1")
    assert (answer.status, answer.headers["Location"]) == (303, "/mensajes/1")
    assert "Bajo retención legal EXP-1, puesta por operador" in await signed_in.page("/mensajes/1")
    _, page = await signed_in.sent("/retenciones", reason="EXP-1", document="99000017")
    assert "EXP-1: 1 cambiaron, 2 quedan retenidos." in page
    _, page = await signed_in.sent("/retenciones/mensajes", reason="EXP-1")
    assert ('href="/mensajes/1"' in page, 'href="/mensajes/2"' in page) == (True, True)
    _, page = await signed_in.sent("/retenciones/levantar", reason="EXP-1")
    assert "EXP-1: 2 cambiaron, 0 quedan retenidos." in page
    assert "Nada está retenido." in page
