"""Groups written together: the same results as one by one, whatever is in them; and few journeys."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from ayni.engine.store import postgresql_group
from ayni.engine.store.contract import Earlier, Fenced, Question
from ayni.engine.store.postgresql import PostgresqlStore
from ayni.engine.store.postgresql_link import PostgresqlConnection

from .samples import (
    LEASE,
    NOW,
    added,
    assert_balanced,
    claimed,
    filtered,
    message,
    number_of,
    refused,
    settlement,
    states,
    taken,
)

LONG = b"OBX|" + b"9" * 5_000


@pytest.fixture
async def store(postgresql_url: str) -> AsyncIterator[PostgresqlStore]:
    made = PostgresqlStore(postgresql_url)
    yield made
    await made.close()


@pytest.fixture
def journeys(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many statements went in each journey of a connection that writes."""
    counts, together, execute = list[int](), PostgresqlConnection.together, PostgresqlConnection._execute

    def counted(connection: PostgresqlConnection, statements: Any) -> Any:
        counts.append(len(statements))
        return together(connection, statements)

    def counted_one(connection: PostgresqlConnection, sql: str, values: Any) -> None:
        counts.append(1)
        execute(connection, sql, values)

    monkeypatch.setattr(PostgresqlConnection, "together", counted)
    monkeypatch.setattr(PostgresqlConnection, "_execute", counted_one)
    return counts


async def test_a_hundred_messages_take_as_many_journeys_as_one(
    store: PostgresqlStore, journeys: list[int]
) -> None:
    await store.add(message("A"))
    alone = len(journeys)
    journeys.clear()
    await asyncio.gather(*(store.add(message(f"K{number}")) for number in range(100)))
    assert len(journeys) == alone


async def test_a_hundred_leases_and_settlements_take_as_many_journeys_as_one(
    store: PostgresqlStore, journeys: list[int]
) -> None:
    counts = []
    for size in (1, 100):
        await asyncio.gather(*(store.add(message(f"K{number}")) for number in range(size)))
        journeys.clear()
        claims = await claimed(store, limit=100)
        assert len(claims) == size
        await asyncio.gather(*(store.settle(each, settlement()) for each in claims))
        counts.append(len(journeys))
    assert counts[1] == counts[0]
    assert_balanced(store)


async def test_all_kinds_in_one_group_come_out_as_they_do_alone(store: PostgresqlStore) -> None:
    await added(store, "A")
    await added(store, "B")
    await added(store, "C")
    old, second, third = await claimed(store, owner="one")
    (new, *_) = await claimed(store, owner="two", at=NOW + LEASE, limit=1)
    assert new.message_id == old.message_id
    known = message(control_id="SAME")
    said = await asyncio.gather(
        store.settle(old, settlement()),
        store.add(message("A", "B")),
        store.settle(second, settlement(), then=message("R", channel="results")),
        store.add(known),
        store.add(known),
        store.add(refused()),
        store.add(refused()),
        store.add(filtered()),
        store.settle(new, settlement("stalled", holds=False)),
        store.settle(third, settlement("unknown"), then=None),
        return_exceptions=True,
    )
    assert isinstance(said[0], Fenced)
    first, again = said[3], said[4]
    assert isinstance(first, int)
    assert again == Earlier(id=first, answer=known.answer, is_same=True)
    assert said[5] == said[6]
    assert [states(store, each.message_id) for each in (new, second, third)] == [
        ["stalled"],
        ["delivered"],
        ["unknown"],
    ]
    (made,) = store.search(Question(channel="results"))
    assert made["id"] not in said
    assert_balanced(store)
    order = await taken(store, at=NOW + timedelta(hours=1))
    assert sorted(order) == sorted([said[1], first, made["id"], third.message_id])


async def test_one_that_cannot_be_written_fails_alone(store: PostgresqlStore) -> None:
    bad = message(document="\ud800")  # half a character, which no text can hold
    said = await asyncio.gather(*map(store.add, (message("A"), bad, message("B"))), return_exceptions=True)
    assert isinstance(said[1], UnicodeError)
    assert [row["id"] for row in store.search(Question())] == [number_of(said[2]), number_of(said[0])]
    assert_balanced(store)


async def test_long_messages_travel_in_several_arrays(
    store: PostgresqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_group, "ARRAY_BYTES", 3 * len(LONG))
    numbers = await asyncio.gather(*(store.add(message(raw=LONG)) for _ in range(10)))
    found = [store.message(number_of(each)) for each in numbers]
    assert [each["raw"] if each else None for each in found] == [LONG] * 10
    assert_balanced(store)


async def test_a_group_takes_its_places_in_the_order_in_which_it_was_asked(store: PostgresqlStore) -> None:
    numbers = await asyncio.gather(*(store.add(message("A")) for _ in range(20)))
    assert numbers == sorted(map(number_of, numbers))
    assert await taken(store) == numbers
