"""The engine's store and senders, noting in the history what they did, once it is done."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ayni.engine.connectors.contract import DestinationDeclaration, Parcel, Sender, World
from ayni.engine.store.contract import Claim, Earlier, Fenced, NewMessage, Settlement, Store
from chaos.history import History, digest


class WatchedStore:
    """A store that tells; what it does not name goes straight through."""

    def __init__(self, store: Store, history: History) -> None:
        self._store, self._history = store, history

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def add(self, message: NewMessage) -> int | Earlier:
        """Tells what was accepted."""
        found = await self._store.add(message)
        if not isinstance(found, Earlier):
            self._accepted(message, found)
        return found

    async def claim(
        self, destination: str, *, owner: str, at: datetime, until: datetime, limit: int
    ) -> list[Claim]:
        """Tells every place that was leased, those of one message at one moment."""
        claims = await self._store.claim(destination, owner=owner, at=at, until=until, limit=limit)
        for claim in claims:
            moment, tokens = time.monotonic_ns(), dict(claim.tokens)
            for lane_id, number in claim.places:
                self._history.tell(
                    "claimed",
                    mono_ns=moment,
                    **_names(claim),
                    lane=f"#{lane_id}",
                    seq=number,
                    token=str(tokens[lane_id]),
                )
        return claims

    async def settle(self, claim: Claim, settlement: Settlement, *, then: NewMessage | None = None) -> None:
        """Tells what an attempt led to, or that the lease was lost."""
        try:
            await self._store.settle(claim, settlement, then=then)
        except Fenced:
            self._history.tell("fenced", **_names(claim))
            raise
        self._history.tell("settled", **_names(claim), outcome=settlement.state.value)
        if then is not None:
            self._accepted(then, -1)

    def _accepted(self, message: NewMessage, number: int) -> None:
        src, _, _ = message.sender.partition("|")
        self._history.tell("accepted", src=src, src_id=message.control_id, seq=number, outcome=message.state)


def _names(claim: Claim) -> dict[str, str]:
    return {"dest": claim.destination, "src_id": claim.control_id}


@dataclass(frozen=True, slots=True)
class Watched:
    """A destination as it is declared, telling what is sent."""

    declared: DestinationDeclaration
    history: History

    def open(self, world: World, partner: str) -> Sender:
        """See DestinationDeclaration."""
        return _WatchedSender(self.declared.open(world, partner), partner, self.history)


class _WatchedSender:
    def __init__(self, sender: Sender, partner: str, history: History) -> None:
        self._sender, self._partner, self._history = sender, partner, history

    async def send(self, parcel: Parcel) -> bytes:
        names = {"dest": self._partner, "src_id": parcel.control_id, "lane": parcel.key}
        self._history.tell("sent", **names, sha256=digest(parcel.content))
        return await self._sender.send(parcel)

    async def close(self) -> None:
        await self._sender.close()
