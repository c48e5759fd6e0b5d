"""Leases that end while their message is under way: whoever comes late changes nothing."""

from collections import Counter
from pathlib import Path
from random import Random

from chaos.lies import TRUTH, Answer, framed
from chaos.life import Nursery
from chaos.messages import Message, draw, lanes_of
from chaos.stage import stage

LEASE_SECONDS = 0.1
SLOW_SECONDS = 3 * LEASE_SECONDS
ANSWER_SECONDS = 2.0


def slow_at_first(_: str, count: int) -> Answer:
    """The first answer comes when the lease is long over, those behind it at once."""
    late = Answer(lambda answer: [SLOW_SECONDS, framed(answer)], "yes")
    return late if count == 1 else TRUTH


async def test_who_lost_its_lease_settles_nothing(tmp_path: Path, at: Nursery) -> None:
    margin = LEASE_SECONDS - ANSWER_SECONDS
    async with stage(tmp_path, at, answer_seconds=ANSWER_SECONDS, lease_margin_seconds=margin) as on:
        on.peers["ward"].behave = slow_at_first
        for number in range(3):
            on.add_sender(draw(f"Z{number}", range(6), lanes_of(3), Random(number)))
        await on.start()
        async with on.load() as sending:
            await sending
        assert await on.verdict() == []
        counts = Counter(event.op for event in on.events())
    assert counts["fenced"] >= 5
    assert counts["received"] > counts["effect"]


SLOW_ANSWER_SECONDS = 0.25
"""Sixteen lanes on each of four connections: the last of them waits longer than its lease lasts."""
LANES = 64


def always_slow(_: str, __: int) -> Answer:
    return Answer(lambda answer: [SLOW_ANSWER_SECONDS, framed(answer)], "yes")


async def test_many_lanes_of_a_slow_partner_lose_no_lease_and_nothing_is_sent_twice(
    tmp_path: Path, at: Nursery
) -> None:
    async with stage(tmp_path, at, answer_seconds=0.5, lease_margin_seconds=2.0) as on:
        on.peers["ward"].behave = always_slow
        for number, lane in enumerate(lanes_of(LANES)):
            on.add_sender([Message(f"S{number}", 1, "plain", (lane,))])
        await on.start()
        async with on.load() as sending:
            await sending
        assert await on.verdict() == []
        counts = Counter(event.op for event in on.events())
        outcomes = Counter(event.outcome for event in on.events() if event.op == "attempt")
    assert counts["fenced"] == 0
    assert counts["received"] == LANES
    assert outcomes["not-taken"] >= 1  # some did wait for too long, and went later
