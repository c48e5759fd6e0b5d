"""When somebody has to be told: limits as data, with what holds where nobody declared anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Annotated, Literal

from msgspec import Meta, Struct

from ayni.wire.clock import LIMA

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

NotNegative = Annotated[float, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=0)]


class Shape(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of alerts.toml. A word it does not know is a mistake, not a comment."""


class Silence(Shape, frozen=True, kw_only=True):
    """At least one message in so many minutes, between two times of these days."""

    minutes: Annotated[float, Meta(gt=0)]
    open_from: time = time(0)
    open_until: time = time(23, 59, 59)
    days: tuple[Day, ...] = DAYS[:5]

    def opened_at(self, at: datetime) -> datetime | None:
        """When today's hours began, None outside them. Times are Peru's, whatever the machine is set to."""
        at = at.astimezone(LIMA)
        clock = at.timetz().replace(tzinfo=None)
        if DAYS[at.weekday()] not in self.days or not self.open_from <= clock <= self.open_until:
            return None
        return datetime.combine(at.date(), self.open_from, at.tzinfo)


class ChannelRules(Shape, frozen=True, kw_only=True):
    """What a channel must keep. 0 and false turn a rule off; silence is off until it is declared.

    `refused_share` of the messages of five minutes, when at least `refused_min` were refused.
    """

    refused_share: Share = 0.2
    refused_min: Count = 5
    not_kept: bool = True
    control_id_reused: bool = True
    sender_not_bound: bool = True
    silence: Silence | None = None


class DestinationRules(Shape, frozen=True, kw_only=True):
    """What a destination must keep. 0 and false turn a rule off."""

    queue_age_minutes: NotNegative = 15.0
    queue_depth: Count = 10_000
    down_seconds: NotNegative = 60.0
    held: bool = True
    passed: bool = True


class EngineRules(Shape, frozen=True, kw_only=True):
    """What the engine must keep. 0, an empty list and false turn a rule off."""

    disk_free_gib: NotNegative = 5.0
    intake_stopped: bool = True
    certificate_days: tuple[Count, ...] = (30, 7, 1)
    store_differs: bool = True


class MailRules(Shape, frozen=True, kw_only=True):
    """Who hears of alerts by e-mail, in which language, by which server. `${NAME}` is a setting.

    `least`: from which severity on. `console`: the address that stands at the end of each letter.
    """

    address: str
    sender: str
    spanish: tuple[str, ...] = ()
    english: tuple[str, ...] = ()
    least: Literal["warning", "critical"] = "warning"
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password_file: str = ""
    ca: str = ""
    console: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of one deployment; what is not named has the defaults."""

    engine: EngineRules = field(default_factory=EngineRules)
    channels: Mapping[str, ChannelRules] = field(default_factory=dict)
    destinations: Mapping[str, DestinationRules] = field(default_factory=dict)
    every_channel: ChannelRules = field(default_factory=ChannelRules)
    every_destination: DestinationRules = field(default_factory=DestinationRules)
    mail: MailRules | None = None

    def of_channel(self, name: str) -> ChannelRules:
        """The rules of one channel."""
        return self.channels.get(name, self.every_channel)

    def of_destination(self, name: str) -> DestinationRules:
        """The rules of one destination."""
        return self.destinations.get(name, self.every_destination)
