"""How every store finds messages: by names, states and times, over an index; by text when asked to read."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from ayni.engine.store.contract import Question, Store

from .samples import MINUTE, NOW, added, claimed, delivery, filtered, message, number_of, refused, settlement

Plans = Callable[[Question], str]
"""What the planner says it does for all queries of a search."""

HOUR = timedelta(hours=1)

INDEXES = {
    "channel": (Question(channel="orders"), "message_by_channel"),
    "time": (Question(since=NOW, until=NOW + HOUR), "message_by_channel"),
    "channel-and-time": (Question(channel="orders", until=NOW), "message_by_channel"),
    "state": (Question(state="refused"), "message_not_accepted"),
    "state-in-channel": (Question(state="filtered", channel="orders", since=NOW), "message_not_accepted"),
    "accepted": (Question(state="accepted"), "message_by_channel"),
    "control-id": (Question(control_id="M1"), "message_key"),
    "control-id-of-a-replay": (Question(control_id="M1", channel="orders"), "message_by_control_id"),
    "document": (Question(document="99000017", since=NOW), "message_by_document"),
    "correlation-id": (Question(correlation_id="QH-7M3K9XBT4D"), "message_by_correlation"),
    "stalled": (Question(delivery_state="stalled", channel="orders"), "delivery_stopped"),
    "delivered": (Question(delivery_state="delivered"), "delivery_by_message"),
}


def ids(store: Store, question: Question) -> list[int]:
    return [each["id"] for each in store.search(question)]


class SearchContract:
    """Searching."""

    @pytest.mark.parametrize("asked", INDEXES)
    async def test_a_search_by_name_state_or_time_reads_an_index(
        self, store: Store, plans: Plans, asked: str
    ) -> None:
        for number in range(30):
            await added(store, "A", control_id=f"M{number}", received_at=NOW + number * MINUTE)
        question, index = INDEXES[asked]
        plan = plans(question)
        assert index in plan, plan
        assert "SCAN message" not in plan, plan  # of SQLite: every row
        assert "Seq Scan on message" not in plan, plan

    async def test_newest_first_in_pages(self, store: Store) -> None:
        made = [await added(store, channel=("orders", "results")[number % 2]) for number in range(25)]
        found, before = list[int](), None
        while page := ids(store, Question(limit=4, before_id=before)):
            found, before = found + page, page[-1]
        assert found == made[::-1]
        assert ids(store, Question(channel="results", limit=3)) == made[::-1][1:6:2]

    async def test_newest_is_by_time_of_receipt_when_the_clock_was_set_back(self, store: Store) -> None:
        late, early = await added(store, received_at=NOW + HOUR), await added(store, received_at=NOW)
        assert ids(store, Question()) == [late, early]
        assert ids(store, Question(limit=1, before_id=late)) == [early]
        assert ids(store, Question(since=NOW + HOUR)) == [late]
        assert ids(store, Question(until=NOW + HOUR)) == [early]

    async def test_the_beginning_of_a_time_is_in_it_and_its_end_is_not(self, store: Store) -> None:
        made = [await added(store, received_at=NOW + number * MINUTE) for number in range(5)]
        assert ids(store, Question(since=NOW + MINUTE, until=NOW + 3 * MINUTE)) == made[1:3][::-1]
        assert ids(store, Question(channel="orders", since=NOW + 4 * MINUTE)) == made[4:]

    async def test_by_channel_state_and_names(self, store: Store) -> None:
        accepted = await added(store, document="99000017", correlation_id="QH-7M3K9XBT4D", control_id="M1")
        replayed = await added(
            store, control_id="M1", is_keyed=False, link="replay", parent_id=accepted, channel="results"
        )
        other = number_of(await store.add(filtered()))
        broken = number_of(await store.add(refused()))
        assert ids(store, Question(document="99000017")) == [accepted]
        assert ids(store, Question(correlation_id="QH-7M3K9XBT4D")) == [accepted]
        assert ids(store, Question(control_id="M1")) == [replayed, accepted]
        assert ids(store, Question(control_id="M1", channel="results")) == [replayed]
        assert ids(store, Question(state="filtered")) == [other]
        assert ids(store, Question(state="refused", channel="orders")) == [broken]
        assert ids(store, Question(state="refused", channel="results")) == []
        assert ids(store, Question(state="accepted")) == [replayed, accepted]

    async def test_by_the_state_of_a_delivery(self, store: Store) -> None:
        made = {}
        for state in ("delivered", "unknown", "refused", "stalled", "pending"):
            made[state] = await added(store, state)
            if state != "pending":
                (claim,) = await claimed(store)
                await store.settle(claim, settlement(state, due_at=NOW + HOUR))
        for state, message_id in made.items():
            assert ids(store, Question(delivery_state=state)) == [message_id], state
            assert ids(store, Question(delivery_state=state, channel="results")) == [], state

    async def test_a_page_shows_deliveries_and_attempts(self, store: Store) -> None:
        await added(store, deliveries=(delivery("A"), delivery("B", to="imaging")))
        (claim,) = await claimed(store)
        await store.settle(claim, settlement("unknown"))
        (found,) = store.search(Question())
        assert [each["destination"] for each in found["deliveries"]] == ["laboratory", "imaging"]
        assert [len(each["attempts"]) for each in found["deliveries"]] == [1, 0]
        assert found["deliveries"][0]["attempt_count"] == 1

    async def test_a_text_is_found_in_what_came_and_in_what_was_sent(self, store: Store) -> None:
        came = await added(store, raw=b"PID|||PRUEBA^MAR\xc3\x8dA", deliveries=())
        in_latin_1 = await added(store, raw=b"PID|||PRUEBA^MAR\xcdA", deliveries=())
        sent = await added(store, deliveries=(delivery(content="ZAY|PRUEBA^MARÍA".encode()),))
        await added(store)
        assert ids(store, Question(text="PRUEBA^MARÍA")) == [sent, in_latin_1, came]
        assert ids(store, Question(text="PRUEBA^MARÍA", limit=1)) == [sent]
        assert ids(store, Question(text="100%_?'")) == []

    async def test_a_text_is_looked_for_among_what_else_is_asked(self, store: Store) -> None:
        first = await added(store, raw=b"x PRUEBA", deliveries=())
        second = await added(store, raw=b"y PRUEBA", channel="results", deliveries=())
        assert ids(store, Question(text="PRUEBA", channel="orders")) == [first]
        assert ids(store, Question(text="PRUEBA", before_id=second)) == [first]

    async def test_a_text_search_says_how_far_it_is_and_can_be_ended(self, store: Store) -> None:
        await added_many(store, 1_200)
        heard: list[int] = []

        def hear(read: int) -> bool:
            heard.append(read)
            return read < 1_000

        assert store.search(Question(text="nothing like it"), progress=hear) == []
        assert heard == [500, 1_000]
        assert store.search(Question(text="nothing like it", before_id=501), progress=hear) == []
        assert heard[2:] == [500]
        assert len(store.search(Question(text="MSH", limit=7))) == 7

    async def test_a_page_has_an_end(self, store: Store) -> None:
        await added_many(store, 600)
        assert len(store.search(Question(limit=10_000))) == 500


async def added_many(store: Store, count: int) -> None:
    """Many messages without deliveries, in few commits."""
    await asyncio.gather(*(store.add(message(deliveries=())) for _ in range(count)))
