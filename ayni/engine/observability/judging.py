"""Judging the engine by its rules: pure functions from what was seen to what is broken, kept or not known.

Between "broken" and "kept" lies a stretch that is neither, so that a figure that trembles at its limit does
not ring twice. What cannot be known (a window that is not full yet after a start, a time outside a channel's
hours) neither begins an alert nor ends one.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePath
from typing import Literal

from ayni.engine.observability.rules import ChannelRules, DestinationRules, EngineRules, Rules, Silence
from ayni.engine.observability.sight import ChannelSight, DestinationSight, Sight

Kind = Literal[
    "error-rate",
    "not-kept",
    "silence",
    "control-id-reused",
    "queue-age",
    "queue-depth",
    "connection-down",
    "held",
    "passed",
    "disk-low",
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
    """How one rule stands at one place. It is an alert once it was broken for `patience`."""

    place: Place
    standing: Standing
    severity: Severity = "warning"
    text: str = ""
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
    if rules.not_kept:
        text = "El motor no pudo guardar mensajes de este canal."
        before = _since(past, sight, MEMORY)
        count = _rise(before, now.not_kept, lambda each: _of(each, name).not_kept)
        yield _happened(Place(kind="not-kept", channel=name), count, before, "critical", text)
    if rules.control_id_reused:
        text = "Un MSH-10 llegó otra vez con otro contenido."
        before = _since(past, sight, MEMORY)
        count = _rise(before, now.reused, lambda each: _of(each, name).reused)
        yield _happened(Place(kind="control-id-reused", channel=name), count, before, "warning", text)
    if rules.silence:
        yield _silence(rules.silence, name, now, sight)


def _error_rate(rules: ChannelRules, name: str, now: ChannelSight, sight: Sight, past: Past) -> Judgement:
    before = _since(past, sight, WINDOW)
    refused = _rise(before, now.refused, lambda each: _of(each, name).refused)
    received = _rise(before, now.received, lambda each: _of(each, name).received)
    share = refused / received if received else 0.0
    if share >= rules.refused_share and refused >= rules.refused_min:
        standing: Standing = "broken"
    else:
        is_well = share < rules.refused_share * CLEAR_SHARE and before.is_full
        standing = "kept" if is_well else "unknown"
    return Judgement(
        place=Place(kind="error-rate", channel=name),
        standing=standing,
        text=f"Rechazados {refused} de {received} mensajes en cinco minutos.",
    )


def _silence(rule: Silence, name: str, now: ChannelSight, sight: Sight) -> Judgement:
    """Quiet since the last message, the day's opening or the engine's start, whichever came last."""
    place, window = Place(kind="silence", channel=name), timedelta(minutes=rule.minutes)
    opened = rule.opened_at(sight.at)
    if not now.is_started or (now.last is not None and sight.at - now.last < window):
        return Judgement(place=place, standing="kept")
    if opened is None or sight.at - max(opened, sight.started_at) < window:
        return Judgement(place=place, standing="unknown")
    text = f"Ningún mensaje en {rule.minutes:g} minutos."
    return Judgement(place=place, standing="broken", severity="critical", text=text)


def _destination(
    rules: DestinationRules, name: str, now: DestinationSight, sight: Sight, past: Past
) -> Iterator[Judgement]:
    if rules.queue_age_minutes:
        minutes = (sight.at - now.oldest).total_seconds() / 60 if now.oldest else 0.0
        text = f"La entrega más antigua espera {minutes:.0f} minutos."
        yield _above(Place(kind="queue-age", destination=name), minutes, rules.queue_age_minutes, text)
    if rules.queue_depth:
        text = f"Esperan {now.pending} entregas."
        yield _above(Place(kind="queue-depth", destination=name), now.pending, rules.queue_depth, text)
    if rules.down_seconds:
        yield Judgement(
            place=Place(kind="connection-down", destination=name),
            standing="broken" if now.is_down else "kept",
            severity="critical",
            text="Nadie responde en la dirección del destino.",
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
            text=f"{now.held} entregas detenidas retienen su fila: decida usted.",
        )
    if rules.passed:
        before = _since(past, sight, MEMORY)
        count = _rise(before, now.passed, lambda each: _to(each, name).passed)
        text = f"{count} entregas se detuvieron y dejaron pasar a las siguientes."
        yield _happened(Place(kind="passed", destination=name), count, before, "warning", text)


def _engine(rules: EngineRules, sight: Sight) -> Iterator[Judgement]:
    if rules.disk_free_gib and sight.disk_free_bytes is not None:
        yield _disk(rules, sight.disk_free_bytes / GIB)
    for file, days in sight.certificates.items():
        yield from (_certificate(file, days, limit) for limit in rules.certificate_days)
    if rules.store_differs:
        yield _store(sight.contradictions)


def _disk(rules: EngineRules, free: float) -> Judgement:
    standing: Standing = "unknown"
    if free < rules.disk_free_gib:
        standing = "broken"
    elif free > rules.disk_free_gib / (1 - CLEAR_SHARE / 2):
        standing = "kept"
    text = f"Quedan {free:.1f} GiB libres en el disco."
    return Judgement(place=Place(kind="disk-low"), standing=standing, severity="critical", text=text)


def _certificate(file: str, days: float | None, limit: int) -> Judgement:
    name, urgent_days = PurePath(file).name, 7
    if days is None:
        text = f"No se puede leer el certificado {name}."
    else:
        text = f"El certificado {name} vence en {days:.0f} días." if days > 0 else f"{name} está vencido."
    return Judgement(
        place=Place(kind="certificate", subject=f"{file}:{limit}"),
        standing="broken" if days is None or days < limit else "kept",
        severity="critical" if limit <= urgent_days else "warning",
        text=text,
    )


def _store(contradictions: int | None) -> Judgement:
    standing: Standing = "unknown" if contradictions is None else "broken" if contradictions else "kept"
    text = f"El almacén se contradice en {contradictions} cifras."
    return Judgement(place=Place(kind="store-differs"), standing=standing, severity="critical", text=text)


def _above(place: Place, value: float, limit: float, text: str) -> Judgement:
    standing: Standing = "unknown"
    if value > limit:
        standing = "broken"
    elif value < limit * CLEAR_SHARE:
        standing = "kept"
    return Judgement(place=place, standing=standing, text=text)


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


def _rise(before: _Before, now: int, was: Callable[[Sight], int]) -> int:
    """How much a count rose; what is smaller than before was counted anew."""
    return max(0, now - was(before.sight))


def _happened(place: Place, count: int, before: _Before, severity: Severity, text: str) -> Judgement:
    """Something that should never happen, and is forgotten after a while."""
    standing: Standing = "broken" if count else "kept" if before.is_full else "unknown"
    return Judgement(place=place, standing=standing, severity=severity, text=text)


def _of(sight: Sight, channel: str) -> ChannelSight:
    return sight.channels.get(channel, ChannelSight())


def _to(sight: Sight, destination: str) -> DestinationSight:
    return sight.destinations.get(destination, DestinationSight())
