"""Leasing a new delivery as it is written, when a deliverer has a free hand and nobody waits in its lane.

Claiming it from the queue would cost two more statements and a turn of the disk. The queue is still where it
is kept: who ends meanwhile finds it there, leased in its own name.
"""

from threading import get_ident

from ayni.engine.store.contract import Hand, Hands, NewDelivery
from ayni.engine.store.lanes import Place, join, join_all
from ayni.engine.store.times import to_micros
from ayni.engine.store.transaction import Transaction


class Leasing:
    """The hands that one change was given; they begin, or are let go, when it is known what came of it.

    A change whose group failed is made again in the thread that commits, where no deliverer may be asked:
    what was leased before has come to nothing, and nothing more is leased.
    """

    __slots__ = ("_given", "_hands", "_thread")

    def __init__(self, hands: Hands) -> None:
        self._hands: Hands | None = hands
        self._given: list[Hand] = []
        self._thread = get_ident()

    def make(self) -> None:
        """The change is made now, by whatever thread."""
        if get_ident() != self._thread:
            self._hands = None

    def join(
        self, tx: Transaction, delivery: NewDelivery, at: int
    ) -> tuple[tuple[Place, ...], tuple[Hand, int] | None]:
        """Its places, and the hand with the token of the lane where it is leased already."""
        is_alone = len(delivery.keys) == 1
        hand = self._hands.free(delivery.destination) if self._hands is not None and is_alone else None
        if hand is None:
            return join_all(tx, delivery.destination, delivery.keys, at), None
        self._given.append(hand)
        place, token = join(tx, delivery.destination, delivery.keys[0], to_micros(hand.until), hand.owner)
        return (place,), (hand, token) if token else None

    def told(self, *, is_committed: bool) -> None:
        """Lets all hands go, to deliver what they hold where it is committed as it was made here."""
        for hand in self._given:
            hand.let_go(is_committed=is_committed and self._hands is not None)
        self._given.clear()
