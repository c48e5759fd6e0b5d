"""Leases that end while their message is under way: whoever comes late changes nothing."""

from collections import Counter
from pathlib import Path
from random import Random

from chaos.lies import TRUTH, Answer, framed
from chaos.life import Nursery
from chaos.messages import draw, lanes_of
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
