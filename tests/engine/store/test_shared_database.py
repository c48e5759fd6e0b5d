"""Several engines on one PostgreSQL: order per lane, one hand at a time, nobody waits for ever."""

import asyncio
import random
import threading
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import timedelta

import psycopg
import pytest

from ayni.engine.store.contract import Claim, Earlier, Fenced, Question
from ayni.engine.store.postgresql import PostgresqlStore
from ayni.engine.store.postgresql_link import PostgresqlWriting, connect
from ayni.wire.clock import real_now

from .contract_finishing import Asked
from .samples import (
    IMAGING,
    LAB,
    LEASE,
    NOW,
    added,
    assert_balanced,
    claimed,
    delivery,
    delivery_ids,
    message,
    settlement,
    states,
    taken,
)

LANES = "ABCD"
MESSAGES = 150
LONG = timedelta(seconds=30)


class Partner:
    """Takes what the engines send, and notices what must not happen."""

    def __init__(self) -> None:
        self.taken: defaultdict[str, list[int]] = defaultdict(list)
        self.wrong: list[str] = []
        self._under_way: set[str] = set()
        self._lock = threading.Lock()

    def take(self, claim: Claim) -> None:
        keys = set(claim.content.decode())
        with self._lock:
            if keys & self._under_way:
                self.wrong.append(f"two at once in {sorted(keys)}")
            self._under_way |= keys
        time.sleep(0.0005)
        with self._lock:
            self._under_way -= keys
            for key in keys:
                self.taken[key].append(claim.message_id)


class Engine:
    """One node: it adds its share of messages while it delivers what anybody added."""

    def __init__(self, url: str, owner: str, partner: Partner) -> None:
        self._url, self._owner, self._partner = url, owner, partner
        self._chance = random.Random(owner)

    def live(self) -> None:
        asyncio.run(self._live())

    async def _live(self) -> None:
        self._store = PostgresqlStore(self._url)
        adding = asyncio.create_task(self._add())
        while not adding.done() or self._store.waiting_count():
            await self._deliver()
        await adding
        await self._store.close()

    async def _add(self) -> None:
        for _ in range(MESSAGES // 10):
            await asyncio.gather(*(self._store.add(self._message()) for _ in range(10)))
            await asyncio.sleep(0.005)

    async def _deliver(self) -> None:
        now = real_now()
        claims = await self._store.claim(LAB, owner=self._owner, at=now, until=now + LONG, limit=3)
        for claim in claims:
            await asyncio.to_thread(self._partner.take, claim)
        await asyncio.gather(*(self._store.settle(each, settlement(due_at=real_now())) for each in claims))
        await asyncio.sleep(0 if claims else 0.01)

    def _message(self):
        keys = sorted(self._chance.sample(LANES, self._chance.choice([1, 1, 1, 2, 3])))
        owed = delivery(*keys, content="".join(keys).encode())
        name = f"{self._owner}{self._chance.getrandbits(60)}"
        return message(control_id=name, received_at=real_now(), deliveries=(owed,))


@pytest.fixture
async def two(postgresql_url: str) -> AsyncIterator[tuple[PostgresqlStore, PostgresqlStore]]:
    one, other = PostgresqlStore(postgresql_url), PostgresqlStore(postgresql_url)
    yield one, other
    await one.close()
    await other.close()


async def test_law_03_engines_side_by_side_keep_the_order_of_every_lane(postgresql_url: str) -> None:
    """Lanes are few and messages about several keys many, so that everybody wants what others have."""
    partner = Partner()
    engines = [Engine(postgresql_url, owner, partner) for owner in ("one", "two", "three")]
    async with asyncio.timeout(60):
        await asyncio.gather(*(asyncio.to_thread(each.live) for each in engines))
    assert partner.wrong == []
    store = PostgresqlStore(postgresql_url)
    assert_balanced(store)
    order = places_taken(postgresql_url)
    assert {key: partner.taken[key] for key in LANES} == {key: order[key] for key in LANES}
    assert store.counts()[-1]["count"] == 0  # pending
    await store.close()


def places_taken(url: str) -> dict[str, list[int]]:
    """The messages of each lane in the order of their numbers."""
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "select key, message_id from delivery, jsonb_array_elements(places::jsonb) as taken"
            " join lane on lane.id = (taken ->> 0)::bigint order by key, (taken ->> 1)::bigint"
        ).fetchall()
    order = defaultdict(list)
    for key, message_id in found:
        order[key].append(message_id)
    return order


async def test_law_03_a_number_waits_for_the_lane_and_not_for_a_sequence(two, postgresql_url: str) -> None:
    """The trap: one writer takes a number and commits later than another one who took the next."""
    store, _ = two
    await added(store, "A")
    with psycopg.connect(postgresql_url) as slow:
        slow.execute("update lane set last_number = last_number + 1 where key = 'A'")
        adding = asyncio.ensure_future(added(store, "A"))
        await asyncio.sleep(0.2)
        assert not adding.done()
        slow.commit()
    await adding
    assert [each for (each,) in numbers(postgresql_url)] == [1, 3]


def numbers(url: str) -> list[tuple[int]]:
    with psycopg.connect(url) as connection:
        return connection.execute("select number from place order by number").fetchall()


async def test_a_lane_under_way_at_one_engine_is_passed_over_by_the_other(two) -> None:
    one, other = two
    first, second = await added(one, "A"), await added(other, "B")
    assert [each.message_id for each in await claimed(one, owner="one", limit=1)] == [first]
    assert [each.message_id for each in await claimed(other, owner="two")] == [second]


async def test_law_04_the_engine_that_lost_its_lease_changes_nothing(two) -> None:
    one, other = two
    message_id = await added(one, "A")
    (old,) = await claimed(one, owner="one")
    (new,) = await claimed(other, owner="two", at=NOW + LEASE)
    with pytest.raises(Fenced):
        await one.settle(old, settlement())
    await other.settle(new, settlement())
    assert states(one, message_id) == ["delivered"]
    assert_balanced(one)


async def test_an_engine_that_starts_again_recovers_only_its_own(two) -> None:
    one, other = two
    await added(one, "A")
    (old,) = await claimed(one, owner="one")
    (new,) = await claimed(other, owner="two", at=NOW + LEASE)
    assert await one.recover("one", at=NOW + LEASE) == 0
    assert new.message_id == old.message_id
    await other.settle(new, settlement())


async def test_law_02_the_same_message_at_two_engines_is_one(two) -> None:
    one, other = two
    pairs = [
        await asyncio.gather(
            one.add(message("A", control_id=f"M{number}")), other.add(message("A", control_id=f"M{number}"))
        )
        for number in range(20)
    ]
    assert all(sorted(isinstance(each, Earlier) for each in pair) == [False, True] for pair in pairs)
    assert len(one.search(Question())) == 20
    assert_balanced(one)


async def test_law_02_the_same_message_accepted_as_new_by_two_engines_is_one(two) -> None:
    one, other = two
    for number in range(20):
        first = await added(one, control_id=f"M{number}", raw=b"one")
        as_new = message(control_id=f"M{number}", raw=b"two", is_keyed=False, parent_id=first)
        pair = await asyncio.gather(one.add_as_new(as_new), other.add_as_new(as_new))
        assert sorted(isinstance(each, Earlier) for each in pair) == [False, True]
    assert_balanced(one)


async def test_groups_that_want_the_same_lanes_in_another_order_do_not_lock_each_other_out(
    two, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = two
    undone, undo = [], PostgresqlWriting.rollback

    def counted(writing: PostgresqlWriting) -> None:
        undone.append(writing)
        undo(writing)

    monkeypatch.setattr(PostgresqlWriting, "rollback", counted)
    for _ in range(20):
        await asyncio.gather(
            *(one.add(message(key)) for key in "ABCDEFGH"), *(other.add(message(key)) for key in "HGFEDCBA")
        )
    assert undone == [], "the server had to undo a group because two waited for each other"
    assert len(await taken(one)) == 320
    assert_balanced(one)


async def test_two_people_who_decide_about_the_same_delivery_decide_once(two) -> None:
    one, other = two
    message_id = await added(one, "A")
    (claim,) = await claimed(one)
    await one.settle(claim, settlement("stalled"))
    ids = delivery_ids(one, message_id)
    said = await asyncio.gather(one.decide(ids, "set-aside", at=NOW), other.decide(ids, "set-aside", at=NOW))
    assert sorted(said) == [0, 1]
    assert_balanced(one)


async def test_engines_that_settle_the_last_two_deliveries_at_once_write_one_answer(two) -> None:
    one, other = two
    one.acknowledgements = other.acknowledgements = Asked()
    owed = (delivery("A"), delivery("A", to=IMAGING))
    for _ in range(20):
        message_id = await added(one, deliveries=owed)
        (lab,), (imaging,) = await claimed(one, to=LAB), await claimed(other, owner="two", to=IMAGING)
        await asyncio.gather(one.settle(lab, settlement()), other.settle(imaging, settlement()))
        assert states(one, message_id) == ["delivered", "delivered", "pending"]
    assert_balanced(one)


async def test_an_engine_that_hangs_in_a_group_gives_its_lanes_up(two, postgresql_url: str) -> None:
    one, _ = two
    await added(one, "A")
    hanging = psycopg.connect(postgresql_url)
    hanging.execute("set idle_in_transaction_session_timeout = '300ms'")
    hanging.execute("select 1 from lane for update")
    async with asyncio.timeout(10):
        await added(one, "A")
    hanging.close()


async def test_an_engine_asks_to_be_thrown_out_when_it_hangs(postgresql_url: str) -> None:
    with connect(postgresql_url) as connection:
        found = connection.execute("show idle_in_transaction_session_timeout").fetchone()
    assert found == ("15s",)
