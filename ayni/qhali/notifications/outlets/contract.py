"""What every way out is asked to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ayni.wire.failure import Refused


class Gone(Refused):
    """Nobody is at that address any more, and nobody will be."""


CHOICES: Mapping[str, Mapping[str, str]] = {
    "appointment": {"confirm": "Sí, iré", "change": "Otra fecha", "cannot": "No puedo ir"},
    "wellbeing": {"better": "Mejor", "same": "Igual", "worse": "Peor"},
}
"""What a notice may be answered with, by what it asks, in the order of their numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One notice for one address. `id` is the same however often it is sent: receivers drop the second."""

    id: str
    address: str
    kind: str
    text: str
    token: str
    asks: str | None
    is_urgent: bool
    at: datetime

    @property
    def choices(self) -> Mapping[str, str]:
        """The answers it asks for, by their names."""
        return CHOICES[self.asks] if self.asks else {}


class Outlet(Protocol):
    """A way out that is open."""

    async def send(self, letter: Letter) -> str:
        """Hands a letter over; the provider's reference, "" when it gives none. Raises LinkError."""
        ...
