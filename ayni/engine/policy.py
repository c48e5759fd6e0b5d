"""What a failed attempt leads to. Pure functions over three kinds of failure; the deliverer obeys.

The classes are those of `ayni.wire.failure`: not taken and outcome unknown are tried again with growing
pauses, a refusal is not. When the attempts are used up the delivery is stalled and a person decides.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from ayni.engine.store.contract import DeliveryState
from ayni.wire.failure import LinkError, NotTaken, Refused

ATTEMPTS_MAX = 20
"""With pauses of up to five minutes this is more than an hour: a partner's restart is over by then."""


_NOT_AT_ALL = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How one route treats failures.

    `attempts_max` counts attempts that reached the partner; None never gives up. While nobody answers at the
    address nothing is counted: an outage costs no message its attempts. `when_stopped` says whether a refused
    or stalled delivery holds its lane (orders and admissions) or lets it pass. `open_from`, `open_until`: the
    time of day in which messages are sent, always when both are the same.
    """

    attempts_max: int | None = ATTEMPTS_MAX
    when_stopped: Literal["hold", "pass"] = "hold"
    repeat_unknown: bool = True
    open_from: time = time.min
    open_until: time = time.min

    def state_after(self, failure: LinkError, attempt_count: int) -> DeliveryState:
        """The delivery's state after its `attempt_count`-th attempt failed."""
        if isinstance(failure, Refused):
            return DeliveryState.REFUSED
        if not failure.reached_partner:
            return DeliveryState.PENDING
        is_unknown = not isinstance(failure, NotTaken)
        if (is_unknown and not self.repeat_unknown) or attempt_count >= (
            self.attempts_max or attempt_count + 1
        ):
            return DeliveryState.STALLED
        return DeliveryState.UNKNOWN if is_unknown else DeliveryState.PENDING

    def opens_in(self, at: datetime) -> timedelta:
        """How long until messages may be sent; nothing when they may now."""
        start, end = self.open_from, self.open_until
        if start == end:
            return _NOT_AT_ALL
        clock = at.timetz().replace(tzinfo=None)
        if start <= clock < end if start < end else not end <= clock < start:
            return _NOT_AT_ALL
        opening = at.replace(hour=start.hour, minute=start.minute, second=start.second, microsecond=0)
        return (opening if opening > at else opening + timedelta(days=1)) - at
