"""The two sides of a connector as the tests see them: the engine here, its owner or partner there."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Literal, Protocol

from ayni.engine.connectors.contract import Arrived, Parcel, Verdict
from ayni.engine.errors import ContentRefused

WAIT_SECONDS = 10.0
A_WHILE_SECONDS = 0.15
"""Several looks of a polling source in these tests."""

Fate = Literal["waiting", "taken", "refused"]

REFUSAL = ContentRefused("not-allowed", "El mensaje no corresponde.", place="result.code")
REFUSED = Verdict(state="refused", error=REFUSAL)
NOT_KEPT = Verdict(state="not-kept")


async def until(is_so: Callable[[], bool]) -> None:
    """Returns as soon as the condition holds."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not is_so():  # noqa: ASYNC110 - the far sides have no events, as in life
            await asyncio.sleep(0.01)


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


class Desk:
    """Stands for the engine: writes down what arrives and says what the script says, then `stored`."""

    def __init__(self) -> None:
        self.arrived: list[Arrived] = []
        self.said: list[tuple[Arrived, Verdict]] = []
        self.script: list[Verdict | Exception] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def receive(self, arrived: Arrived) -> Verdict:
        self.arrived.append(arrived)
        said = self.script.pop(0) if self.script else Verdict(state="stored")
        await self.gate.wait()
        if isinstance(said, Exception):
            raise said
        self.said.append((arrived, said))
        return said

    async def gets(self, count: int) -> list[bytes]:
        """What arrived, as soon as it is so many."""
        await until(lambda: len(self.arrived) >= count)
        return [each.raw for each in self.arrived]


class Outside(Protocol):
    """Where a source takes its messages from, as its owner sees it."""

    async def offer(self, text: str) -> bytes:
        """Puts one message there that says this; returns the bytes that must arrive."""
        ...

    def fate(self, raw: bytes) -> Fate:
        """What the owner can see of the message: still waiting, taken, or put aside as refused."""
        ...

    def reason(self, raw: bytes) -> str:
        """What the owner can read about why it was refused."""
        ...

    async def vanish(self) -> None:
        """The place is out of reach."""
        ...

    async def appear(self) -> None:
        """It is back."""
        ...


class FarSide(Protocol):
    """Who a destination delivers to."""

    def content(self, text: str) -> bytes:
        """Bytes it can take that say this."""
        ...

    def taken(self) -> list[bytes]:
        """What took effect there, each effect once, in order."""
        ...

    async def says_no(self) -> None:
        """It refuses the next message."""
        ...

    async def says_later(self) -> None:
        """It cannot take the next message now."""
        ...

    async def loses_its_answer(self) -> None:
        """It takes the next message, and the answer never comes through."""
        ...

    async def is_silent(self) -> None:
        """It takes the next message and says nothing, the line stays open."""
        ...

    async def down(self) -> None:
        """Nobody answers at its address."""
        ...

    async def up(self) -> None:
        """It is there again."""
        ...


def parcel(content: bytes, *, number: int = 0, attempt_count: int = 0) -> Parcel:
    """One delivery of a message with its own name."""
    return Parcel(
        content=content,
        control_id=f"QH-7M3K9XBT4D.R{number:03}",
        key="QH-7M3K9XBT4D",
        message_id=number + 1,
        attempt_count=attempt_count,
    )
