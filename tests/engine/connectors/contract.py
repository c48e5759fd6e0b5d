"""What every source and every destination does, as tests. Subclass one and provide its two fixtures.

A connector that cannot do one of these names the test in `CANNOT`, with the reason. One stands outside:
`FromChannels` is a source that brings nothing, since the engine itself hands over what another channel's
`ToChannel` sends. `test_channel_link.py` tests that way whole, between two channels of a running engine; the
sending end keeps the contract of destinations.
"""

import asyncio
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import pytest
from structlog.testing import capture_logs

from ayni.engine.connectors.contract import Sender, Source, Verdict
from ayni.wire.failure import LinkError, NotConnected, NotTaken, OutcomeUnknown, Refused

from .sides import (
    A_WHILE_SECONDS,
    NOT_KEPT,
    REFUSAL,
    REFUSED,
    Desk,
    FarSide,
    Outside,
    open_files,
    parcel,
    until,
)

SECRET = "QUISPEMAMANI"
"""Stands for what a patient's message says: it must not be in any error's text."""


def cannot(**reasons: str) -> Mapping[str, str]:
    """The tests that a connector cannot pass, each with its reason."""
    return MappingProxyType(reasons)


class Contract:
    CANNOT: ClassVar[Mapping[str, str]] = cannot()

    @pytest.fixture(autouse=True)
    def _only_what_it_can(self, request: pytest.FixtureRequest) -> None:
        name = getattr(request.node, "originalname", request.node.name)
        if reason := self.CANNOT.get(name):
            pytest.skip(reason)


class SourceContract(Contract):
    """What every source does. Provide `source` and `outside`."""

    @pytest.fixture
    def desk(self) -> Iterator[Desk]:
        desk = Desk()
        yield desk
        desk.gate.set()

    async def test_bytes_arrive_unchanged(self, source: Source, outside: Outside, desk: Desk) -> None:
        async with source.running(desk.receive):
            raw = await outside.offer("ñandú, 1.10 mg, |^~\\& «so»")
            assert (await desk.gets(1)) == [raw]

    async def test_nothing_is_taken_before_the_verdict(
        self, source: Source, outside: Outside, desk: Desk
    ) -> None:
        desk.gate.clear()
        async with source.running(desk.receive):
            raw = await outside.offer("one")
            await desk.gets(1)
            await asyncio.sleep(A_WHILE_SECONDS)
            assert outside.fate(raw) == "waiting"
            desk.gate.set()
            await until(lambda: outside.fate(raw) == "taken")

    @pytest.mark.parametrize("state", ["stored", "repeated", "filtered"])
    async def test_what_was_taken_does_not_come_again(
        self, source: Source, outside: Outside, desk: Desk, state: Any
    ) -> None:
        desk.script = [Verdict(state=state)]
        async with source.running(desk.receive):
            raw = await outside.offer("one")
            await until(lambda: outside.fate(raw) == "taken")
            await asyncio.sleep(A_WHILE_SECONDS)
        assert len(desk.arrived) == 1

    async def test_what_was_refused_is_put_aside_with_its_reason(
        self, source: Source, outside: Outside, desk: Desk
    ) -> None:
        desk.script = [REFUSED]
        with capture_logs() as lines:
            async with source.running(desk.receive):
                raw = await outside.offer(SECRET)
                await until(lambda: outside.fate(raw) == "refused")
                await asyncio.sleep(A_WHILE_SECONDS)
        assert len(desk.arrived) == 1
        assert REFUSAL.code in outside.reason(raw)
        assert SECRET not in str(lines)

    async def test_a_refused_one_does_not_stop_the_next(
        self, source: Source, outside: Outside, desk: Desk
    ) -> None:
        desk.script = [REFUSED]
        async with source.running(desk.receive):
            first = await outside.offer("one")
            await desk.gets(1)
            second = await outside.offer("two")
            await until(lambda: outside.fate(second) == "taken")
            assert outside.fate(first) == "refused"

    async def test_what_was_not_kept_stays_and_comes_again_under_the_same_name(
        self, source: Source, outside: Outside, desk: Desk
    ) -> None:
        desk.script = [NOT_KEPT, NOT_KEPT]
        async with source.running(desk.receive):
            raw = await outside.offer("one")
            await until(lambda: outside.fate(raw) == "taken")
        assert [each.raw for each in desk.arrived] == [raw] * 3
        assert len({each.control_id for each in desk.arrived}) == 1

    async def test_what_the_engine_broke_on_is_not_taken(
        self, source: Source, outside: Outside, desk: Desk
    ) -> None:
        desk.script = [RuntimeError(f"broken on {SECRET}")]
        with capture_logs() as lines:
            async with source.running(desk.receive):
                raw = await outside.offer("one")
                await desk.gets(2)
                await until(lambda: outside.fate(raw) == "taken")
        assert SECRET not in str(lines)

    async def test_two_messages_have_two_names(self, source: Source, outside: Outside, desk: Desk) -> None:
        async with source.running(desk.receive):
            for text in ("one", "two"):
                raw = await outside.offer(text)
                await until(lambda raw=raw: outside.fate(raw) == "taken")
        assert len({each.control_id for each in desk.arrived}) == 2

    async def test_leaving_finishes_what_is_in_hand(
        self, source: Source, outside: Outside, desk: Desk
    ) -> None:
        desk.gate.clear()
        async with asyncio.TaskGroup() as group:
            leave = asyncio.Event()
            block = group.create_task(_run(source, desk, leave))
            raw = await outside.offer("one")
            await desk.gets(1)
            leave.set()
            await asyncio.sleep(A_WHILE_SECONDS)
            assert not block.done()
            desk.gate.set()
        await until(lambda: outside.fate(raw) == "taken")

    async def test_after_leaving_nothing_is_taken_and_entering_again_takes_it(
        self, source: Source, outside: Outside, desk: Desk
    ) -> None:
        async with source.running(desk.receive):
            await asyncio.sleep(0.02)
        raw = await outside.offer("one")
        await asyncio.sleep(A_WHILE_SECONDS)
        assert desk.arrived == []
        async with source.running(desk.receive):
            await until(lambda: outside.fate(raw) == "taken")

    async def test_a_place_out_of_reach_is_looked_for_again(
        self, source: Source, outside: Outside, desk: Desk
    ) -> None:
        await outside.vanish()
        async with source.running(desk.receive):
            await asyncio.sleep(A_WHILE_SECONDS)
            await outside.appear()
            raw = await outside.offer("one")
            await until(lambda: outside.fate(raw) == "taken")

    async def test_a_place_may_vanish_and_come_back_meanwhile(
        self, source: Source, outside: Outside, desk: Desk
    ) -> None:
        async with source.running(desk.receive):
            first = await outside.offer("one")
            await until(lambda: outside.fate(first) == "taken")
            await outside.vanish()
            await asyncio.sleep(A_WHILE_SECONDS)
            await outside.appear()
            second = await outside.offer("two")
            await until(lambda: outside.fate(second) == "taken")

    async def test_no_task_and_no_open_file_is_left(
        self, source: Source, outside: Outside, desk: Desk
    ) -> None:
        await _take_one(source, outside, desk)
        tasks, files = asyncio.all_tasks(), open_files()
        await _take_one(source, outside, desk)
        await until(lambda: asyncio.all_tasks() <= tasks and open_files() <= files)


async def _run(source: Source, desk: Desk, leave: asyncio.Event) -> None:
    async with source.running(desk.receive):
        await leave.wait()


async def _take_one(source: Source, outside: Outside, desk: Desk) -> None:
    async with source.running(desk.receive):
        raw = await outside.offer(f"message {len(desk.arrived)}")
        await until(lambda: outside.fate(raw) == "taken")


class DestinationContract(Contract):
    """What every destination does. Provide `sender` and `far_side`, whose answer takes at most a second."""

    async def test_bytes_are_taken_unchanged(self, sender: Sender, far_side: FarSide) -> None:
        content = far_side.content("ñandú, 1.10 mg, |^~\\& «so»")
        await sender.send(parcel(content))
        assert far_side.taken() == [content]

    async def test_a_repeated_message_takes_effect_once(self, sender: Sender, far_side: FarSide) -> None:
        content = far_side.content("one")
        await sender.send(parcel(content))
        await sender.send(parcel(content, attempt_count=1))
        assert far_side.taken() == [content]

    async def test_two_messages_are_two(self, sender: Sender, far_side: FarSide) -> None:
        contents = [far_side.content("one"), far_side.content("two")]
        for number, content in enumerate(contents):
            await sender.send(parcel(content, number=number))
        assert far_side.taken() == contents

    async def test_several_may_be_on_their_way_at_once(self, sender: Sender, far_side: FarSide) -> None:
        contents = [far_side.content(f"number {number}") for number in range(8)]
        await asyncio.gather(*(sender.send(parcel(each, number=n)) for n, each in enumerate(contents)))
        assert sorted(far_side.taken()) == sorted(contents)

    async def test_nobody_there_is_not_connected(self, sender: Sender, far_side: FarSide) -> None:
        content = far_side.content(SECRET)
        await far_side.down()
        await fails(NotConnected, sender, content)
        await far_side.up()
        await sender.send(parcel(content, attempt_count=1))
        assert far_side.taken() == [content]

    async def test_somebody_who_went_away_is_found_again(self, sender: Sender, far_side: FarSide) -> None:
        first, second = far_side.content("one"), far_side.content("two")
        await sender.send(parcel(first))
        await far_side.down()
        with pytest.raises(LinkError):
            await sender.send(parcel(second, number=1))
        await far_side.up()
        await sender.send(parcel(second, number=1, attempt_count=1))
        assert far_side.taken() == [first, second]

    async def test_a_no_is_refused(self, sender: Sender, far_side: FarSide) -> None:
        content = far_side.content(SECRET)
        await far_side.says_no()
        await fails(Refused, sender, content)
        assert content not in far_side.taken()

    async def test_a_later_is_not_taken(self, sender: Sender, far_side: FarSide) -> None:
        content = far_side.content(SECRET)
        await far_side.says_later()
        failure = await fails(NotTaken, sender, content)
        assert not isinstance(failure, NotConnected)
        assert far_side.taken() == []
        await sender.send(parcel(content, attempt_count=1))
        assert far_side.taken() == [content]

    async def test_a_lost_answer_is_unknown_and_the_repeat_takes_effect_once(
        self, sender: Sender, far_side: FarSide
    ) -> None:
        content = far_side.content(SECRET)
        await far_side.loses_its_answer()
        await fails(OutcomeUnknown, sender, content)
        assert far_side.taken() == [content]
        await sender.send(parcel(content, attempt_count=1))
        assert far_side.taken() == [content]

    async def test_silence_is_unknown_after_its_time(self, sender: Sender, far_side: FarSide) -> None:
        await far_side.is_silent()
        async with asyncio.timeout(5):
            await fails(OutcomeUnknown, sender, far_side.content(SECRET))

    async def test_closing_ends_what_is_under_way_as_unknown(self, sender: Sender, far_side: FarSide) -> None:
        await far_side.is_silent()
        sending = asyncio.create_task(sender.send(parcel(far_side.content("one"))))
        await asyncio.sleep(A_WHILE_SECONDS)
        await sender.close()
        with pytest.raises(OutcomeUnknown):
            await sending

    async def test_closing_twice_is_once(self, sender: Sender, far_side: FarSide) -> None:
        await sender.send(parcel(far_side.content("one")))
        await sender.close()
        await sender.close()

    async def test_a_caller_that_is_cancelled_is_cancelled(self, sender: Sender, far_side: FarSide) -> None:
        await far_side.is_silent()
        sending = asyncio.create_task(sender.send(parcel(far_side.content("one"))))
        await asyncio.sleep(A_WHILE_SECONDS)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending

    async def test_no_task_and_no_open_file_is_left(self, sender: Sender, far_side: FarSide) -> None:
        tasks, files = asyncio.all_tasks(), open_files()
        await sender.send(parcel(far_side.content("one")))
        await sender.close()
        await until(lambda: asyncio.all_tasks() <= tasks and open_files() <= files)


async def fails(failure: type[LinkError], sender: Sender, content: bytes) -> LinkError:
    """The failure that a send leads to, and nothing of the content is in its text."""
    with pytest.raises(failure) as caught:
        await sender.send(parcel(content))
    assert SECRET not in f"{caught.value} {caught.value!r}"
    return caught.value
