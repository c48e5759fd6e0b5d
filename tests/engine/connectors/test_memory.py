"""The twins in memory keep the contract of the real ones."""

import pytest

from ayni.engine.connectors.contract import Sender, Source, World
from ayni.engine.connectors.memory import MemoryDestination, MemorySource, Partner, Tray
from ayni.wire.failure import NotTaken, OutcomeUnknown, Refused

from .contract import DestinationContract, SourceContract, cannot
from .sides import Fate, parcel


class TrayOutside:
    def __init__(self, tray: Tray) -> None:
        self.tray = tray
        self._count = 0

    async def offer(self, text: str) -> bytes:
        self._count += 1
        self.tray.put(text.encode(), control_id=str(self._count))
        return text.encode()

    def fate(self, raw: bytes) -> Fate:
        if raw in [each.raw for each in self.tray.taken]:
            return "taken"
        return "refused" if raw in [each.raw for each, _ in self.tray.refused] else "waiting"

    def reason(self, raw: bytes) -> str:
        return " ".join(str(error) for each, error in self.tray.refused if each.raw == raw)

    async def vanish(self) -> None:
        self.tray.is_there = False

    async def appear(self) -> None:
        self.tray.is_there = True


class TestMemorySource(SourceContract):
    @pytest.fixture
    def outside(self) -> TrayOutside:
        return TrayOutside(Tray())

    @pytest.fixture
    def source(self, world: World, outside: TrayOutside) -> Source:
        return MemorySource(tray=outside.tray).open(world, "results")


class PartnerSide:
    def __init__(self, partner: Partner) -> None:
        self.partner = partner

    def content(self, text: str) -> bytes:
        return text.encode()

    def taken(self) -> list[bytes]:
        return [each.content for each in self.partner.taken]

    async def says_no(self) -> None:
        self.partner.script.append(Refused("no"))

    async def says_later(self) -> None:
        self.partner.script.append(NotTaken("later"))

    async def loses_its_answer(self) -> None:
        self.partner.script.append(OutcomeUnknown("lost"))

    async def is_silent(self) -> None:
        self.partner.gate.clear()

    async def down(self) -> None:
        self.partner.is_there = False

    async def up(self) -> None:
        self.partner.is_there = True


class TestMemoryDestination(DestinationContract):
    CANNOT = cannot(test_silence_is_unknown_after_its_time="it has no clock: it waits until its gate opens")

    @pytest.fixture
    def far_side(self) -> PartnerSide:
        return PartnerSide(Partner())

    @pytest.fixture
    def sender(self, world: World, far_side: PartnerSide) -> Sender:
        return MemoryDestination(partner=far_side.partner).open(world, "lab")

    async def test_the_script_is_what_it_answers(self, world: World) -> None:
        partner = Partner(b"first", answer=b"then")
        sender = MemoryDestination(partner=partner).open(world, "lab")
        assert [await sender.send(parcel(b"x", number=number)) for number in (1, 2)] == [b"first", b"then"]

    async def test_the_same_name_with_other_content_is_refused(self, world: World) -> None:
        sender = MemoryDestination().open(world, "lab")
        await sender.send(parcel(b"one"))
        with pytest.raises(Refused):
            await sender.send(parcel(b"other"))
