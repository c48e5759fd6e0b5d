"""The message store's words, and what every store promises.

Two stores, SQLite and PostgreSQL, keep one model and pass one suite (`tests/engine/store/contract.py`). Every
method is one transaction, synced before it returns; nothing may be said to a sender before that.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, Protocol

from msgspec import Struct

from ayni.engine.errors import ContentError

Row = dict[str, Any]
"""One row as the console shows it: column names to plain values."""


class DeliveryState(StrEnum):
    """Where one message stands with one destination."""

    PENDING = "pending"  # written down, waiting for its turn
    SENDING = "sending"  # an attempt is under way
    UNKNOWN = "unknown"  # sent, no valid answer: the same bytes go again
    DELIVERED = "delivered"  # the destination said yes
    REFUSED = "refused"  # the destination said no; the same bytes would be refused again
    STALLED = "stalled"  # attempts used up; a person decides
    SET_ASIDE = "set-aside"  # a person let the lane go on without it


STOPPED = (DeliveryState.REFUSED, DeliveryState.STALLED)
"""A person decides about these."""

MessageState = Literal["accepted", "filtered", "refused"]


class Finding(Struct, frozen=True, kw_only=True):
    """What a refused message is guilty of, or why a filtered one is not for its channel.

    `error` is what the format tells the sender; it is not stored.
    """

    code: str
    place: str
    text: str
    error: ContentError | None = None


class NewDelivery(Struct, frozen=True, kw_only=True):
    """What one destination is owed. `keys`: the lanes it takes a place in, sorted, at least one."""

    destination: str
    keys: tuple[str, ...]
    control_id: str
    content: bytes


class NewMessage(Struct, frozen=True, kw_only=True):
    """What one source received, before it has a number.

    `is_keyed`: the message is known by (channel, sender, control id) from now on, and `answer` is given
    again to its repetitions. `due_at`: when its deliveries may go, on the clock of leases; `received_at`
    where none is given. `ms`: what reading and translating it took. `parent_id`: the message it was made
    from, by `link`.
    """

    channel: str
    revision: str
    source: str
    sender: str
    control_id: str
    correlation_id: str
    document: str
    kind: str
    raw: bytes
    content_hash: bytes
    received_at: datetime
    ms: float
    state: MessageState
    is_keyed: bool
    answer: bytes = b""
    finding: Finding | None = None
    parent_id: int | None = None
    link: Literal["", "handover", "replay", "edited"] = ""
    deliveries: tuple[NewDelivery, ...] = ()
    due_at: datetime | None = None


class Earlier(Struct, frozen=True, kw_only=True):
    """The message that was known by the same key. `is_same`: its content was the same too."""

    id: int
    answer: bytes
    is_same: bool


class Claim(Struct, frozen=True):
    """The head of one lane (of several, when the message is about several keys), leased to one node.

    `places`: (lane id, number) in each lane. `tokens`: (lane id, token); a settlement with a token that is no
    longer the lane's changes nothing.
    """

    delivery_id: int
    message_id: int
    channel: str
    destination: str
    correlation_id: str
    control_id: str
    key: str
    content: bytes
    attempt_count: int
    places: tuple[tuple[int, int], ...]
    tokens: tuple[tuple[int, int], ...]


class Hand(Protocol):
    """A free hand of a deliverer, kept for a delivery that is being written and may be leased to `owner`."""

    @property
    def owner(self) -> str: ...

    @property
    def until(self) -> datetime: ...

    def hold(self, claim: Claim) -> None:
        """What is leased to the owner, once it is committed."""
        ...

    def let_go(self, *, is_committed: bool) -> None:
        """Begins to deliver what it holds where that is committed; otherwise it is free again."""
        ...


class Hands(Protocol):
    """The deliverers of this node. Asked on its event loop."""

    def free(self, destination: str) -> Hand | None:
        """A hand that may take a delivery at once; None when all are busy or others wait already."""
        ...


class NoHands:
    """Everything waits until it is claimed."""

    def free(self, destination: str) -> Hand | None:
        return None


class Settlement(Struct, frozen=True, kw_only=True):
    """What one attempt led to. `due_at` is when the lane may go on or try again.

    `holds`: a stopped delivery keeps its place, and its lane waits for a person. `counts`: the attempt
    reached the partner.
    """

    state: DeliveryState
    started_at: datetime
    ms: float
    outcome: Literal["delivered", "not-taken", "unknown", "refused"]
    reason: str
    answer: bytes
    due_at: datetime
    holds: bool = True
    counts: bool = True

    @property
    def leaves_lane(self) -> bool:
        """Whether the delivery gives up its place, so that what is behind it goes on."""
        return self.state is DeliveryState.DELIVERED or (self.state in STOPPED and not self.holds)


class Fenced(Exception):
    """The lease ran out and somebody else has the lane; the attempt is written down, the state is theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A search. Empty fields ask nothing. `text` reads every content, oldest last, and is slow.

    `state` is the message's own, `delivery_state` that of any of its deliveries.
    """

    channel: str = ""
    state: str = ""
    delivery_state: str = ""
    control_id: str = ""
    correlation_id: str = ""
    document: str = ""
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before_id: int | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Tallies, recount and contradictions between tables, all of one moment.

    `strays`: rows of which one table says what another one denies.
    """

    counts: list[Row]
    recount: list[Row]
    strays: list[Row]


class Acknowledgements(Protocol):
    """What senders hear, as a message of its own, when theirs are finished (`ayni.engine.acknowledging`)."""

    def wanted(self, channel: str, destination: str) -> bool:
        """Whether senders of a channel may want to hear; not of what is itself such an answer."""
        ...

    def made(self, channel: str, raw: bytes, finding: ContentError | None) -> NewDelivery | None:
        """The answer, if the sender wants one; `finding` says what kept the message from being processed.

        Never raises. It may be asked on any thread.
        """
        ...


class Unasked:
    """Nobody wants to hear."""

    def wanted(self, channel: str, destination: str) -> bool:
        return False

    def made(self, channel: str, raw: bytes, finding: ContentError | None) -> NewDelivery | None:
        return None


class Store(Protocol):
    """Where messages are kept. Methods are coroutines where they write, plain where they read.

    `acknowledgements` is asked in the transaction that finishes a message, `hands` in the one that writes a
    delivery down, by a store that works on the event loop.
    """

    acknowledgements: Acknowledgements
    hands: Hands

    async def add(self, message: NewMessage) -> int | Earlier:
        """Writes a message with its deliveries, unless it is keyed and its key is known."""
        ...

    async def add_as_new(self, message: NewMessage) -> int | Earlier:
        """Writes a message under the control id of another one, its parent, unless it came so before."""
        ...

    async def claim(
        self, destination: str, *, owner: str, at: datetime, until: datetime, limit: int
    ) -> list[Claim]:
        """Leases the heads of due lanes, at most one delivery of each lane."""
        ...

    async def settle(self, claim: Claim, settlement: Settlement, *, then: NewMessage | None = None) -> None:
        """Writes down an attempt and what it led to, with the message its answer became. Raises Fenced."""
        ...

    async def recover(self, owner: str, *, at: datetime) -> int:
        """What this owner was sending when it ended becomes unknown and due; how many.

        Whatever waited for a time is due too: it was waited for by a clock that may have been set since.
        """
        ...

    async def decide(
        self, delivery_ids: Sequence[int], state: Literal["pending", "set-aside"], *, at: datetime
    ) -> int:
        """A person sends stopped deliveries again, or lets their lanes go on without them; how many."""
        ...

    async def forget_content(self, *, after_id: int, before: datetime, limit: int) -> list[int]:
        """Deletes what senders and partners wrote in settled messages without legal hold; their numbers."""
        ...

    async def delete_messages(self, *, after_id: int, before: datetime, limit: int) -> list[int]:
        """Deletes such messages altogether, a few at a time so that traffic goes on; their numbers."""
        ...

    async def give_back_space(self) -> int:
        """Returns some freed space to the disk; how much is still free, 0 when the database does it
        itself."""
        ...

    async def hold(self, message_ids: Sequence[int], *, reason: str, who: str, at: datetime) -> int:
        """Puts messages on legal hold for a reason; how many were not yet held for it.

        What is held for any reason is never pruned.
        """
        ...

    async def lift(self, reason: str, message_ids: Sequence[int]) -> int:
        """Lifts the hold for this reason, those for others stay; how many were held for it."""
        ...

    def holds(self) -> list[Row]:
        """Per reason: how many messages (`count`), since when (`at`) and by whom (`who`); oldest first."""
        ...

    def held(self, reason: str, *, after_id: int = 0, limit: int) -> list[int]:
        """Messages held for a reason, by number."""
        ...

    def next_due(self, destination: str) -> datetime | None:
        """When the next lane of a destination is due, None when nothing waits or all waits for a person."""
        ...

    def is_waiting(self, channel: str) -> bool:
        """Whether anything that a channel took still has to be delivered and does not wait for a person."""
        ...

    def waiting_count(self) -> int:
        """How many deliveries are still to be sent, over all destinations; cheap enough to ask often."""
        ...

    def waiting(self) -> list[Row]:
        """Per destination: deliveries still to be sent (`waiting`), stopped ones that hold their lanes
        (`held`), and when the oldest of both was received (`oldest`). Counted and looked up in indexes, so
        that a long queue costs no more than a short one."""
        ...

    def last_received(self, channel: str) -> datetime | None:
        """When the newest message of a channel came."""
        ...

    def counts(self) -> list[Row]:
        """Per channel, destination and state: how many there have been, kept as they happen."""
        ...

    def recount(self) -> list[Row]:
        """The same, counted from the rows and from what was deleted in its time."""
        ...

    def balance(self) -> Balance:
        """Both, and what the tables contradict each other in; reads every row."""
        ...

    def search(self, question: Question, *, progress: Callable[[int], bool] = ...) -> list[Row]:
        """Messages, newest first. `progress` hears how many were read by a text search; False ends it."""
        ...

    def message(self, message_id: int) -> Row | None:
        """One message with its bytes, deliveries, attempts, parent, children and holds."""
        ...

    @property
    def is_short(self) -> bool:
        """Whether the disk comes to its end: nothing new may be taken, so that what was taken can be
        settled."""
        ...

    def look_at_disk(self) -> None:
        """Finds out whether it does; to be asked twice a second. A database's own server looks after
        itself."""
        ...

    def attestation(self) -> Mapping[str, str]:
        """The settings on which durability stands, as the database itself says them."""
        ...

    async def close(self) -> None:
        """Writes what waits and closes."""
        ...


def keys_of(deliveries: Iterable[NewDelivery]) -> list[tuple[str, str]]:
    """(destination, key) of every place the deliveries take, in the order in which lanes are locked."""
    return sorted({(each.destination, key) for each in deliveries for key in each.keys})
