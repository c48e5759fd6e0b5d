"""Watching: every few seconds a look, a judgement, and word to whoever has to hear of a change.

What was told is written down before the next look, so that a restart neither repeats nor forgets it. Ended
between telling and writing, the engine tells it once more: rather twice than never.
"""

import asyncio
import os
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec
import structlog

from ayni.engine.observability.judging import MEMORY, judge
from ayni.engine.observability.ledger import Alert, Ledger, Notice
from ayni.engine.observability.looking import RECOUNT_SECONDS, RECOUNT_SHARE, Look
from ayni.engine.observability.rules import Rules
from ayni.engine.observability.sight import Sight
from ayni.engine.observability.wording import Language, advice, sentence
from ayni.engine.store.contract import Row
from ayni.wire.logging import where

log = structlog.get_logger()

LOOK_SECONDS = 5.0
NAMED_MAX = 20
"""Alerts a notice names; of the others it says how many there are."""


class Sink(Protocol):
    """Where notices go: the log, e-mail."""

    async def tell(self, notice: Notice) -> None:
        """Takes a notice on. What it raises is logged, and the other sinks are told all the same."""
        ...


class LogSink:
    """One line for each notice."""

    async def tell(self, notice: Notice) -> None:
        say = log.info if notice.change == "over" else log.warning
        say(
            "alerts changed",
            change=notice.change,
            kind=notice.kind,
            severity=notice.severity,
            count=len(notice.alerts),
            alerts=[each.place.id for each in notice.alerts[:NAMED_MAX]],
        )


class Watch:
    """Watches one engine. `rows` may be asked from any thread."""

    def __init__(self, look: Look, rules: Rules, file: Path, sinks: Sequence[Sink]) -> None:
        self._look, self.rules, self._file, self._sinks = look, rules, file, sinks
        self.ledger = Ledger(alerts=read_alerts(file))
        self.looked_at: datetime | None = None
        self._past: deque[Sight] = deque()
        self._failing = ""
        self._closing = threading.Event()
        self._watching: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Looks from now on; on the engine's loop."""
        self._watching = asyncio.create_task(self._run())
        threading.Thread(target=self._recount, name="recount", daemon=True).start()

    async def close(self) -> None:
        """Looks no more. A recount that is under way keeps nobody waiting."""
        self._closing.set()
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)

    def rows(self, language: Language) -> list[Row]:
        """The alerts as the console lists them."""
        return [row_of(each, language) for each in self.ledger.active]

    async def once(self) -> None:
        """One look, its judgement, and what has to be told."""
        sight = await asyncio.to_thread(self._look.now)
        before, self.looked_at = self.ledger.alerts, sight.at
        self.ledger = self.ledger.judged(judge(self.rules, sight, self._past), sight.at)
        self._remember(sight)
        notices = self.ledger.due(sight.at)
        for notice in notices:
            await self._tell(notice)
        self.ledger = self.ledger.told(notices, sight.at)
        if _lasting(self.ledger.alerts.values()) != _lasting(before.values()):
            await asyncio.to_thread(write_alerts, self._file, self.ledger)

    def _remember(self, sight: Sight) -> None:
        """Keeps as much as the longest window needs, and nothing that lies ahead after the clock was set."""
        while self._past and self._past[-1].at > sight.at:
            self._past.pop()
        self._past.append(sight)
        while len(self._past) > 1 and sight.at - self._past[1].at >= MEMORY:
            self._past.popleft()

    async def _tell(self, notice: Notice) -> None:
        for sink in self._sinks:
            try:
                await sink.tell(notice)
            except Exception as error:
                log.error("notice not told", sink=type(sink).__name__, kind=notice.kind, **where(error))

    async def _run(self) -> None:
        while True:
            try:
                await self.once()
                self._failing = ""
            except Exception as error:  # said once; looked_at stands still, which the metrics show
                if self._failing != (failing := type(error).__name__):
                    log.error("alerts not judged", **where(error))
                self._failing = failing
            await asyncio.sleep(LOOK_SECONDS)

    def _recount(self) -> None:
        """In a thread that dies with the process: on a large store it takes minutes."""
        seconds = RECOUNT_SECONDS
        while not self._closing.wait(seconds):
            started = time.monotonic()
            try:
                self._look.recount()
            except Exception as error:
                log.error("store not recounted", **where(error))
            seconds = max(RECOUNT_SECONDS, (time.monotonic() - started) * RECOUNT_SHARE)


def row_of(alert: Alert, language: Language) -> Row:
    """An alert with the fields the console shows."""
    place = alert.place
    return {
        "id": place.id,
        "severity": alert.severity,
        "kind": place.kind,
        "text": sentence(alert, language),
        "advice": advice(alert, language),
        "channel": place.channel,
        "destination": place.destination,
        "since": alert.since,
    }


def read_alerts(file: Path) -> dict[str, Alert]:
    """What was wrong when the engine ended. A file that cannot be read is no reason not to start."""
    try:
        alerts = msgspec.json.decode(file.read_bytes(), type=list[Alert])
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        log.error("alerts not read", file=file.name, **where(error))
        return {}
    return {each.place.id: each for each in alerts}


def write_alerts(file: Path, ledger: Ledger) -> None:
    """Writes down what lasts; after a power cut there is the file before or this one."""
    fresh = file.with_suffix(".new")
    with fresh.open("wb") as writing:
        writing.write(msgspec.json.encode([each for each in ledger.alerts.values() if each.begun_at]))
        writing.flush()
        os.fsync(writing.fileno())
    fresh.replace(file)


def _lasting(alerts: Iterable[Alert]) -> set[tuple[str, bool, bool]]:
    """What a restart must know: which alerts began, who was told, which are over."""
    return {
        (each.place.id, each.is_told, each.over_at is not None)
        for each in alerts
        if each.begun_at is not None
    }
