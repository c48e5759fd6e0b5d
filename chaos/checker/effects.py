"""P1, P4, P5 and P9: what senders were promised and what destinations saw."""

from collections import defaultdict
from collections.abc import Iterator

from chaos.checker.seen import Leg, Seen, leg
from chaos.history import Event
from chaos.load import TRY_LATER

IN_SIGHT = frozenset({"stalled", "refused", "set-aside"})
"""Where a message may be instead of delivered: a person sees it there."""


def no_loss(seen: Seen) -> Iterator[str]:
    """P1: what was acknowledged has its effect at every destination, or stands where a person sees it."""
    for event in seen.owed():
        if seen.effects[leg(event)]:
            continue
        row = seen.deliveries.get(leg(event))
        if row is None or row.outcome not in IN_SIGHT:
            state = row.outcome if row else "in no row"
            yield f"{event.src_id} was promised and never had an effect at {event.dest} ({state})"


def effect_once(seen: Seen) -> Iterator[str]:
    """P4: one effect for each message and destination, one row in the store, no sending once it is done."""
    for (dest, src_id), count in seen.effects.items():
        if count > 1:
            yield f"{src_id} had {count} effects at {dest}"
    yield from _taken_twice(seen)
    yield from _sent_when_done(seen)


def _taken_twice(seen: Seen) -> Iterator[str]:
    for op in ("accepted", "stored"):
        numbers = defaultdict[tuple[str, str], set[int]](set)
        for event in seen.of(op):
            if event.outcome != "refused":
                numbers[event.src, event.src_id].add(event.seq)
        for (_, src_id), found in numbers.items():
            if len(found) > 1:
                yield f"{src_id} is in the store {len(found)} times ({op})"


def _sent_when_done(seen: Seen) -> Iterator[str]:
    done = set[Leg]()
    for event in seen.in_order("settled", "sent"):
        if event.op == "settled":
            if event.outcome == "delivered":
                done.add(leg(event))
        elif leg(event) in done:
            yield f"{event.src_id} was sent to {event.dest} after it was settled as delivered"


def no_invention(seen: Seen) -> Iterator[str]:
    """P5: what came was sent, byte by byte what was owed; what is stored was sent in; a yes was said."""
    yield from _receptions_out_of_nothing(seen)
    yield from _effects_out_of_nothing(seen)
    yield from _rows_out_of_nothing(seen)
    yield from _delivered_without_a_yes(seen)


def _receptions_out_of_nothing(seen: Seen) -> Iterator[str]:
    sent = set[Leg]()
    for event in seen.in_order("sent", "received"):
        if event.op == "sent":
            sent.add(leg(event))
            continue
        if leg(event) not in sent:
            yield f"{event.dest} got {event.src_id}, which nobody had sent"
        if leg(event) not in seen.due:
            yield f"{event.dest} got {event.src_id}, which nobody owed it"
        elif event.sha256 not in {each.sha256 for each in seen.due[leg(event)]}:
            yield f"{event.dest} got {event.src_id} with other bytes than it was owed"


def _effects_out_of_nothing(seen: Seen) -> Iterator[str]:
    received = set[Leg]()
    for event in seen.in_order("received", "effect"):
        if event.op == "received":
            received.add(leg(event))
        elif leg(event) not in received:
            yield f"{event.src_id} had an effect at {event.dest} before it came"


def _rows_out_of_nothing(seen: Seen) -> Iterator[str]:
    invoked = {event.src_id for event in seen.of("invoke")} | {src_id for _, src_id in seen.due}
    for event in seen.of("stored"):
        if event.outcome != "refused" and event.src_id not in invoked:
            yield f"{event.src_id} is in the store and nobody sent it"


def _delivered_without_a_yes(seen: Seen) -> Iterator[str]:
    said_yes = set[Leg]()
    for event in seen.in_order("answered", "settled"):
        if event.op == "answered":
            if event.outcome == "yes":
                said_yes.add(leg(event))
        elif event.outcome == "delivered" and leg(event) not in said_yes:
            yield f"{event.src_id} is delivered to {event.dest}, which never said yes to it"


def stored_answer(seen: Seen) -> Iterator[str]:
    """P9: an answer names its message, and the same message is answered as the first time, byte by byte."""
    first = dict[tuple[str, str, str], Event]()
    sent = dict[tuple[str, str], str]()
    for event in seen.in_order("invoke", "ok", "nack"):
        key = (event.src, event.src_id)
        if event.op == "invoke":
            sent[key] = event.sha256
            continue
        code, _, named = event.outcome.partition("|")
        if named != event.src_id:
            yield f"{event.src_id} was answered with {code} for {named or 'nobody'}"
        if not code.endswith(TRY_LATER):  # nothing was kept: the next answer may be another
            yield from _as_before(first.setdefault((*key, sent.get(key, "")), event), event)


def _as_before(first: Event, event: Event) -> Iterator[str]:
    if event.outcome != first.outcome:
        yield f"{event.src_id} heard {first.outcome} the first time and {event.outcome} later"
    elif event.op == "ok" and event.sha256 != first.sha256:
        yield f"{event.src_id} heard other bytes than the first time"
