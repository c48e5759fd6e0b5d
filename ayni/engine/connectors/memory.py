"""The twins in memory: a source and a destination for tests, held to the same contract as the real ones."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from ayni.engine.connectors.contract import Arrived, Parcel, Sender, Source, World
from ayni.engine.connectors.polling import PollingSource
from ayni.engine.connectors.sends import Sends
from ayni.engine.errors import ContentError
from ayni.wire.failure import LinkError, NotConnected, NotTaken, Refused

LOOK_SECONDS = 0.005


class Tray:
    """The far side of a MemorySource: what waits there, and what became of it."""

    def __init__(self) -> None:
        self.waiting: list[Arrived] = []
        self.taken: list[Arrived] = []
        self.refused: list[tuple[Arrived, ContentError | None]] = []
        self.is_there = True

    def put(self, raw: bytes, *, control_id: str = "", peer: str = "") -> None:
        """Leaves one message."""
        self.waiting.append(Arrived(raw=raw, control_id=control_id, peer=peer))


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySource:
    """Takes what lies on a tray, in its order."""

    tray: Tray = field(default_factory=Tray)
    format: str = "json"

    def open(self, world: World, channel: str) -> Source:
        """See SourceDeclaration."""
        return PollingSource(_TrayPlace(self.tray), every_seconds=LOOK_SECONDS, channel=channel)


class _TrayPlace:
    def __init__(self, tray: Tray) -> None:
        self._tray = tray

    async def look(self) -> AsyncGenerator[Arrived, None]:
        if not self._tray.is_there:
            raise FileNotFoundError
        for arrived in list(self._tray.waiting):
            yield arrived

    async def taken(self, arrived: Arrived) -> None:
        self._tray.waiting.remove(arrived)
        self._tray.taken.append(arrived)

    async def refused(self, arrived: Arrived, error: ContentError | None) -> None:
        self._tray.waiting.remove(arrived)
        self._tray.refused.append((arrived, error))

    async def close(self) -> None:
        """Nothing is held."""


class Partner:
    """The far side of a MemoryDestination: what it took, and what it answers.

    `script` holds the answers to the next sends: bytes say yes, a LinkError is raised; an OutcomeUnknown is a
    yes that got lost. Afterwards `answer` says yes. While `gate` is clear nothing is answered.
    """

    def __init__(self, *script: bytes | LinkError, answer: bytes = b"") -> None:
        self.script = list(script)
        self.answer = answer
        self.taken: list[Parcel] = []
        self.is_there = True
        self.gate = asyncio.Event()
        self.gate.set()

    async def take(self, parcel: Parcel) -> bytes:
        """The answer to a parcel; the same one again is taken once."""
        if not self.is_there:
            raise NotConnected("nobody is there")
        said = self.script.pop(0) if self.script else self.answer
        await self.gate.wait()
        if isinstance(said, bytes) or not _certainly_not_taken(said):
            self._keep(parcel)
        if isinstance(said, LinkError):
            raise said
        return said

    def _keep(self, parcel: Parcel) -> None:
        known = [each.content for each in self.taken if each.control_id == parcel.control_id]
        if known and known[0] != parcel.content:
            raise Refused("the same control id came with other content")
        if not known:
            self.taken.append(parcel)


def _certainly_not_taken(said: LinkError) -> bool:
    return isinstance(said, NotTaken | Refused)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryDestination:
    """Hands messages to a partner in memory."""

    partner: Partner = field(default_factory=Partner)

    def open(self, world: World, partner: str) -> Sender:
        """See DestinationDeclaration."""
        return _PartnerLink(self.partner)


class _PartnerLink:
    def __init__(self, partner: Partner) -> None:
        self._partner = partner
        self._sends = Sends()

    async def send(self, parcel: Parcel) -> bytes:
        return await self._sends.run(self._partner.take(parcel))

    async def close(self) -> None:
        await self._sends.close()
