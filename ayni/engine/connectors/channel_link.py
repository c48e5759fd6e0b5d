"""From one channel to another of the same engine, as durable as any other delivery."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import ClassVar, Literal

from ayni.engine.connectors.contract import Arrived, Parcel, Receive, Sender, Source, Verdict, World
from ayni.engine.connectors.sends import Sends
from ayni.engine.errors import code_of
from ayni.wire.failure import NotConnected, NotTaken, OutcomeUnknown, Refused

PEER = "engine"
"""Who hands over: this engine itself."""

ToOther = Callable[[str, Arrived], Awaitable[Verdict]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToChannel:
    """Hands content to another channel, which stores it before this delivery is done.

    A channel is known by its name; the control id goes with the content, so a repeat is known as one.
    """

    channel: str

    def open(self, world: World, partner: str) -> Sender:
        """See DestinationDeclaration."""
        return _ToChannel(self.channel, world.to_channel, world.environment.seconds("AYNI_ANSWER_SECONDS"))


class _ToChannel:
    def __init__(self, channel: str, to_channel: ToOther, answer_seconds: float) -> None:
        self._channel, self._to_channel, self._answer_seconds = channel, to_channel, answer_seconds
        self._sends = Sends()

    async def send(self, parcel: Parcel) -> bytes:
        return await self._sends.run(self._send(parcel))

    async def close(self) -> None:
        await self._sends.close()

    async def _send(self, parcel: Parcel) -> bytes:
        verdict = await self._ask(Arrived(raw=parcel.content, peer=PEER, control_id=parcel.control_id))
        if verdict.is_taken:
            return verdict.answer
        if verdict.state == "refused":
            code = code_of(verdict.error) if verdict.error else verdict.state
            raise Refused(f"channel refused it: {code}", answer=verdict.answer)
        raise NotTaken("channel did not keep it", answer=verdict.answer)

    async def _ask(self, arrived: Arrived) -> Verdict:
        try:
            async with asyncio.timeout(self._answer_seconds):
                return await self._to_channel(self._channel, arrived)
        except LookupError:
            raise NotConnected(f"there is no channel {self._channel}") from None
        except Exception as error:  # it may have been stored before whatever broke
            raise OutcomeUnknown(f"channel failed: {type(error).__name__}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class FromChannels:
    """The source of a channel that only other channels of this engine feed."""

    format: Literal["json", "text", "hl7", "hl7-enhanced", "fhir"] = "json"
    is_shared: ClassVar[bool] = True
    """It is no place: every channel may have one."""

    def open(self, world: World, channel: str) -> Source:
        """See SourceDeclaration."""
        return _Fed()


class _Fed:
    """Looks nowhere: the engine itself brings what comes."""

    @asynccontextmanager
    async def running(self, receive: Receive) -> AsyncIterator[None]:
        yield
