"""What is wrong now and who was told of it: pure data that goes from one judgement to the next.

An alert begins once its rule was broken for its patience and is over once it was kept for a while. Both are
told once, also across restarts. What begins and ends before anybody was told of it makes no noise.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from ayni.engine.observability.judging import Figures, Judgement, Kind, Place, Severity

CALM = timedelta(seconds=60)
"""How long a rule has to be kept before its alert is over."""
NOTICES_PER_MINUTE_MAX = 6
"""Beyond this a person reads none of them; the rest waits and comes as one."""
MINUTE = timedelta(minutes=1)

Change = Literal["began", "over"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A broken rule. It is no alert yet while `begun_at` is None.

    `is_told`: somebody heard that it began. `over_at`: it is over, which perhaps nobody has heard yet.
    """

    place: Place
    severity: Severity
    since: datetime
    sentence: str = ""
    figures: Figures = field(default_factory=dict)
    kept_since: datetime | None = None
    begun_at: datetime | None = None
    over_at: datetime | None = None
    is_told: bool = False

    @property
    def is_active(self) -> bool:
        """Whether a person has to do something."""
        return self.begun_at is not None and self.over_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a person is told at once: alerts of one kind that began or are over; in a storm, of several."""

    change: Change | Literal["both"]
    kind: Kind | Literal["several"]
    severity: Severity
    at: datetime
    alerts: tuple[Alert, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Broken rules by the id of their place, and when notices went out in the last minute."""

    alerts: Mapping[str, Alert] = field(default_factory=dict)
    told_at: tuple[datetime, ...] = ()

    def judged(self, judgements: Iterable[Judgement], at: datetime) -> "Ledger":
        """The ledger after a look. What is not judged any more (a channel taken away) counts as kept."""
        fresh = {each.place.id: each for each in judgements}
        found: dict[str, Alert] = {}
        for name in self.alerts.keys() | fresh.keys():
            after = _after(self.alerts.get(name), fresh.get(name), at)
            if after is not None:
                found[name] = after
        return replace(self, alerts=found)

    def due(self, at: datetime) -> list[Notice]:
        """What has to be told now, the gravest first, and no more than a minute allows."""
        groups = sorted(_groups(self.alerts.values(), at), key=_order)
        room = NOTICES_PER_MINUTE_MAX - len(_within_a_minute(self.told_at, at))
        if len(groups) <= room:
            return groups
        return [*groups[: room - 1], _several(groups[room - 1 :], at)] if room > 0 else []

    def told(self, notices: Sequence[Notice], at: datetime) -> "Ledger":
        """The ledger once these went out."""
        alerts = dict(self.alerts)
        for alert in (each for notice in notices for each in notice.alerts):
            if alert.over_at is None:
                alerts[alert.place.id] = replace(alerts[alert.place.id], is_told=True)
            else:
                del alerts[alert.place.id]
        return Ledger(alerts=alerts, told_at=(*_within_a_minute(self.told_at, at), *[at] * len(notices)))

    @property
    def active(self) -> list[Alert]:
        """What needs a person now: longest first, of one moment the gravest first."""
        return sorted((each for each in self.alerts.values() if each.is_active), key=_urgency)


def _urgency(alert: Alert) -> tuple[datetime, bool, str]:
    return alert.since, alert.severity != "critical", alert.place.id


def _after(alert: Alert | None, fresh: Judgement | None, at: datetime) -> Alert | None:
    if fresh is not None and fresh.standing == "broken":
        return _broken(alert, fresh, at)
    if alert is None or (fresh is not None and fresh.standing == "unknown"):
        return alert
    if alert.begun_at is None:
        return None
    return _kept(alert, at)


def _broken(alert: Alert | None, fresh: Judgement, at: datetime) -> Alert:
    since = alert.since if alert else at
    begun_at = alert.begun_at if alert else None
    if begun_at is None and at - since >= fresh.patience:
        begun_at = at
    return Alert(
        place=fresh.place,
        severity=fresh.severity,
        since=since,
        sentence=fresh.sentence,
        figures=fresh.figures,
        begun_at=begun_at,
        is_told=alert.is_told if alert else False,
    )


def _kept(alert: Alert, at: datetime) -> Alert | None:
    kept_since = alert.kept_since or at
    if alert.over_at is None and at - kept_since < CALM:
        return replace(alert, kept_since=kept_since)
    return replace(alert, kept_since=kept_since, over_at=alert.over_at or at) if alert.is_told else None


def _groups(alerts: Iterable[Alert], at: datetime) -> Iterator[Notice]:
    found: dict[tuple[Change, Kind], list[Alert]] = defaultdict(list)
    for alert in alerts:
        if alert.is_active and not alert.is_told:
            found["began", alert.place.kind].append(alert)
        elif alert.over_at is not None and alert.is_told:
            found["over", alert.place.kind].append(alert)
    for (change, kind), mine in found.items():
        yield Notice(change=change, kind=kind, severity=_gravest(mine), at=at, alerts=tuple(mine))


def _several(notices: Sequence[Notice], at: datetime) -> Notice:
    changes = {each.change for each in notices}
    alerts = tuple(alert for each in notices for alert in each.alerts)
    change = changes.pop() if len(changes) == 1 else "both"
    return Notice(change=change, kind="several", severity=_gravest(alerts), at=at, alerts=alerts)


def _gravest(alerts: Iterable[Alert]) -> Severity:
    return "critical" if any(each.severity == "critical" for each in alerts) else "warning"


def _order(notice: Notice) -> tuple[bool, bool, str]:
    return notice.change == "over", notice.severity != "critical", notice.kind


def _within_a_minute(times: Iterable[datetime], at: datetime) -> tuple[datetime, ...]:
    return tuple(each for each in times if timedelta() <= at - each < MINUTE)
