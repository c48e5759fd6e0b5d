"""Delivering: one deliverer per destination leases the heads of its lanes, sends them and settles.

While nobody answers at an address the whole destination waits and probes with one lane, however many it
has: one breaker, not one per lane. A delivery that was not taken, or whose answer was lost, waits by itself
and its lane with it. What a failure leads to is decided in `policy`; this obeys.
"""

import asyncio
import contextlib
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import structlog
from msgspec.structs import replace

from ayni.engine.channel import Channel, Destination
from ayni.engine.connectors.channel_link import ToChannel
from ayni.engine.connectors.contract import Parcel, Sender
from ayni.engine.failpoint import failpoint
from ayni.engine.pipeline import Pipeline
from ayni.engine.store.contract import Claim, DeliveryState, Fenced, Settlement
from ayni.wire.failure import Backoff, LinkError, NotConnected, NotTaken, NotTried, OutcomeUnknown, Refused
from ayni.wire.logging import correlated, where

log = structlog.get_logger()

LANES_AT_ONCE = 64
"""Enough to hide a partner's latency and the disk's, few enough not to flood a server that comes back. A
sender of many connections says how many more it can use (`lanes_at_once`)."""
LOOK_AGAIN_SECONDS = 30.0
"""Every stored message wakes the deliverer; looking by itself as well mends a lost wake-up."""
LEASE_MARGIN_SECONDS = 30.0
"""Beyond the longest send: settling waits for the disk, and a busy machine for its turn."""

LEASES_ALIKE_SECONDS = 1.0
"""So much shorter than it could be is a lease at most."""

Outcome = Literal["delivered", "not-taken", "unknown", "refused"]


@dataclass(slots=True)
class Breaker:
    """Whether the address answers. Open after a failed connection; then one probe at a time."""

    backoff: Backoff
    lanes_at_once: int = LANES_AT_ONCE
    failed_count: int = 0
    probe_at: float = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the last attempt found nobody."""
        return self.failed_count > 0

    def room(self, in_hand: int, now: float) -> int:
        """How many more lanes may be in hand."""
        if now < self.probe_at:
            return 0
        return max(0, (1 if self.is_open else self.lanes_at_once) - in_hand)

    def answered(self) -> None:
        """Somebody was there."""
        self.failed_count, self.probe_at = 0, 0.0

    def failed(self, now: float) -> None:
        """Nobody was there. Lanes that fail together are one failure."""
        if now >= self.probe_at:
            self.failed_count += 1
            self.probe_at = now + self.backoff.pause(self.failed_count)


class FreeHand:
    """A place among those in hand, kept for a delivery that is being written (`store.contract.Hand`)."""

    __slots__ = ("_claim", "_deadline", "_deliverer", "owner", "until")

    def __init__(self, deliverer: "Deliverer", owner: str, until: datetime, deadline: float) -> None:
        self.owner, self.until = owner, until
        self._deliverer, self._deadline = deliverer, deadline
        self._claim: Claim | None = None

    def hold(self, claim: Claim) -> None:
        self._claim = claim

    def let_go(self, *, is_committed: bool) -> None:
        self._deliverer.promised_count -= 1
        if is_committed and self._claim is not None:
            self._deliverer.begin(self._claim, self._deadline)


class Deliverer:
    """The work of one destination. `owner` names this node in the leases it takes."""

    def __init__(
        self,
        partner: str,
        sender: Sender,
        *,
        pipeline: Pipeline,
        backoff: Backoff,
        owner: str,
        answer_seconds: float,
    ) -> None:
        self.partner = partner
        self.is_paused = False
        self._sender, self._pipeline, self._backoff, self._owner = sender, pipeline, backoff, owner
        self._lease = timedelta(seconds=answer_seconds + LEASE_MARGIN_SECONDS)
        self._send_within = answer_seconds + LEASE_MARGIN_SECONDS / 2
        self._breaker = Breaker(backoff, max(LANES_AT_ONCE, getattr(sender, "lanes_at_once", 0)))
        self._work = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._in_hand: set[asyncio.Task[None]] = set()
        self._declared: tuple[Channel | None, Destination] = (None, _UNDECLARED)
        self._is_behind = True  # until a look shows that nothing due is left waiting
        self._is_over = False
        self.promised_count = 0
        self._leased, self._next_lease_at = (pipeline.steady_now(), 0.0), 0.0

    def free_hand(self) -> FreeHand | None:
        """A hand for a delivery that is being written; None when there is none, or others wait already."""
        if self._is_behind or self._is_over or not self._room:
            return None
        self.promised_count += 1
        until, deadline = self._lease_of(self._loop.time())
        return FreeHand(self, self._owner, until, deadline)

    def _lease_of(self, now: float) -> tuple[datetime, float]:
        """Until when a lease lasts that begins now, and when its sending must have begun; one for all of a
        second, so that a message need not wait for the clock."""
        if now >= self._next_lease_at:
            self._next_lease_at = now + LEASES_ALIKE_SECONDS
            self._leased = self._pipeline.steady_now() + self._lease, now + self._send_within
        return self._leased

    def wake(self) -> None:
        """Says that there is work; on the loop's own thread."""
        self._work.set()

    @property
    def is_link_down(self) -> bool:
        """Whether the last attempt found nobody at the address."""
        return self._breaker.is_open

    @property
    def in_hand_count(self) -> int:
        """Deliveries being sent or settled now, and those that begin as soon as they are committed."""
        return len(self._in_hand) + self.promised_count

    async def run(self) -> None:
        """Delivers until cancelled; what is in hand is then finished as unknown or settled."""
        try:
            while True:
                self._work.clear()
                try:
                    await self._take_up()
                    await self._wait_for_work()
                except Exception as error:  # whatever broke, the deliveries are still there and go again
                    log.error("deliverer failed", destination=self.partner, **where(error))
                    await asyncio.sleep(self._backoff.pause(1))
        finally:
            self._is_over = True
            for task in self._in_hand:
                task.cancel()
            await asyncio.gather(*self._in_hand, return_exceptions=True)
            await self._sender.close()

    async def _take_up(self) -> None:
        """Begins to deliver the heads that are due, as many as there is room for."""
        room = self._room
        if not room:
            return
        at, (until, deadline) = self._pipeline.steady_now(), self._lease_of(self._loop.time())
        claims = await self._pipeline.store.claim(
            self.partner, owner=self._owner, at=at, until=until, limit=room
        )
        for claim in claims:
            self.begin(claim, deadline)
        self._is_behind = len(claims) == room
        if self._is_behind:
            self._work.set()

    def begin(self, claim: Claim, deadline: float) -> None:
        """Delivers what is leased; one that ends leaves it leased, to be found again at the next start."""
        failpoint("claimed")
        if self._is_over:
            return
        task = self._loop.create_task(self._deliver(claim, deadline))
        self._in_hand.add(task)
        task.add_done_callback(self._done)

    @property
    def _room(self) -> int:
        return 0 if self.is_paused else self._breaker.room(self.in_hand_count, self._loop.time())

    def _done(self, task: asyncio.Task[None]) -> None:
        self._in_hand.discard(task)
        self._work.set()
        if not task.cancelled() and (error := task.exception()):
            log.error("delivery not settled", destination=self.partner, **where(error))

    async def _wait_for_work(self) -> None:
        seconds = LOOK_AGAIN_SECONDS
        if self._room and not self._work.is_set():
            seconds = min(seconds, await asyncio.to_thread(self._next_due_seconds))
        elif self._breaker.is_open and not self._in_hand and not self.is_paused:
            seconds = max(0.0, self._breaker.probe_at - self._loop.time())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # wait_for may swallow a cancellation (Python 3.11)
                await self._work.wait()

    def _next_due_seconds(self) -> float:
        due = self._pipeline.store.next_due(self.partner)
        return max(0.0, (due - self._pipeline.steady_now()).total_seconds()) if due else LOOK_AGAIN_SECONDS

    async def _deliver(self, claim: Claim, deadline: float) -> None:
        with correlated(claim.correlation_id):
            settlement = await self._attempted(claim, deadline)
            try:
                await self._settle(claim, settlement)
            except Fenced:
                log.warning("lease was lost", destination=self.partner, control_id=claim.control_id)
            except Exception as error:  # a handover that breaks holds its own lane, not the destination
                log.error("delivery not settled", destination=self.partner, **where(error))
                await self._settle(claim, self._doubted(claim, settlement, error))

    async def _attempted(self, claim: Claim, deadline: float) -> Settlement:
        """Sends once, unless the lease may be over: then another node could be sending already."""
        opens_in = self._destination_of(claim).policy.opens_in(self._pipeline.now())
        started_at, started = self._pipeline.now(), time.perf_counter()
        if opens_in:
            return _put_off(started_at, self._pipeline.steady_now() + opens_in)
        try:
            if self._loop.time() > deadline:
                raise NotTried("the lease was nearly over")
            failpoint("sending")
            answer = await self._sender.send(_parcel(claim, deadline))
            failpoint("sent")
        except LinkError as error:
            return self._failed(claim, error, started_at, started)
        except Exception as error:  # a connector that breaks its contract must not lose what it was given
            log.error("connector failed", destination=self.partner, **where(error))
            unknown = OutcomeUnknown(f"connector failed: {type(error).__name__}")
            return self._failed(claim, unknown, started_at, started)
        self._breaker.answered()
        return Settlement(
            state=DeliveryState.DELIVERED,
            started_at=started_at,
            ms=_ms_since(started),
            outcome="delivered",
            reason="",
            answer=answer,
            due_at=self._pipeline.steady_now(),
        )

    def _failed(self, claim: Claim, error: LinkError, started_at: datetime, started: float) -> Settlement:
        counts = error.reached_partner
        if isinstance(error, NotConnected):
            self._breaker.failed(self._loop.time())
        elif counts:
            self._breaker.answered()
        policy = self._destination_of(claim).policy
        attempt_count = claim.attempt_count + 1
        pause = self._backoff.pause(attempt_count) if counts else 0.0
        return Settlement(
            state=policy.state_after(error, attempt_count),
            started_at=started_at,
            ms=_ms_since(started),
            outcome=_outcome(error),
            reason=error.reason,
            answer=error.answer,
            due_at=self._pipeline.steady_now() + timedelta(seconds=pause),
            holds=policy.when_stopped == "hold",
            counts=counts,
        )

    def _doubted(self, claim: Claim, settlement: Settlement, error: Exception) -> Settlement:
        """The same attempt, of which nobody can say what it led to."""
        unknown = OutcomeUnknown(f"settling failed: {type(error).__name__}", answer=settlement.answer)
        attempt_count, policy = claim.attempt_count + 1, self._destination_of(claim).policy
        return replace(
            settlement,
            state=policy.state_after(unknown, attempt_count),
            outcome="unknown",
            reason=unknown.reason,
            due_at=self._pipeline.steady_now() + timedelta(seconds=self._backoff.pause(attempt_count)),
            holds=policy.when_stopped == "hold",
        )

    async def _settle(self, claim: Claim, settlement: Settlement) -> None:
        then = None
        if settlement.state is DeliveryState.DELIVERED:
            handover = self._destination_of(claim).handover(settlement.answer)
            if handover is not None:
                then = self._pipeline.handed_over(
                    handover, source=f"{claim.channel}/{self.partner}", parent_id=claim.message_id
                )
        failpoint("handing-over" if then else "settling")
        await self._pipeline.store.settle(claim, settlement, then=then)
        failpoint("settled")
        self._pipeline.meter.attempted(claim, settlement)
        if then is not None:
            self._pipeline.meter.made(then)
        if settlement.state is not DeliveryState.DELIVERED:
            self._warn(claim, settlement)
        for delivery in then.deliveries if then else ():
            self._pipeline.wake(delivery.destination)

    def _warn(self, claim: Claim, settlement: Settlement) -> None:
        log.warning(
            "delivery attempted",
            destination=self.partner,
            control_id=claim.control_id,
            state=settlement.state.value,
            reason=settlement.reason,
        )

    def _destination_of(self, claim: Claim) -> Destination:
        """As the channel declares it now; a channel that was taken away still has its deliveries sent."""
        channel = self._pipeline.channels.get(claim.channel)
        declared, found = self._declared
        if channel is None or channel is not declared:
            found = self._found(channel)
            self._declared = channel, found
        return found

    def _found(self, channel: Channel | None) -> Destination:
        found = _of_partner(channel, self.partner) if channel else None
        others = (_of_partner(other, self.partner) for other in self._pipeline.channels.values())
        return found or next(filter(None, others), _UNDECLARED)


def _nothing(_: object) -> None:
    """What a partner that no channel names is sent anew."""


_UNDECLARED = Destination(partner="", connector=ToChannel(channel=""), transform=_nothing)
"""How to treat failures of a partner that no channel names any more: as of any other."""


def _of_partner(channel: Channel, partner: str) -> Destination | None:
    return next((each for each in channel.destinations if each.partner == partner), None)


def _parcel(claim: Claim, begin_by: float) -> Parcel:
    return Parcel(
        content=claim.content,
        control_id=claim.control_id,
        key=claim.key,
        message_id=claim.message_id,
        attempt_count=claim.attempt_count,
        begin_by=begin_by,
    )


def _put_off(at: datetime, due_at: datetime) -> Settlement:
    """The partner is closed at this time of day: nothing was tried."""
    return Settlement(
        state=DeliveryState.PENDING,
        started_at=at,
        ms=0.0,
        outcome="not-taken",
        reason="closed at this time",
        answer=b"",
        due_at=due_at,
        counts=False,
    )


def _outcome(error: LinkError) -> Outcome:
    if isinstance(error, Refused):
        return "refused"
    return "not-taken" if isinstance(error, NotTaken) else "unknown"


def _ms_since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)
