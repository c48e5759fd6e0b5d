"""P6, P7 and P8: what the store says of itself once all is quiet."""

from collections import Counter
from collections.abc import Iterator

from chaos.checker.seen import Leg, Seen, leg

DRAINED_WITHIN_SECONDS = 60.0
"""From the last time everything was mended until nothing waits any more."""
BEGINNING = "0" * 64


def liveness(seen: Seen) -> Iterator[str]:
    """P6: once everything is mended, what waits goes down to nothing in time."""
    healed = max((event.mono_ns for event in seen.of("heal")), default=0)
    looks = [event for event in seen.of("backlog") if event.mono_ns >= healed]
    if not looks:
        yield "nobody looked whether anything still waits"
    elif looks[-1].seq:
        yield f"{looks[-1].seq} deliveries still wait"
    elif healed and (late := (looks[-1].mono_ns - healed) / 1e9) > DRAINED_WITHIN_SECONDS:
        yield f"the last delivery was done {late:.1f} seconds after all was mended"


def conservation(seen: Seen) -> Iterator[str]:
    """P7: received = delivered + filtered + refused + stalled + queued, in the tallies and in the rows."""
    yield from _tallies_and_rows(seen)
    yield from (f"two tables contradict each other: {event.outcome}" for event in seen.of("stray"))
    yield from _acknowledged_and_stored(seen)
    yield from _owed_and_written(seen)


def _tallies_and_rows(seen: Seen) -> Iterator[str]:
    counted, recounted = (
        {(each.src, each.dest, each.lane): each.seq for each in seen.of(op)} for op in ("count", "recount")
    )
    for key in counted.keys() | recounted.keys():
        said, found = counted.get(key, 0), recounted.get(key, 0)
        if said != found:
            yield f"{' '.join(filter(None, key))}: the tally says {said}, the rows are {found}"
        if said < 0:
            yield f"{' '.join(filter(None, key))}: the tally is {said}"
    if not counted:
        return
    for op, is_of_messages in (("stored", True), ("delivery", False)):
        total = sum(number for key, number in counted.items() if (key[1] == "") == is_of_messages)
        if total != len(seen.of(op)):
            yield f"the tallies make {total}, the rows ({op}) are {len(seen.of(op))}"


def _acknowledged_and_stored(seen: Seen) -> Iterator[str]:
    if not seen.of("count"):
        return
    stored = {event.src_id for event in seen.of("stored") if event.outcome != "refused"}
    for src_id in seen.acknowledged - stored:
        yield f"{src_id} was acknowledged and is not in the store"


def _owed_and_written(seen: Seen) -> Iterator[str]:
    """Each message that was accepted has exactly one delivery for each destination it is owed to."""
    accepted = {event.src_id for event in seen.of("stored") if event.outcome == "accepted"}
    written = Counter(map(leg, seen.of("delivery")))
    for dest, src_id in seen.due:
        if src_id in accepted and written[dest, src_id] != 1:
            yield f"{src_id} has {written[dest, src_id]} deliveries for {dest}"
    for dest, src_id in written.keys() - seen.due.keys():
        yield f"{src_id} has a delivery for {dest} that nobody is owed"


def audit(seen: Seen) -> Iterator[str]:
    """P8: each delivery has the record of its attempts, and a chain of entries is whole."""
    attempts = Counter(map(leg, seen.of("attempt")))
    done = {leg(event) for event in seen.of("attempt") if event.outcome == "delivered"}
    for (dest, src_id), row in seen.deliveries.items():
        if row.outcome == "delivered" and (dest, src_id) not in done:
            yield f"{src_id} is delivered to {dest} without an attempt that says so"
    yield from _unwritten_attempts(seen, attempts)
    yield from _broken_chain(seen)


def _unwritten_attempts(seen: Seen, attempts: Counter[Leg]) -> Iterator[str]:
    if not seen.of("count"):
        return
    settled = Counter(leg(event) for event in seen.in_order("settled", "fenced"))
    for (dest, src_id), count in settled.items():
        if attempts[dest, src_id] < count:
            yield f"{src_id} to {dest}: settled {count} times, {attempts[dest, src_id]} attempts are written"


def _broken_chain(seen: Seen) -> Iterator[str]:
    number, before = 0, BEGINNING
    for event in seen.of("audit"):
        if (event.seq, event.token) != (number + 1, before):
            yield f"audit entry {event.seq} does not follow entry {number}"
        number, before = event.seq, event.sha256
