"""A history sorted into what the properties ask for, in one pass."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from chaos.history import Event

ROWS = ("stored", "delivery", "attempt", "count", "recount", "stray", "backlog", "audit")
"""What a look into the store tells; only the last look counts."""

Leg = tuple[str, str]
"""(destination, control id): one message owed to one destination."""


class Seen:
    """Events by what they are, and a few answers every property needs."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.events = list(events)
        self._of = defaultdict[str, list[Event]](list)
        for event in self.events:
            if event.op == "look":
                self._forget_rows()
            self._of[event.op].append(event)
        self.acknowledged = {event.src_id for event in self.of("ok")}
        self.due = dict[Leg, list[Event]]()
        for event in self.of("due"):
            self.due.setdefault(leg(event), []).append(event)
        self.deliveries = {leg(event): event for event in self.of("delivery")}
        self.effects = Counter(map(leg, self.of("effect")))

    def _forget_rows(self) -> None:
        for op in ROWS:
            self._of.pop(op, None)

    def of(self, op: str) -> list[Event]:
        """The events with this op, in the order of time."""
        return self._of.get(op, [])

    def in_order(self, *ops: str) -> Iterator[Event]:
        """The events with any of these ops, in the order of time."""
        return (event for event in self.events if event.op in ops)

    def owed(self) -> Iterator[Event]:
        """What was promised: of an acknowledged message, or by the answer of a delivery that is done."""
        for events in self.due.values():
            event = events[0]
            if event.actor == "load":
                if event.src_id in self.acknowledged:
                    yield event
            elif self.is_delivered(event.outcome):
                yield event

    def is_delivered(self, parent: str) -> bool:
        """Whether the store says that the message whose answer is handed over was delivered."""
        dest, _, src_id = parent.partition(" ")
        row = self.deliveries.get((dest, src_id))
        return row is not None and row.outcome == "delivered"


def leg(event: Event) -> Leg:
    """Which message to which destination an event is about."""
    return event.dest, event.src_id
