"""A disk that fails at the n-th call, does not sync, or is full: no acknowledgement without its commit."""

import os
from pathlib import Path
from random import Random

import pytest

from chaos.life import NotReady, Nursery
from chaos.lossy import Trouble
from chaos.messages import Message, draw, lanes_of
from chaos.outcome import Outcome
from chaos.stage import Stage, stage
from chaos.sweep import CALLS, ERRORS, SHORT, points, sweep

POINTS = 60


async def test_sixty_calls_that_fail_one_at_a_time(tmp_path: Path, at: Nursery, outcome: Outcome) -> None:
    await sweep(tmp_path, at, outcome, list(points(POINTS, Random(5))))
    assert outcome.findings == []
    assert outcome.counts["points"] == POINTS
    hits = sum(count for name, count in outcome.counts.items() if name.startswith("hit: "))
    assert hits > POINTS * 3 // 4
    kinds = {" ".join(name.split()[1:3]) for name in outcome.counts if name.startswith("hit: ")}
    assert kinds == {f"{call} {error}" for call in CALLS for error in ERRORS}


def some(src: str, count: int) -> list[Message]:
    return list(draw(src, range(count), lanes_of(3), Random(6)))


def answers(on: Stage) -> list[str]:
    return [each.outcome.partition("|")[0] for each in on.events() if each.op in ("ok", "nack")]


@pytest.mark.parametrize("error", ["eio", "full"])
async def test_a_sync_that_fails_ends_the_process_and_nobody_heard_yes(
    tmp_path: Path, at: Nursery, error: str
) -> None:
    async with stage(tmp_path, at) as on:
        sender = on.add_sender(some("G1", 6))
        life = await on.start(trouble=Trouble(fail_call="sync", fail_at=1, error=error))  # type: ignore[arg-type]
        async with on.load():
            assert await life.ended() == os.EX_IOERR
        assert answers(on) == []
        await on.start(trouble=Trouble())
        sender.again()
        async with on.load() as sending:
            await sending
        assert await on.verdict() == []
    log = (tmp_path / "engine.log").read_text("utf-8")
    assert log.count("disk did not keep what was written, ending") == 1


async def test_a_full_disk_refuses_and_takes_messages_again_when_there_is_space(
    tmp_path: Path, at: Nursery
) -> None:
    async with stage(tmp_path, at, **SHORT) as on:
        sender = on.add_sender([Message("G1", number, "plain", ("99000001",)) for number in range(6)])
        life = await on.start(trouble=Trouble(fail_call="write", fail_at=1, error="full", lasts=True))
        async with on.load() as sending:
            await sending
        assert answers(on) == ["AR 207"] * 6
        assert await on.ask("waiting") == 0
        await on.ask("heal")
        sender.again()
        async with on.load() as sending:
            await sending
        assert answers(on)[6:] == ["AA"] * 6
        assert await on.verdict() == []
        assert await life.ended() == 0


async def test_what_cannot_be_written_when_it_starts_keeps_it_from_starting(
    tmp_path: Path, at: Nursery
) -> None:
    async with stage(tmp_path, at) as on:
        trouble = Trouble(fail_call="write", fail_at=1, error="full", lasts=True, from_start=True)
        with pytest.raises(NotReady):
            await on.start(trouble=trouble)
        await on.start()
        assert await on.verdict() == []
