"""Judging the engine by its rules: pure functions from what was seen to what is broken, kept or not known.

Between "broken" and "kept" lies a stretch that is neither, so that a figure that trembles at its limit does
not ring twice. What cannot be known (a window that is not full yet after a start, a time outside a channel's
hours) neither begins an alert nor ends one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import PurePath
from typing import Literal

from ayni.engine.observability.rules import ChannelRules, DestinationRules, EngineRules, Rules, Silence
from ayni.engine.observability.sight import ChannelSight, DestinationSight, Sight
from ayni.engine.room import Hindrance

Kind = Literal[
    "error-rate",
    "not-kept",
    "silence",
    "control-id-reused",
    "sender-not-bound",
    "queue-age",
    "queue-depth",
    "connection-down",
    "held",
    "passed",
    "disk-low",
    "intake-stopped",
    "certificate",
    "store-differs",
]
Standing = Literal["broken", "kept", "unknown"]
Severity = Literal["warning", "critical"]

WINDOW = timedelta(minutes=5)
"""Messages this far back make the error rate."""
MEMORY = timedelta(minutes=15)
"""What happened once (a control id that came again) is an alert this long after the last time."""
CLEAR_SHARE = 0.5
"""A figure is well again at half its limit."""
GIB = 1 << 30
REVOCATION_DAYS = 1

Figures = Mapping[str, int | float | str]
"""Names and numbers of an alert, without a word of a message."""

Past = Sequence[Sight]
"""Earlier sights, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What an alert is about. `subject` tells several of one kind apart: a file and its days."""

    kind: Kind
    channel: str = ""
    destination: str = ""
    subject: str = ""

    @property
    def id(self) -> str:
        """One word for it, the same as long as it lasts."""
        names = (self.kind, self.channel, self.destination, self.subject)
        return ":".join(name for name in names if name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How one rule stands at one place. It is an alert once it was broken for `patience`.

    `sentence` is the text of `texts.toml` that says it, "" for that of its kind; `figures` fill it.
    """

    place: Place
    standing: Standing
    severity: Severity = "warning"
    sentence: str = ""
    figures: Figures = field(default_factory=dict)
    patience: timedelta = timedelta()


def judge(rules: Rules, sight: Sight, past: Past) -> list[Judgement]:
    """Every rule at every place."""
    found = list(_engine(rules.engine, sight))
    for name, channel in sight.channels.items():
        found += _channel(rules.of_channel(name), name, channel, sight, past)
    for name, destination in sight.destinations.items():
        found += _destination(rules.of_destination(name), name, destination, sight, past)
    return found


def _channel(
    rules: ChannelRules, name: str, now: ChannelSight, sight: Sight, past: Past
) -> Iterator[Judgement]:
    if rules.refused_share:
        yield _error_rate(rules, name, now, sight, past)
    yield from _happenings(rules, name, now, _since(past, sight, MEMORY))
    if rules.silence:
        yield _silence(rules.silence, name, now, sight)


def _happenings(rules: ChannelRules, name: str, now: ChannelSight, before: "_Before") -> Iterator[Judgement]:
    was = _of(before.sight, name)
    if rules.not_kept:
        place = Place(kind="not-kept", channel=name)
        yield _happened(place, _rise(was.not_kept, now.not_kept), before, "critical")
    if rules.control_id_reused:
        place = Place(kind="control-id-reused", channel=name)
        yield _happened(place, _rise(was.reused, now.reused), before, "warning")
    if rules.sender_not_bound:
        place = Place(kind="sender-not-bound", channel=name)
        yield _happened(place, _rise(was.not_bound, now.not_bound), before, "critical")


def _error_rate(rules: ChannelRules, name: str, now: ChannelSight, sight: Sight, past: Past) -> Judgement:
    before = _since(past, sight, WINDOW)
    was = _of(before.sight, name)
    refused, received = _rise(was.refused, now.refused), _rise(was.received, now.received)
    share = refused / received if received else 0.0
    if share >= rules.refused_share and refused >= rules.refused_min:
        standing: Standing = "broken"
    else:
        is_well = share < rules.refused_share * CLEAR_SHARE and before.is_full
        standing = "kept" if is_well else "unknown"
    return Judgement(
        place=Place(kind="error-rate", channel=name),
        standing=standing,
        figures={"refused": refused, "received": received},
    )


def _silence(rule: Silence, name: str, now: ChannelSight, sight: Sight) -> Judgement:
    """Quiet since the last message, the day's opening or the engine's start, whichever came last."""
    place, window = Place(kind="silence", channel=name), timedelta(minutes=rule.minutes)
    opened = rule.opened_at(sight.at)
    if not now.is_started or (now.last is not None and sight.at - now.last < window):
        return Judgement(place=place, standing="kept")
    if opened is None or sight.at - max(opened, sight.started_at) < window:
        return Judgement(place=place, standing="unknown")
    figures = {"minutes": f"{rule.minutes:g}"}
    return Judgement(place=place, standing="broken", severity="critical", figures=figures)


def _destination(
    rules: DestinationRules, name: str, now: DestinationSight, sight: Sight, past: Past
) -> Iterator[Judgement]:
    if rules.queue_age_minutes:
        minutes = (sight.at - now.oldest).total_seconds() / 60 if now.oldest else 0.0
        figures = {"minutes": round(minutes)}
        yield _above(Place(kind="queue-age", destination=name), minutes, rules.queue_age_minutes, figures)
    if rules.queue_depth:
        figures = {"count": now.pending}
        yield _above(Place(kind="queue-depth", destination=name), now.pending, rules.queue_depth, figures)
    if rules.down_seconds:
        yield Judgement(
            place=Place(kind="connection-down", destination=name),
            standing="broken" if now.is_down else "kept",
            severity="critical",
            patience=timedelta(seconds=rules.down_seconds),
        )
    yield from _stopped(rules, name, now, sight, past)


def _stopped(
    rules: DestinationRules, name: str, now: DestinationSight, sight: Sight, past: Past
) -> Iterator[Judgement]:
    if rules.held:
        yield Judgement(
            place=Place(kind="held", destination=name),
            standing="broken" if now.held else "kept",
            severity="critical",
            figures={"count": now.held},
        )
    if rules.passed:
        before = _since(past, sight, MEMORY)
        count = _rise(_to(before.sight, name).passed, now.passed)
        yield _happened(Place(kind="passed", destination=name), count, before, "warning")


def _engine(rules: EngineRules, sight: Sight) -> Iterator[Judgement]:
    if rules.disk_free_gib and sight.disk_free_bytes is not None:
        yield _disk(rules, sight.disk_free_bytes / GIB)
    if rules.intake_stopped:
        yield _intake(sight.hindrance)
    for file, days in sight.certificates.items():
        yield from (_certificate(file, days, limit) for limit in rules.certificate_days)
    if rules.certificate_days:
        yield from (_revocations(file, days) for file, days in sight.revocations.items())
    if rules.store_differs:
        yield _store(sight.contradictions)


def _disk(rules: EngineRules, free: float) -> Judgement:
    standing: Standing = "unknown"
    if free < rules.disk_free_gib:
        standing = "broken"
    elif free > rules.disk_free_gib / (1 - CLEAR_SHARE / 2):
        standing = "kept"
    figures = {"gib": f"{free:.1f}"}
    return Judgement(place=Place(kind="disk-low"), standing=standing, severity="critical", figures=figures)


def _intake(hindrance: Hindrance) -> Judgement:
    return Judgement(
        place=Place(kind="intake-stopped"),
        standing="broken" if hindrance else "kept",
        severity="critical",
        sentence=f"intake-{hindrance}" if hindrance else "",
    )


def _certificate(file: str, days: float | None, limit: int) -> Judgement:
    urgent_days = 7
    sentence = ""
    if days is None:
        sentence = "certificate-unreadable"
    elif days <= 0:
        sentence = "certificate-ended"
    return Judgement(
        place=Place(kind="certificate", subject=f"{file}:{limit}"),
        standing="broken" if days is None or days < limit else "kept",
        severity="critical" if limit <= urgent_days else "warning",
        sentence=sentence,
        figures={"file": PurePath(file).name, "days": round(days or 0)},
    )


def _revocations(file: str, days: float | None) -> Judgement:
    """A list lives for days, so that warnings of weeks would never be over."""
    judged = _certificate(file, days, REVOCATION_DAYS)
    return replace(judged, sentence=(judged.sentence or "certificate").replace("certificate", "revocations"))


def _store(contradictions: int | None) -> Judgement:
    standing: Standing = "unknown" if contradictions is None else "broken" if contradictions else "kept"
    figures = {"count": contradictions or 0}
    return Judgement(
        place=Place(kind="store-differs"), standing=standing, severity="critical", figures=figures
    )


def _above(place: Place, value: float, limit: float, figures: Figures) -> Judgement:
    standing: Standing = "unknown"
    if value > limit:
        standing = "broken"
    elif value < limit * CLEAR_SHARE:
        standing = "kept"
    return Judgement(place=place, standing=standing, figures=figures)


@dataclass(frozen=True, slots=True)
class _Before:
    """The sight at the beginning of a window. `is_full`: it is as old as the window is long."""

    sight: Sight
    is_full: bool


def _since(past: Past, sight: Sight, window: timedelta) -> _Before:
    """The newest sight that is older than the window, or else the oldest there is."""
    begin = sight.at - window
    older = next((each for each in reversed(past) if each.at <= begin), None)
    if older is not None:
        return _Before(older, is_full=True)
    return _Before(past[0] if past else sight, is_full=False)


def _rise(was: int, now: int) -> int:
    """How much a count rose; what is smaller than before was counted anew."""
    return max(0, now - was)


def _happened(place: Place, count: int, before: _Before, severity: Severity) -> Judgement:
    """Something that should never happen, and is forgotten after a while."""
    standing: Standing = "broken" if count else "kept" if before.is_full else "unknown"
    return Judgement(place=place, standing=standing, severity=severity, figures={"count": count})


def _of(sight: Sight, channel: str) -> ChannelSight:
    return sight.channels.get(channel, ChannelSight())


def _to(sight: Sight, destination: str) -> DestinationSight:
    return sight.destinations.get(destination, DestinationSight())
