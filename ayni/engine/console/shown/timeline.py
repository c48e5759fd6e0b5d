"""What happened to messages, in order of time: received, refused, each attempt, what persons decided."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from ayni.engine.console.audit.entry import Entry
from ayni.engine.console.shown.resources import Event, Happening, ShownDelivery, ShownMessage

Decisions = Callable[[int], Sequence[Entry]]
"""The entries of the audit that name a message."""

DECIDED = ("requeue", "set-aside", "replay", "edit-and-resend", "hold", "lift-hold")
CAME_BY: dict[str, Happening] = {"handover": "handed-over", "replay": "replayed", "edited": "edited"}


def timeline_of(message: ShownMessage, decisions: Decisions) -> list[Event]:
    """The events of one message, oldest first."""
    return _ordered(_events(message, decisions))


def timeline_of_all(messages: Iterable[ShownMessage], decisions: Decisions) -> list[Event]:
    """The events of several messages as one timeline, oldest first."""
    return _ordered(event for message in messages for event in _events(message, decisions))


def _ordered(events: Iterable[Event]) -> list[Event]:
    return sorted(events, key=lambda event: event.at)


def _events(message: ShownMessage, decisions: Decisions) -> Iterator[Event]:
    yield Event(
        at=message.received_at,
        what=CAME_BY.get(message.link, "received"),
        message_id=message.id,
        channel=message.channel,
        state=message.state,
        text=message.kind,
        ms=message.ms,
    )
    if message.state != "accepted":
        yield _not_accepted(message)
    for delivery in message.deliveries:
        yield from _attempts(message, delivery)
    yield from (_decision(message, entry) for entry in decisions(message.id) if _is_decision(entry))


def _not_accepted(message: ShownMessage) -> Event:
    return Event(
        at=message.received_at,
        what="refused" if message.state == "refused" else "filtered",
        message_id=message.id,
        channel=message.channel,
        code=" ".join(filter(None, (message.error_code, message.error_place))),
        text=message.error_text or "",
    )


def _attempts(message: ShownMessage, delivery: ShownDelivery) -> Iterator[Event]:
    for attempt in delivery.attempts:
        yield Event(
            at=attempt.at,
            what="attempt",
            message_id=message.id,
            channel=message.channel,
            destination=delivery.destination,
            state=attempt.outcome,
            code=attempt.ack,
            text=attempt.reason,
            ms=attempt.ms,
        )


def _is_decision(entry: Entry) -> bool:
    return entry.outcome == "asked" and entry.action in DECIDED


def _decision(message: ShownMessage, entry: Entry) -> Event:
    return Event(
        at=entry.at,
        what="decision",
        message_id=message.id,
        channel=message.channel,
        destination=str(entry.details.get("destination", "")),
        state=entry.action,
        text=str(entry.details.get("reason", "")),
        who=entry.who,
    )
