"""The hours in which nobody is woken up, in Peru's time."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from ayni.wire.clock import LIMA


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `begin` until `end`, over midnight when `end` is earlier; equal means that there are none."""

    begin: time
    end: time

    def over(self, at: datetime) -> datetime:
        """`at`, or the end of the quiet hours when it falls into them; in Peru's time."""
        at = at.astimezone(LIMA)
        if not self._contains(at.time()):
            return at
        day = at.date() + timedelta(days=at.time() >= self.end)
        return datetime.combine(day, self.end, tzinfo=LIMA)

    def _contains(self, at: time) -> bool:
        if self.begin <= self.end:
            return self.begin <= at < self.end
        return at >= self.begin or at < self.end
