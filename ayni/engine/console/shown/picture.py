"""One request as a picture: a column for each system and channel it touched, an arrow for each thing that
happened, from the top down. Time is said and not drawn, because a request takes milliseconds or days.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ayni.engine.console.shown.resources import Event, Followed, ShownMessage

COLUMNS_MAX = 8
"""More do not fit a page; a request that touches more systems is told as a list."""
GAP_SECONDS = 1.0
"""A pause that a person wants to see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A system outside, or a channel of this engine."""

    name: str
    kind: Literal["system", "channel"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """One event between two columns, numbered from 1; within one column it is a point.

    `pause_seconds`: how long nothing had happened before, None when that was not long.
    """

    event: Event
    start: int
    end: int
    pause_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Columns from left to right, arrows from the top down."""

    columns: list[Column]
    arrows: list[Arrow]


def picture_of(followed: Followed) -> Picture | None:
    """The picture; None when there is nothing to draw, or more than fits."""
    ways = list(_ways(followed))
    columns = list(dict.fromkeys(column for _, *both in ways for column in both))
    if not ways or len(columns) > COLUMNS_MAX:
        return None
    place = {column: number for number, column in enumerate(columns, 1)}
    pauses = _pauses([event for event, _, _ in ways])
    return Picture(
        columns=columns,
        arrows=[
            Arrow(event=event, start=place[start], end=place[end], pause_seconds=pause)
            for (event, start, end), pause in zip(ways, pauses, strict=True)
        ],
    )


def _ways(followed: Followed) -> Iterator[tuple[Event, Column, Column]]:
    partners = {to.destination for message in followed.messages for to in message.deliveries}
    messages = {message.id: message for message in followed.messages}
    for event in followed.timeline:
        channel = Column(name=event.channel, kind="channel")
        if event.what == "attempt":
            yield event, channel, Column(name=event.destination, kind="system")
        elif event.what in ("decision", "refused", "filtered"):
            yield event, channel, channel
        else:
            yield event, _sender(messages[event.message_id], partners), channel


def _sender(message: ShownMessage, partners: set[str]) -> Column:
    """Who sent it: the partner whose answer it was, or the name it gave itself.

    A system calls itself otherwise than we call it (ONEVISIONCAX, onevision): one begins with the other.
    """
    if message.link == "handover":
        return Column(name=message.source.rpartition("/")[2], kind="system")
    own = message.sender.partition("|")[0] or message.source
    known = (each for each in sorted(partners) if _is_same(each, own))
    return Column(name=next(known, own), kind="system")


def _is_same(partner: str, own: str) -> bool:
    first, second = partner.lower(), own.lower()
    return bool(own) and (first.startswith(second) or second.startswith(first))


def _pauses(events: Sequence[Event]) -> Iterator[float | None]:
    before = None
    for event in events:
        seconds = (event.at - before).total_seconds() if before else 0.0
        yield seconds if seconds >= GAP_SECONDS else None
        before = event.at
