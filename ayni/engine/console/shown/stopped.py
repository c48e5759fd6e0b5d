"""The deliveries about which a person decides: refused and stalled, over all channels."""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ayni.engine.console.shown.messages import shown
from ayni.engine.console.shown.resources import ShownDelivery, ShownMessage, StoppedDelivery, StoppedPage
from ayni.engine.store.contract import STOPPED, Question, Store

PAGE = 200
"""Messages read at once from the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppedQuestion:
    """Which stopped deliveries; empty fields ask nothing. `said`: what its last attempt ended with, whole.

    `before_id` is a message's number.
    """

    channel: str = ""
    destination: str = ""
    state: str = ""
    said: str = ""
    message_id: int | None = None
    before_id: int | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Stopped deliveries that one cause may have stopped: of one way, with the same last word."""

    channel: str
    destination: str
    state: str
    said: str
    count: int


def alike(deliveries: Iterable[StoppedDelivery]) -> list[Alike]:
    """The groups among these, the largest first."""
    counts = Counter(
        (each.channel, each.destination, each.state, f"{each.ack} {each.reason}".strip())
        for each in deliveries
    )
    return [
        Alike(channel=channel, destination=destination, state=state, said=said, count=count)
        for (channel, destination, state, said), count in counts.most_common()
    ]


def page_of(store: Store, question: StoppedQuestion) -> StoppedPage:
    """At least `limit` deliveries, if there are so many, those of the newest messages first.

    A page ends with a whole message: the next one begins before its number.
    """
    found: list[StoppedDelivery] = []
    for message, deliveries in each_message(store, question):
        found += deliveries
        if len(found) >= question.limit:
            return StoppedPage(deliveries=found, next_before_id=message.id)
    return StoppedPage(deliveries=found)


def each_message(
    store: Store, question: StoppedQuestion
) -> Iterator[tuple[ShownMessage, list[StoppedDelivery]]]:
    """Messages with stopped deliveries that are asked for, newest first."""
    found = _one(store, question) if question.message_id else _all(store, question)
    for message in found:
        deliveries = [_stopped(message, each) for each in message.deliveries if _is_asked(each, question)]
        if deliveries:
            yield message, deliveries


def _one(store: Store, question: StoppedQuestion) -> Iterator[ShownMessage]:
    row = store.message(question.message_id or 0)
    return iter([shown(row)] if row is not None else [])


def _all(store: Store, question: StoppedQuestion) -> Iterator[ShownMessage]:
    """A message may have a refused and a stalled delivery: it comes once."""
    states = [state for state in STOPPED if question.state in ("", state)]
    streams = [_with(store, question, state) for state in states]
    last = None
    for message in _merged(streams):
        if message.id != last:
            yield message
        last = message.id


def _merged(streams: list[Iterator[ShownMessage]]) -> Iterator[ShownMessage]:
    heads = [next(stream, None) for stream in streams]
    while any(heads):
        newest = max((head.id, place) for place, head in enumerate(heads) if head)[1]
        head, heads[newest] = heads[newest], next(streams[newest], None)
        assert head is not None
        yield head


def _with(store: Store, question: StoppedQuestion, state: str) -> Iterator[ShownMessage]:
    asked = Question(channel=question.channel, delivery_state=state, before_id=question.before_id, limit=PAGE)
    for _ in itertools.count():
        rows = store.search(asked)
        yield from map(shown, rows)
        if len(rows) < PAGE:
            return
        asked = replace(asked, before_id=rows[-1]["id"])


def _is_asked(delivery: ShownDelivery, question: StoppedQuestion) -> bool:
    states = (question.state,) if question.state else STOPPED
    is_there = delivery.state in states and question.destination in ("", delivery.destination)
    return is_there and question.said in ("", said_of(delivery))


def said_of(delivery: ShownDelivery) -> str:
    """What the last attempt ended with: the word of the answer and the reason."""
    last = delivery.attempts[-1] if delivery.attempts else None
    return f"{last.ack} {last.reason}".strip() if last else ""


def _stopped(message: ShownMessage, delivery: ShownDelivery) -> StoppedDelivery:
    last = delivery.attempts[-1] if delivery.attempts else None
    return StoppedDelivery(
        message_id=message.id,
        delivery_id=delivery.id,
        channel=message.channel,
        destination=delivery.destination,
        state=delivery.state,
        holds_lane=delivery.is_waiting,
        kind=message.kind,
        control_id=delivery.control_id,
        correlation_id=message.correlation_id,
        received_at=message.received_at,
        settled_at=delivery.settled_at,
        attempt_count=delivery.attempt_count,
        reason=last.reason if last else "",
        ack=last.ack if last else "",
    )
