"""What the engine says of its own work as it happens: one call at each hop, and nothing to wait for.

The pipeline and the deliverers call on the event loop's thread, the writer on the thread that commits. No
method may block, raise or keep what it is given.
"""

from typing import Protocol

from ayni.engine.connectors.contract import VerdictState
from ayni.engine.store.contract import Claim, NewMessage, Settlement


class Meter(Protocol):
    """Who hears of each hop."""

    def received(
        self, message: NewMessage, message_id: int, outcome: VerdictState, started: float, ended: float
    ) -> None:
        """A message was judged. The times are those of `time.perf_counter`; the id is 0 when it has none."""
        ...

    def made(self, message: NewMessage) -> None:
        """A message came from inside: an answer that was handed over, a replay."""
        ...

    def not_kept(self, channel: str) -> None:
        """A message could not be written down; its sender was told to try later."""
        ...

    def reused(self, channel: str) -> None:
        """A control id came again with other content."""
        ...

    def not_bound(self, channel: str) -> None:
        """A certificate was shown with a message that its holder may not send."""
        ...

    def attempted(self, claim: Claim, settlement: Settlement) -> None:
        """An attempt to deliver was written down."""
        ...

    def committed(self, seconds: float, change_count: int) -> None:
        """So many changes were synced to the disk together."""
        ...


class Silent:
    """Nobody listens."""

    def received(
        self, message: NewMessage, message_id: int, outcome: VerdictState, started: float, ended: float
    ) -> None: ...

    def made(self, message: NewMessage) -> None: ...

    def not_kept(self, channel: str) -> None: ...

    def reused(self, channel: str) -> None: ...

    def not_bound(self, channel: str) -> None: ...

    def attempted(self, claim: Claim, settlement: Settlement) -> None: ...

    def committed(self, seconds: float, change_count: int) -> None: ...


SILENT = Silent()


class Both:
    """Two that listen."""

    def __init__(self, first: Meter, second: Meter) -> None:
        self._first, self._second = first, second

    def received(
        self, message: NewMessage, message_id: int, outcome: VerdictState, started: float, ended: float
    ) -> None:
        self._first.received(message, message_id, outcome, started, ended)
        self._second.received(message, message_id, outcome, started, ended)

    def made(self, message: NewMessage) -> None:
        self._first.made(message)
        self._second.made(message)

    def not_kept(self, channel: str) -> None:
        self._first.not_kept(channel)
        self._second.not_kept(channel)

    def reused(self, channel: str) -> None:
        self._first.reused(channel)
        self._second.reused(channel)

    def not_bound(self, channel: str) -> None:
        self._first.not_bound(channel)
        self._second.not_bound(channel)

    def attempted(self, claim: Claim, settlement: Settlement) -> None:
        self._first.attempted(claim, settlement)
        self._second.attempted(claim, settlement)

    def committed(self, seconds: float, change_count: int) -> None:
        self._first.committed(seconds, change_count)
        self._second.committed(seconds, change_count)
