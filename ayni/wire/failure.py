"""What a failed attempt tells about trying again, how long to wait, and what keeps a system from starting.

CannotStart           a port, a setting, a file or a channel is not as it must be; one line says what to do
LinkError
├── NotTaken          they certainly do not have it: try again
│   ├── NotConnected  nobody answers there: the whole link waits, not each message
│   └── NotTried      its turn did not come in time: nothing was sent, and nothing is held against anybody
├── OutcomeUnknown    they may have it: the same bytes go again, because receivers are idempotent
└── Refused           they answered no: the same bytes would be refused again
"""

import random
from dataclasses import dataclass

CONNECT_SECONDS = 5.0
"""An address that has not taken up a connection by then is one where nobody answers."""


class CannotStart(Exception):
    """The system refuses to start; the text is for the person at the terminal and says what to do."""


class LinkError(Exception):
    """An attempt to hand a message over failed. `answer` holds what the other side said, if it spoke."""

    reached_partner = True
    """Whether it says anything about the message: otherwise it costs no attempt."""

    def __init__(self, reason: str, *, answer: bytes = b"") -> None:
        super().__init__(reason)
        self.reason = reason
        self.answer = answer


class NotTaken(LinkError):
    """They certainly do not have it."""


class NotConnected(NotTaken):
    """Nobody answers at that address."""

    reached_partner = False


class NotTried(NotTaken):
    """Others had the connection for too long."""

    reached_partner = False


class OutcomeUnknown(LinkError):
    """It was sent and no valid answer came."""


class Refused(LinkError):
    """They answered no."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Growing pauses with full jitter between two bounds, in seconds."""

    first_seconds: float
    seconds_max: float

    def pause(self, attempt_count: int) -> float:
        """Seconds to wait after so many failed attempts (1 for the first)."""
        longest = min(self.seconds_max, self.first_seconds * 2.0 ** min(attempt_count - 1, 30))
        return random.uniform(longest / 2, longest)  # noqa: S311 - spreads load, guards nothing
