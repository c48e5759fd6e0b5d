"""Moments and sights for the tests of alerts. Monday, half past nine."""

from datetime import datetime, timedelta
from typing import Any

from ayni.engine.observability.judging import Judgement, Kind, Place, Standing, judge
from ayni.engine.observability.rules import Rules
from ayni.engine.observability.sight import ChannelSight, DestinationSight, Sight
from ayni.wire.clock import LIMA

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=LIMA)
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


def sight(at: datetime = NOW, **fields: Any) -> Sight:
    return Sight(at=at, **({"started_at": NOW - DAY} | fields))


def with_channel(at: datetime = NOW, **fields: Any) -> Sight:
    return sight(at, channels={"orders": ChannelSight(**fields)})


def with_destination(at: datetime = NOW, **fields: Any) -> Sight:
    return sight(at, destinations={"laboratory": DestinationSight(**fields)})


def standing_of(kind: str, now: Sight, *past: Sight, rules: Rules | None = None) -> str:
    """How the one rule of a kind stands."""
    (found,) = [each for each in judge(rules or Rules(), now, past) if each.place.kind == kind]
    return found.standing


def judgement(standing: Standing, kind: Kind = "queue-age", **fields: Any) -> Judgement:
    name = fields.pop("destination", "laboratory")
    return Judgement(place=Place(kind=kind, destination=name), standing=standing, **fields)
