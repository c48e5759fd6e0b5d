"""What the rules look at: the engine at one moment, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ayni.engine.room import Hindrance
from ayni.engine.store.contract import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSight:
    """One channel. Counts are since the process began; `last` is when its newest message came, ever."""

    received: int = 0
    refused: int = 0
    not_kept: int = 0
    reused: int = 0
    not_bound: int = 0
    last: datetime | None = None
    is_started: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationSight:
    """One destination. `held` stopped deliveries hold their lanes; `passed` stopped ones let them go on.

    `oldest` is when the oldest delivery that waits or holds was received.
    """

    pending: int = 0
    held: int = 0
    passed: int = 0
    in_hand: int = 0
    oldest: datetime | None = None
    is_down: bool = False
    is_paused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """The engine at one moment. What could not be looked at is None, and nothing is concluded from it.

    `counts` are the store's tallies. `hindrance`: what keeps new messages out. `certificates`: days left by
    file, None when the file cannot be read; `revocations`: the same of lists of revoked certificates.
    `contradictions`: figures and rows in which the store contradicts
    itself. `started_at`: since when the engine can have seen anything.
    """

    at: datetime
    started_at: datetime
    counts: list[Row] = field(default_factory=list)
    channels: Mapping[str, ChannelSight] = field(default_factory=dict)
    destinations: Mapping[str, DestinationSight] = field(default_factory=dict)
    certificates: Mapping[str, float | None] = field(default_factory=dict)
    revocations: Mapping[str, float | None] = field(default_factory=dict)
    disk_free_bytes: int | None = None
    hindrance: Hindrance = ""
    contradictions: int | None = None
