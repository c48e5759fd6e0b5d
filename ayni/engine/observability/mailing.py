"""Alerts by e-mail, each reader's in their own language: at most one letter a minute, and none is lost to a
mail server that is away.

What waits while it is away goes in one letter when it is back. Nothing in a letter is more than the names of
channels, destinations and files.
"""

import asyncio
import contextlib
import itertools
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from ayni.engine.connectors.contract import World
from ayni.engine.connectors.mail import MailSender, MailServer, check_addresses, letter
from ayni.engine.connectors.tls import ClientTls
from ayni.engine.observability.judging import Place
from ayni.engine.observability.ledger import Alert, Notice
from ayni.engine.observability.rules import MailRules
from ayni.engine.observability.wording import Language, advice, sentence, words
from ayni.wire.clock import Now
from ayni.wire.failure import Backoff, Refused
from ayni.wire.logging import where

log = structlog.get_logger()

LETTER_SECONDS = 60.0
"""What begins within a minute of a letter comes together in the next one."""
RETRY = Backoff(first_seconds=10.0, seconds_max=300.0)
GOODBYE_SECONDS = 5.0
"""At the end, what nobody was told yet is tried once more for so long."""
CANCEL_AGAIN_SECONDS = 0.5
NOTICES_MAX = 200
"""Hours of storm while the mail server is away; beyond that the oldest stand in log and console only."""
ALERTS_MAX = 20
"""A letter names so many and counts the rest."""


class Post(Protocol):
    """Where letters are handed over; see `connectors.mail.MailServer`."""

    async def take(self, written: bytes, *, sender: str, recipients: Sequence[str]) -> bytes: ...


class MailSink:
    """Writes letters about notices. `readers`: languages by address."""

    def __init__(
        self, post: Post, rules: MailRules, sender: str, readers: Mapping[str, Language], now: Now
    ) -> None:
        self._post, self._rules, self._sender, self._now = post, rules, sender, now
        self._readers = readers
        self._waiting = {address: deque[Notice](maxlen=NOTICES_MAX) for address in readers}
        self._told = asyncio.Event()
        self._numbers = itertools.count(1)

    async def tell(self, notice: Notice) -> None:
        """Takes a notice on for the next letter; waits for nobody."""
        if self._rules.least == "critical" and notice.severity != "critical":
            return
        for waiting in self._waiting.values():
            waiting.append(notice)
        self._told.set()

    async def run(self) -> None:
        """Sends until cancelled."""
        failed_count = 0
        while True:
            await self._told.wait()
            self._told.clear()
            failed_count = 0 if await self._sent() else failed_count + 1
            if failed_count:
                self._told.set()
            await asyncio.sleep(RETRY.pause(failed_count) if failed_count else LETTER_SECONDS)

    async def say_goodbye(self) -> None:
        """A last try for what waits; gives up soon."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_SECONDS):
                await self._sent()

    async def _sent(self) -> bool:
        """Whether nothing waits any more. Each reader has a letter of their own: a wrong address is alone."""
        return all([await self._sent_to(address) for address in self._readers])

    async def _sent_to(self, address: str) -> bool:
        notices = list(self._waiting[address])
        if not notices:
            return True
        try:
            await self._post.take(self._written(notices, address), sender=self._sender, recipients=[address])
        except Refused as error:
            log.error("alert letter refused", count=len(notices), **where(error))
        except Exception as error:  # the server is away, or something broke: the notices are still there
            log.warning("alert letter not sent yet", count=len(notices), **where(error))
            return False
        for _ in notices:
            self._waiting[address].popleft()
        return True

    def _written(self, notices: Sequence[Notice], address: str) -> bytes:
        at, language = self._now(), self._readers[address]
        return letter(
            "\n".join(text_of(notices, language, self._rules.console)).encode(),
            sender=self._sender,
            recipients=[address],
            subject=subject_of(notices, language),
            message_id=f"alert-{at:%Y%m%d%H%M%S}-{next(self._numbers)}",
            at=at,
        )


def subject_of(notices: Sequence[Notice], language: Language) -> str:
    """One line: how grave, what and where for one alert, how many of each for several."""
    changes = list(_changes(notices))
    gravest = "critical" if any(alert.severity == "critical" for alert in changes) else "warning"
    severity = words("severity", gravest, language)
    if len(changes) == 1:
        (alert,) = changes
        change = words("letter", "over" if alert.over_at else "began", language)
        kind = words("kind", alert.place.kind, language)
        return f"[Ayni] {severity}: {kind} {_where(alert.place)} ({change})".replace("  ", " ")
    over_count = sum(alert.over_at is not None for alert in changes)
    counts = {"began": len(changes) - over_count, "over": over_count}
    said = ", ".join(f"{words('letter', name, language)} {count}" for name, count in counts.items() if count)
    return f"[Ayni] {severity}: {said}"


def text_of(notices: Sequence[Notice], language: Language, console: str) -> Iterator[str]:
    """The lines of a letter: what began with what to do first, then what is over."""
    changes = sorted(_changes(notices), key=lambda alert: (alert.over_at is not None, _rank(alert)))
    for alert in changes[:ALERTS_MAX]:
        yield from _over(alert, language) if alert.over_at else _began(alert, language)
        yield ""
    if len(changes) > ALERTS_MAX:
        yield words("letter", "more", language, count=len(changes) - ALERTS_MAX)
    if console:
        yield words("letter", "console", language, address=console)


def _began(alert: Alert, language: Language) -> Iterator[str]:
    severity = words("severity", alert.severity, language).upper()
    since = words("letter", "since", language, at=_time(alert.since))
    yield f"{severity} · {_named(alert, language)} · {since}"
    yield sentence(alert, language)
    yield f"→ {advice(alert, language)}"


def _over(alert: Alert, language: Language) -> Iterator[str]:
    assert alert.over_at is not None
    minutes = round((alert.over_at - alert.since) / timedelta(minutes=1))
    lasted = words("letter", "lasted", language, at=_time(alert.since), minutes=minutes)
    yield f"{words('letter', 'over', language).upper()} · {_named(alert, language)} · {lasted}"


def _changes(notices: Sequence[Notice]) -> Iterator[Alert]:
    return (alert for notice in notices for alert in notice.alerts)


def _named(alert: Alert, language: Language) -> str:
    return f"{words('kind', alert.place.kind, language)} {_where(alert.place)}".strip()


def _where(place: Place) -> str:
    return place.channel or (f"→ {place.destination}" if place.destination else "")


def _rank(alert: Alert) -> tuple[bool, datetime]:
    return alert.severity != "critical", alert.since


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def open_mail(rules: MailRules, world: World) -> MailSink:
    """The sink as alerts.toml declares it; raises CannotStart."""
    sender = world.text(rules.sender)
    readers: dict[str, Language] = {world.text(each): "es" for each in rules.spanish}
    readers |= {world.text(each): "en" for each in rules.english}
    check_addresses(sender, list(readers))
    declared = MailSender(
        address=rules.address,
        sender=rules.sender,
        recipients=(*rules.spanish, *rules.english),
        subject="",
        security=rules.security,
        user=rules.user,
        password_file=rules.password_file,
        tls=ClientTls(ca=rules.ca),
    )
    return MailSink(MailServer.of(declared, world), rules, sender, readers, world.now)


@asynccontextmanager
async def mailing(rules: MailRules, world: World) -> AsyncIterator[MailSink]:
    """The sink at work while the block lasts; raises CannotStart."""
    sink = open_mail(rules, world)
    running = asyncio.create_task(sink.run())
    try:
        yield sink
    finally:
        while not running.done():  # aiosmtplib waits with wait_for, which may swallow a cancellation (3.11)
            running.cancel()
            await asyncio.wait([running], timeout=CANCEL_AGAIN_SECONDS)
        await sink.say_goodbye()
