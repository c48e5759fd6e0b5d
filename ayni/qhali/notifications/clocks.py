"""Which clocks run in which state, by orientation level, and what is told when they strike."""

from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files

import msgspec

from ayni.qhali.notifications.notice import Asks
from ayni.vocabulary.request import State


class Clock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Runs from the moment its first state is reached. Several may share a kind, for other levels.

    `responsible` is who of the staff is late when it strikes, "" when nobody is.
    """

    kind: str
    states: frozenset[State]
    minutes: dict[str, int]
    text: str
    outside: str
    asks: Asks | None = None
    responsible: str = ""

    def runs(self, state: State, level: str) -> bool:
        """Whether it runs in this state, for a request of this orientation level."""
        return state in self.states and level in self.minutes

    def due(self, level: str, since: datetime) -> datetime:
        """When it strikes."""
        return since + timedelta(minutes=self.minutes[level])


class Reminder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Strikes before an appointment, and asks whether the citizen will come."""

    kind: str
    states: frozenset[State]
    hours_before: int
    text: str
    outside: str

    def due(self, start: datetime) -> datetime:
        """When it strikes."""
        return start - timedelta(hours=self.hours_before)


class Clocks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of them."""

    clock: tuple[Clock, ...]
    reminder: tuple[Reminder, ...]

    @property
    def responsible(self) -> dict[str, str]:
        """Who of the staff is late, by the kind of the clock that struck."""
        return {clock.kind: clock.responsible for clock in self.clock if clock.responsible}


@cache
def clocks() -> Clocks:
    """The clocks of this version."""
    text = files("ayni.qhali.notifications").joinpath("data", "clocks.toml").read_bytes()
    return msgspec.toml.decode(text, type=Clocks)
