"""P2 and P3: what a destination sees of a lane, and in which order."""

from collections import defaultdict
from collections.abc import Iterator

from chaos.checker.seen import Leg, Seen, leg
from chaos.history import Event

Place = tuple[str, int, str]
"""A lane's id in the store, the number in it, and the fencing token it was leased with."""


def order(seen: Seen) -> Iterator[str]:
    """P2: the first receptions of a lane follow the order in which each source sent.

    A message that was sent again may stand anywhere between its first and its last try. Drain rule: what
    nobody acknowledged may come or not, but never out of order. The store's own numbers are held to it too.
    """
    yield from _order_of_sources(seen)
    yield from _order_of_numbers(seen)


def _order_of_sources(seen: Seen) -> Iterator[str]:
    tries = _tries(seen)
    latest = dict[tuple[str, str, str], tuple[int, str]]()  # (dest, lane, source): the last to begin so far
    for event in _first_receptions(seen):
        for due in seen.due.get(leg(event), ()):
            if due.src_id not in tries:
                continue
            begun, ended, src = tries[due.src_id]
            before = latest.get((due.dest, due.lane, src), (-1, ""))
            if ended < before[0]:
                yield f"{due.dest} lane {due.lane}: {due.src_id} came after {before[1]} of the same source"
            latest[due.dest, due.lane, src] = max(before, (begun, due.src_id))


def _tries(seen: Seen) -> dict[str, tuple[int, int, str]]:
    """Of each message: when its first and its last try began, counted per source, and the source."""
    tries, counts = dict[str, tuple[int, int, str]](), defaultdict[str, int](int)
    for event in seen.of("invoke"):
        number = counts[event.src] = counts[event.src] + 1
        first, _, _ = tries.get(event.src_id, (number, 0, ""))
        tries[event.src_id] = (first, number, event.src)
    return tries


def _first_receptions(seen: Seen) -> Iterator[Event]:
    known = set[Leg]()
    for event in seen.of("received"):
        if leg(event) not in known:
            known.add(leg(event))
            yield event


def _order_of_numbers(seen: Seen) -> Iterator[str]:
    highest, known = dict[tuple[str, str], int](), set[Leg]()
    for event, places in _received_with_places(seen):
        if leg(event) in known:
            continue
        known.add(leg(event))
        for lane, number, _ in places:
            before = highest.get((event.dest, lane), -1)
            if number < before:
                yield f"{event.dest} lane {lane}: number {number} came first after {before}"
            highest[event.dest, lane] = max(before, number)


def no_stale_redelivery(seen: Seen) -> Iterator[str]:
    """P3: once number n came under one lease, nothing before n comes again under another."""
    newest, known = dict[tuple[str, str], tuple[int, str]](), set[Leg]()
    for event, places in _received_with_places(seen):
        is_again = leg(event) in known
        known.add(leg(event))
        for lane, number, token in places:
            highest, its_token = newest.get((event.dest, lane), (-1, ""))
            if is_again and number < highest and token != its_token:
                yield f"{event.dest} lane {lane}: {event.src_id}, number {number}, came again after {highest}"
            if number >= highest:
                newest[event.dest, lane] = (number, token)


def _received_with_places(seen: Seen) -> Iterator[tuple[Event, list[Place]]]:
    """Each reception with the places of the lease under which it was sent."""
    claims = dict[Leg, tuple[int, list[Place]]]()
    for event in seen.in_order("claimed", "received"):
        if event.op == "received":
            yield event, claims.get(leg(event), (0, []))[1]
            continue
        place = (event.lane, event.seq, event.token)
        at, places = claims.get(leg(event), (0, []))
        # a message about several keys is claimed in several lanes at one moment
        claims[leg(event)] = (event.mono_ns, [*places, place] if at == event.mono_ns else [place])
