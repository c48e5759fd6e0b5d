"""What the store alone can do: the same rows as a relayed message, with nothing around them.

`python -m ayni.engine.bench.store_only PLACE SENDERS SECONDS` prints messages a second, each added, leased
and settled in synced commits that senders share. PLACE is a folder, or the address of a PostgreSQL.
"""

import asyncio
import sys
import time
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import uvloop

from ayni.engine.bench.workload import PATIENTS, message
from ayni.engine.store.contract import DeliveryState, NewDelivery, NewMessage, Settlement
from ayni.engine.store.opening import SCHEMES, WrittenStore
from ayni.engine.store.sqlite import SqliteStore
from ayni.wire.clock import real_now

LEASE = timedelta(minutes=5)
CLAIMED_MAX = 512
"""Enough that settling keeps up with what the senders add between two claims."""
ANSWER = b"x" * 120


def new_message(number: int, at: datetime) -> NewMessage:
    """The rows of one relayed message."""
    raw = message(number, f"s{number:x}")
    delivery = NewDelivery(
        destination="lab", keys=(str(number % PATIENTS),), control_id=f"s{number:x}", content=raw
    )
    return NewMessage(
        channel="adt_relay",
        revision="bench",
        source="hl7",
        sender="HIS|STADTKLINIK",
        control_id=f"s{number:x}",
        correlation_id="",
        document=str(number % PATIENTS),
        kind="ADT^A01",
        raw=raw,
        content_hash=number.to_bytes(32),
        received_at=at,
        ms=0.1,
        state="accepted",
        is_keyed=True,
        answer=ANSWER,
        deliveries=(delivery,),
    )


def delivered(at: datetime) -> Settlement:
    """The settlement of a delivery that was taken."""
    return Settlement(
        state=DeliveryState.DELIVERED,
        started_at=at,
        ms=0.1,
        outcome="delivered",
        reason="",
        answer=ANSWER,
        due_at=at,
    )


async def store_only(place: str, senders: int, seconds: float) -> float:
    """Messages a second that were added and settled."""
    store, numbers, done = _opened(place), count(1), 0
    end = time.perf_counter() + seconds

    async def add() -> None:
        while time.perf_counter() < end:
            await store.add(new_message(next(numbers), real_now()))

    async def settle() -> None:
        nonlocal done
        while time.perf_counter() < end:
            now = real_now()
            claims = await store.claim("lab", owner="bench", at=now, until=now + LEASE, limit=CLAIMED_MAX)
            await asyncio.gather(*(store.settle(each, delivered(now)) for each in claims))
            done += len(claims)

    await asyncio.gather(*(add() for _ in range(senders)), settle())
    await store.close()
    return round(done / seconds, 1)


def _opened(place: str) -> WrittenStore:
    if not place.startswith(SCHEMES):
        return SqliteStore(Path(place) / "store-only.sqlite")
    from ayni.engine.store.postgresql import PostgresqlStore  # an extra

    return PostgresqlStore(place)


def main(place: str, senders: str, seconds: str) -> None:
    """Runs it and prints the figure."""
    print(uvloop.run(store_only(place, int(senders), float(seconds))))  # noqa: T201 - this is its answer


if __name__ == "__main__":
    main(*sys.argv[1:])
