"""The laws that the deliverer keeps with the store: deadline, one breaker, identical bytes, hold or pass."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from ayni.engine.channel import Channel, Destination
from ayni.engine.connectors.contract import Parcel
from ayni.engine.delivery import LANES_AT_ONCE, Deliverer
from ayni.engine.pipeline import Pipeline
from ayni.engine.policy import Policy
from ayni.engine.store.sqlite import SqliteStore
from ayni.engine.writing import WAITING_MAX, StoreBusy
from ayni.wire.clock import real_now
from ayni.wire.failure import Backoff, LinkError, NotConnected, NotTaken, OutcomeUnknown, Refused

from .samples import LAB, added, assert_balanced, message, states


class ScriptedSender:
    """Fails as the script says, in turn, and takes everything once that is over."""

    def __init__(self) -> None:
        self.script: list[LinkError] = []
        self.fails_always: LinkError | None = None
        self.sent: list[Parcel] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def send(self, parcel: Parcel) -> bytes:
        self.sent.append(parcel)
        await self.gate.wait()
        error = self.fails_always or (self.script.pop(0) if self.script else None)
        if error is not None:
            raise error
        return b"MSA|AA"

    async def close(self) -> None:
        pass


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    made = SqliteStore(tmp_path / "messages.sqlite")
    yield made
    await made.close()


@pytest.fixture
def sender() -> ScriptedSender:
    return ScriptedSender()


@pytest.fixture
async def deliver(store: SqliteStore, sender: ScriptedSender) -> AsyncIterator[Callable[..., Deliverer]]:
    """Starts a deliverer with this policy; it ends with the test."""
    running: list[asyncio.Task[None]] = []

    def start(policy: Policy | None = None, *, answer_seconds: float = 5.0) -> Deliverer:
        route: Any = None
        to_lab = Destination(
            partner=LAB, connector=route, transform=lambda _: None, policy=policy or Policy()
        )
        channel = Channel(name="orders", title="Órdenes", source=route, destinations=(to_lab,))
        pipeline = Pipeline(
            store=store, channels={"orders": channel}, processing_id="T", now=real_now, wake=lambda _: None
        )
        deliverer = Deliverer(
            LAB,
            sender,
            pipeline=pipeline,
            backoff=Backoff(0.02, 0.04),
            owner="one",
            answer_seconds=answer_seconds,
        )
        running.append(asyncio.create_task(deliverer.run()))
        return deliverer

    yield start
    for task in running:
        task.cancel()
    _, still = await asyncio.wait(running, timeout=5)
    for task in still:  # it was told once too often, and must not hold up every other test
        task.cancel()
    assert not still, "a deliverer that was told to end goes on"


async def become(store: SqliteStore, message_id: int, state: str) -> None:
    async with asyncio.timeout(10):
        while states(store, message_id) != [state]:  # noqa: ASYNC110 - it lies in a file
            await asyncio.sleep(0.01)


async def test_law_04_nothing_is_sent_when_the_lease_may_be_over(store, sender, deliver) -> None:
    message_id = await added(store)
    deliver(answer_seconds=-16.0)  # the deadline lies before the claim, as after a long pause of the process
    async with asyncio.timeout(10):
        while not (found := store.message(message_id)["deliveries"][0]["attempts"]):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert sender.sent == []
    assert found[0]["outcome"] == "not-taken"


async def test_law_05_after_a_lost_answer_the_same_bytes_with_the_same_name_go_again(
    store, sender, deliver
) -> None:
    sender.script = [OutcomeUnknown("closed"), OutcomeUnknown("late")]
    message_id = await added(store)
    deliver()
    await become(store, message_id, "delivered")
    assert len(sender.sent) == 3
    assert len({(each.content, each.control_id) for each in sender.sent}) == 1
    assert [each.attempt_count for each in sender.sent] == [0, 1, 2]


@pytest.mark.parametrize("error", [Refused("AE 207"), NotTaken("AE"), OutcomeUnknown("garbage")])
@pytest.mark.parametrize(("when_stopped", "behind"), [("hold", "pending"), ("pass", "delivered")])
async def test_law_07_what_cannot_be_delivered_stops_and_holds_or_passes_as_the_route_says(
    store, sender, deliver, error, when_stopped, behind
) -> None:
    sender.script = [error] * (1 if isinstance(error, Refused) else 3)
    poison, next_one = await added(store, "A"), await added(store, "A")
    deliverer = deliver(Policy(attempts_max=3, when_stopped=when_stopped))
    await become(store, poison, "refused" if isinstance(error, Refused) else "stalled")
    beside = await added(store, "B")
    deliverer.wake()
    await become(store, beside, "delivered")
    await become(store, next_one, behind)
    assert_balanced(store)


async def test_law_08_no_more_lanes_than_a_partner_can_bear_are_under_way(store, sender, deliver) -> None:
    sender.gate.clear()
    await asyncio.gather(*(added(store, str(number)) for number in range(LANES_AT_ONCE + 20)))
    deliverer = deliver()
    await asyncio.sleep(0.3)
    assert deliverer.in_hand_count == len(sender.sent) == LANES_AT_ONCE
    sender.gate.set()


async def test_law_08_a_sender_of_many_connections_bears_more(store, sender, deliver) -> None:
    sender.gate.clear()
    sender.lanes_at_once = LANES_AT_ONCE + 10
    await asyncio.gather(*(added(store, str(number)) for number in range(LANES_AT_ONCE + 20)))
    deliverer = deliver()
    await asyncio.sleep(0.3)
    assert deliverer.in_hand_count == len(sender.sent) == LANES_AT_ONCE + 10
    sender.gate.set()


async def test_law_08_when_the_disk_is_stuck_senders_hear_so_at_once(store) -> None:
    asked = [asyncio.ensure_future(store.add(message(str(number)))) for number in range(WAITING_MAX + 1)]
    done, _ = await asyncio.wait(asked, timeout=0.001)
    assert [type(each.exception()) for each in done if each.exception()] == [StoreBusy]
    assert sum(isinstance(each, int) for each in await asyncio.gather(*asked, return_exceptions=True)) == (
        WAITING_MAX
    )


async def test_law_09_an_address_where_nobody_answers_is_probed_with_one_lane(store, sender, deliver) -> None:
    sender.fails_always = NotConnected("refused")
    ids = await asyncio.gather(*(added(store, str(number)) for number in range(200)))
    deliverer = deliver()
    await asyncio.sleep(0.5)
    assert deliverer.is_link_down
    assert len(sender.sent) <= LANES_AT_ONCE + 40  # a first round, then one probe for each pause
    attempts = [store.message(each)["deliveries"][0]["attempt_count"] for each in ids[:5]]
    assert attempts == [0] * 5, "an outage costs no message its attempts"
    sender.fails_always = None
    await become(store, ids[-1], "delivered")
