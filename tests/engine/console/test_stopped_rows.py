"""Stopped deliveries of a store that holds what our channels never make: two of one message, and many."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any

from ayni.engine.console.actions import decisions
from ayni.engine.console.shown.stopped import PAGE, StoppedQuestion, each_message, page_of
from ayni.engine.store.contract import Question
from ayni.wire.clock import LIMA

AT = datetime(2026, 11, 23, 9, 30, tzinfo=LIMA)


def message_of(number: int, states: dict[str, str]) -> dict[str, Any]:
    deliveries = [
        {
            "id": number * 10 + place,
            "destination": destination,
            "control_id": "C",
            "content": b"",
            "state": state,
            "attempt_count": 1,
            "is_waiting": 1,
            "settled_at": AT,
            "attempts": [],
        }
        for place, (destination, state) in enumerate(states.items())
    ]
    names = {"channel": "adt", "revision": "r", "source": "hl7", "sender": "", "control_id": "C"}
    shown = {
        "correlation_id": "",
        "kind": "",
        "state": "accepted",
        "link": "",
        "repeat_count": 0,
        "is_held": 0,
    }
    nothing = {"is_held": 0, "error_code": None, "error_place": None, "error_text": None, "parent_id": None}
    return names | shown | nothing | {"id": number, "received_at": AT, "ms": 0.1, "deliveries": deliveries}


class Store:
    """Messages by number, found by the state of any delivery; notes what is decided."""

    def __init__(self, *messages: dict[str, Any]) -> None:
        self._messages = sorted(messages, key=lambda message: -message["id"])
        self.decided: list[list[int]] = []

    def search(self, question: Question, **_: Any) -> list[dict[str, Any]]:
        found = [
            each
            for each in self._messages
            if any(to["state"] == question.delivery_state for to in each["deliveries"])
            and each["id"] < (question.before_id or 1 << 60)
        ]
        return found[: question.limit]

    def message(self, number: int) -> dict[str, Any] | None:
        return next((each for each in self._messages if each["id"] == number), None)

    async def decide(self, ids: list[int], state: str, *, at: datetime) -> int:
        self.decided.append(list(ids))
        return len(ids)


def test_a_message_with_a_refused_and_a_stalled_delivery_comes_once_with_both() -> None:
    store: Any = Store(
        message_of(1, {"lab": "refused"}),
        message_of(2, {"lab": "stalled", "bill": "refused", "card": "delivered"}),
        message_of(3, {"lab": "stalled"}),
    )
    found = [(message.id, len(deliveries)) for message, deliveries in each_message(store, StoppedQuestion())]
    assert found == [(3, 1), (2, 2), (1, 1)]
    only = each_message(store, StoppedQuestion(state="stalled", destination="lab"))
    assert [message.id for message, _ in only] == [3, 2]


def test_a_filter_by_destination_reads_on_until_its_page_is_full() -> None:
    many = [message_of(number, {"lab": "refused"}) for number in range(2, PAGE * 2)]
    store: Any = Store(message_of(1, {"bill": "refused"}), *many)
    found = page_of(store, StoppedQuestion(destination="bill"))
    assert [each.message_id for each in found.deliveries] == [1]
    page = page_of(store, StoppedQuestion(limit=3))
    assert (len(page.deliveries), page.next_before_id) == (3, PAGE * 2 - 3)


async def test_many_are_decided_the_oldest_first_and_some_at_a_time() -> None:
    """What let its lane pass joins it again at the end: in another order it would be overtaken."""
    count = decisions.AT_ONCE + 3
    store: Any = Store(*(message_of(number, {"lab": "refused"}) for number in range(1, count + 1)))
    asked: list[Any] = []
    desk: Any = SimpleNamespace(
        store=store,
        acting=lambda user, action, **more: _Acting(asked, action, more),
        runtime=SimpleNamespace(pipeline=SimpleNamespace(steady_now=lambda: AT), wake=lambda partner: None),
    )
    decided = await decisions.decide_all(desk, None, StoppedQuestion(), "requeue")  # type: ignore[arg-type]
    assert (decided.decided, [len(each) for each in store.decided]) == (count, [decisions.AT_ONCE, 3])
    ids = [each for some in store.decided for each in some]
    assert ids == sorted(ids)
    ((action, named),) = asked
    assert (action, len(named["messages"]), len(named["details"]["deliveries"])) == ("requeue", count, count)


class _Acting:
    def __init__(self, asked: list[Any], action: str, more: Any) -> None:
        asked.append((action, more))

    async def __aenter__(self) -> Any:
        return SimpleNamespace(details=None, messages=())

    async def __aexit__(self, *_: object) -> None:
        return None
