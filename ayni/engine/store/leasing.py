"""Leasing a new delivery as it is written, when a deliverer has a free hand and nobody waits in its lane.

Claiming it from the queue would cost two more statements and a turn of the disk. The queue is still where it
is kept: who ends meanwhile finds it there, leased in its own name.
"""

from ayni.engine.store.contract import Hand, Hands, NewDelivery
from ayni.engine.store.lanes import Place, join, join_all
from ayni.engine.store.times import to_micros
from ayni.engine.store.transaction import Transaction


class Leasing:
    """The hands that one change was given; they begin, or are let go, when it is known what came of it."""

    __slots__ = ("_given", "_hands")

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._given: list[Hand] = []

    def join(
        self, tx: Transaction, delivery: NewDelivery, at: int
    ) -> tuple[tuple[Place, ...], tuple[Hand, int] | None]:
        """Its places, and the hand with the token of the lane where it is leased already."""
        hand = self._hands.free(delivery.destination) if len(delivery.keys) == 1 else None
        if hand is None:
            return join_all(tx, delivery.destination, delivery.keys, at), None
        self._given.append(hand)
        place, token = join(tx, delivery.destination, delivery.keys[0], to_micros(hand.until), hand.owner)
        return (place,), (hand, token) if token else None

    def told(self, *, is_committed: bool) -> None:
        """Lets all hands go, to deliver what they hold where it is committed."""
        for hand in self._given:
            hand.let_go(is_committed=is_committed)
        self._given.clear()
