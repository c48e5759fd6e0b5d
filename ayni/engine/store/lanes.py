"""Lanes: a place for each delivery, the head of each lane leased, sent and settled with a fencing token.

A message about several keys has a place in each lane and is sent when it is the head of all. Until then the
lanes it heads are parked; the last lane to reach it finds the others waiting and leases them together.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from msgspec.structs import replace

from ayni.engine.store.contract import STOPPED, Claim, DeliveryState, Settlement
from ayni.engine.store.times import FAR, to_micros
from ayni.engine.store.transaction import Transaction

Place = tuple[int, int]
"""A lane's id and the number in it."""

LOOK_AGAIN_MICROS = 1_000_000
"""When another node holds a lane that is needed too, it is asked again after a second."""


def join_all(tx: Transaction, destination: str, keys: Sequence[str], at: int) -> tuple[Place, ...]:
    """The next place in each lane; `keys` are sorted, so that nobody waits for somebody who waits for
    them."""
    return tuple(join(tx, destination, key, at)[0] for key in keys)


def join(tx: Transaction, destination: str, key: str, at: int, owner: str | None = None) -> tuple[Place, int]:
    """The next place in a lane; and the new token when it is leased to `owner` until `at`, else 0.

    A lane in which nobody waits is due at `at`, or leased. Where others wait it is neither: its head decides.
    """
    step = int(owner is not None)
    found = tx.one("lane_of", destination, key)
    if found is None:
        lane_id = tx.insert("new_lane", destination, key, step, owner, at)
        if lane_id:
            return (lane_id, 1), step
        found = tx.one("lane_of", destination, key)  # another engine has made it meanwhile
        assert found is not None
    lane_id, last_number, waiting_count, token = found
    if waiting_count:
        tx.run("join_lane", lane_id)
        return (lane_id, last_number + 1), 0
    token += step
    tx.run("join_empty_lane", token, owner, at, lane_id)
    return (lane_id, last_number + 1), token if step else 0


def claim(tx: Transaction, destination: str, *, owner: str, at: int, until: int, limit: int) -> list[Claim]:
    """Leases the heads of lanes that are due."""
    leased = tx.rows("lease_lanes", owner, until, destination, at, limit)
    due = _heads(tx, destination, leased)
    claims = []
    while due:
        lane_id, head = due.popitem()
        tokens = _lease_others(tx, head, owner=owner, until=until)
        if len(tokens) == len(head.places):
            claims.append(head if len(tokens) == 1 else replace(head, tokens=tokens))
        else:  # another node is busy with one of its lanes; or it is parked until the last lane reaches it
            for leased_id in {lane_id, *dict(tokens)}:
                tx.run("free_lane", 0, at + LOOK_AGAIN_MICROS if tokens else FAR, leased_id)
        for leased_id, _ in tokens:
            due.pop(leased_id, None)  # it was due too, and is this message's now
    return claims


def _heads(tx: Transaction, destination: str, leased: Sequence[tuple[Any, ...]]) -> dict[int, Claim]:
    """The claim of each of these lanes, (lane id, token, key), by the lane's id."""
    if not leased:
        return {}
    found = tx.rows("heads_of_lanes", json.dumps([lane_id for lane_id, _, _ in leased]))
    heads = {lane_id: row for lane_id, *row in found}
    return {
        lane_id: _head(destination, lane_id, token, key, heads[lane_id]) for lane_id, token, key in leased
    }


def _head(destination: str, lane_id: int, token: int, key: str, row: Sequence[Any]) -> Claim:
    delivery_id, message_id, channel, correlation_id, control_id, content, attempt_count, places = row
    return Claim(
        delivery_id=delivery_id,
        message_id=message_id,
        channel=channel,
        destination=destination,
        correlation_id=correlation_id,
        control_id=control_id,
        key=key,
        content=bytes(content),
        attempt_count=attempt_count,
        places=places_in(places),
        tokens=((lane_id, token),),
    )


def _lease_others(tx: Transaction, head: Claim, *, owner: str, until: int) -> tuple[Place, ...]:
    """(lane id, token) of this lane and of the others of its head, as far as they can be had together."""
    ((mine, token),) = head.tokens
    others = [place for place in head.places if place[0] != mine]
    if any(tx.one("head_number", lane_id) != (number,) for lane_id, number in others):
        return ()
    tokens = [(mine, token)]
    for lane_id, _ in others:
        found = tx.one("lease_lane", owner, until, lane_id, owner)
        if found is None:
            break
        tokens.append((lane_id, found[0]))
    return tuple(tokens)


def settle(tx: Transaction, held: Claim, settlement: Settlement) -> bool:
    """Writes the attempt, and what it led to; False when the lease was lost and only the attempt is
    written."""
    started_at = to_micros(settlement.started_at)
    tx.run(
        "insert_attempt",
        held.delivery_id,
        started_at,
        settlement.ms,
        settlement.outcome,
        settlement.reason,
        settlement.answer,
    )
    is_held = settlement.state in STOPPED and settlement.holds
    due_at = FAR if is_held else to_micros(settlement.due_at)
    if not _let_go(tx, held.tokens, due_at, leaves=settlement.leaves_lane):
        return False
    _move_on(tx, held, settlement, started_at)
    return True


def _let_go(tx: Transaction, tokens: Sequence[Place], due_at: int, *, leaves: bool) -> bool:
    """Gives back all lanes of a claim; False, and none, when one of them was lost."""
    if len(tokens) > 1 and not all(tx.one("owned_lane", *each) for each in tokens):
        return False
    return all(tx.run("settle_lane", int(leaves), due_at, *each) for each in tokens)


def _move_on(tx: Transaction, held: Claim, settlement: Settlement, at: int) -> None:
    leaves = settlement.leaves_lane
    counts, waits = int(settlement.counts), int(not leaves)
    tx.run("settle_delivery", settlement.state.value, counts, at, waits, held.delivery_id)
    if leaves:
        for place in held.places:
            tx.run("leave_place", *place)
        if settlement.state in STOPPED:
            _remember_keys(tx, held)
    tx.count(held.channel, held.destination, "pending", -1)
    tx.count(held.channel, held.destination, tallied(settlement.state))


def _remember_keys(tx: Transaction, held: Claim) -> None:
    """What lets its lanes pass may join them again, when they are perhaps no longer there."""
    keys = [key for lane_id, _ in held.places for (key,) in tx.rows("lane_keys", lane_id)]
    tx.run("remember_keys", json.dumps(sorted(keys)), held.delivery_id)


def tallied(state: DeliveryState) -> str:
    """Tallies know what still has to be sent as one word, however it waits."""
    return state.value if state in (DeliveryState.DELIVERED, DeliveryState.SET_ASIDE, *STOPPED) else "pending"


def recover(tx: Transaction, owner: str, *, at: int) -> int:
    """Gives back what an owner had leased when it ended; how many deliveries are in doubt now."""
    leased = tx.rows("leased_to", owner)
    for lane_id, delivery_id in leased:
        tx.run("doubt", delivery_id)
        tx.run("free_lane", 0, at, lane_id)
    tx.run("be_due", at, at)
    return len({delivery_id for _, delivery_id in leased})


def decide(tx: Transaction, delivery_id: int, state: Literal["pending", "set-aside"], *, at: int) -> bool:
    """A person's word about a stopped delivery; False when it is not stopped, or nothing is left to send."""
    found = tx.one("stopped_delivery", delivery_id)
    if found is None:
        return False
    channel, destination, places_text, keys, is_waiting, stopped, has_content = found
    if state == "pending" and not has_content:
        return False
    places = places_in(places_text)
    if state == "set-aside":
        _leave_lanes(tx, places if is_waiting else (), at)
    elif is_waiting:
        _free_lanes(tx, places, at)
    else:
        places = tuple(_joined_again(tx, delivery_id, destination, json.loads(keys), at))
    tx.run("decide_delivery", state, text_of(places), int(state == "pending"), delivery_id)
    tx.count(channel, destination, stopped, -1)
    tx.count(channel, destination, state)
    return True


def _leave_lanes(tx: Transaction, places: Sequence[Place], at: int) -> None:
    for lane_id, number in places:
        tx.run("leave_place", lane_id, number)
        tx.run("free_lane", 1, at, lane_id)


def _free_lanes(tx: Transaction, places: Sequence[Place], at: int) -> None:
    for lane_id, _ in places:
        tx.run("free_lane", 0, at, lane_id)


def _joined_again(
    tx: Transaction, delivery_id: int, destination: str, keys: Sequence[str], at: int
) -> Iterator[Place]:
    """Places at the end of the lanes that it had let pass."""
    for lane_id, number in join_all(tx, destination, keys, at):
        tx.run("take_place", lane_id, number, delivery_id)
        yield lane_id, number


def text_of(places: Sequence[Place]) -> str:
    """Places as the row keeps them."""
    return "[" + ",".join(f"[{lane_id},{number}]" for lane_id, number in places) + "]"


def places_in(text: str) -> tuple[Place, ...]:
    """The places in a row."""
    return tuple((lane_id, number) for lane_id, number in json.loads(text))
