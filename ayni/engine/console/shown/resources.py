"""The shapes of everything the console shows. The described interface is made from them, so they are the
contract: a field that goes is a break, a field that comes is not.

Times carry their offset; content is text as its own character set reads it.
"""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from ayni.engine.console.access.roles import Role
from ayni.engine.console.audit.entry import Entry
from ayni.engine.room import Hindrance

ChannelState = Literal["started", "draining", "stopped"]
"""`draining`: takes nothing more, and something it took still has to be delivered."""
DestinationState = Literal["up", "down", "paused"]
MessageState = Literal["accepted", "filtered", "refused"]
DeliveryWord = Literal["pending", "sending", "unknown", "delivered", "refused", "stalled", "set-aside"]
Happening = Literal[
    "received", "handed-over", "replayed", "edited", "refused", "filtered", "attempt", "decision"
]


class ShownDestination(Struct, frozen=True, kw_only=True):
    """One destination of a channel. `oldest` and `in_hand` are the destination's, whoever sends to it."""

    partner: str
    state: DestinationState
    is_down: bool
    is_paused: bool
    queued: int
    refused: int
    stalled: int
    delivered: int
    in_hand: int
    oldest: datetime | None
    oldest_seconds: float | None


class ShownChannel(Struct, frozen=True, kw_only=True):
    """One channel. Totals are since the store began; `per_second` are the last sixty seconds, oldest first.

    `stopped` counts deliveries about which a person decides: refused and stalled. `hindrance` is what keeps
    new messages out of the whole engine, "" when nothing does.
    """

    name: str
    title: str
    revision: str
    state: ChannelState
    is_started: bool
    hindrance: Hindrance
    received: int
    filtered: int
    refused: int
    last: datetime | None
    last_minute: int
    per_second: list[int]
    queued: int
    stopped: int
    oldest: datetime | None
    oldest_seconds: float | None
    destinations: list[ShownDestination]


class ChannelList(Struct, frozen=True, kw_only=True):
    """Every channel, at one moment."""

    at: datetime
    channels: list[ShownChannel]


class ShownAttempt(Struct, frozen=True, kw_only=True):
    """One try to deliver. `ack` is the one word of the answer."""

    hop: str
    at: datetime
    control_id: str
    ack: str
    ms: float
    outcome: str
    reason: str


class AnsweredAttempt(ShownAttempt, frozen=True, kw_only=True):
    """One try, with what the other side said."""

    answer: str = ""


class DeliveryNames(Struct, frozen=True, kw_only=True):
    """Where one delivery stands."""

    id: int
    destination: str
    control_id: str
    state: DeliveryWord
    attempt_count: int
    is_waiting: bool
    settled_at: datetime | None


class ShownDelivery(DeliveryNames, frozen=True, kw_only=True):
    """A delivery without its content."""

    attempts: list[ShownAttempt]


class Node(Struct, frozen=True, kw_only=True):
    """One value of a parsed message, or what holds others. `place`: `PID-3[2].1` or `entry[0].id`."""

    place: str
    label: str
    text: str = ""
    children: list["Node"] = []


class OpenedDelivery(DeliveryNames, frozen=True, kw_only=True):
    """A delivery with what was made for its destination, and every answer."""

    content: str
    tree: list[Node]
    attempts: list[AnsweredAttempt]


class MessageNames(Struct, frozen=True, kw_only=True):
    """What a message is called and where it stands, without a word of its content."""

    id: int
    channel: str
    revision: str
    source: str
    sender: str
    control_id: str
    correlation_id: str
    kind: str
    received_at: datetime
    ms: float
    state: MessageState
    error_code: str | None
    error_place: str | None
    error_text: str | None
    parent_id: int | None
    link: str
    repeat_count: int
    is_held: bool
    hop: str
    at: datetime
    ack: str


class ShownMessage(MessageNames, frozen=True, kw_only=True):
    """A message of a list, with where its deliveries stand."""

    deliveries: list[ShownDelivery]


class MessagePage(Struct, frozen=True, kw_only=True):
    """Messages; newest first, but oldest first when one correlation id is asked for."""

    messages: list[ShownMessage]
    next_before_id: int | None = None


class Child(Struct, frozen=True, kw_only=True):
    """A message made from another one."""

    id: int
    channel: str
    link: str


class Event(Struct, frozen=True, kw_only=True):
    """One thing that happened to a message. `who` decided, where a person did."""

    at: datetime
    what: Happening
    message_id: int
    channel: str
    destination: str = ""
    state: str = ""
    code: str = ""
    text: str = ""
    ms: float | None = None
    who: str = ""


class HoldOn(Struct, frozen=True, kw_only=True):
    """Why one message stays beyond its time, by whom and since when."""

    reason: str
    who: str
    at: datetime


class OpenedMessage(MessageNames, frozen=True, kw_only=True):
    """One message with everything kept of it. `charset` is that of the original, "" when it is no text.

    `raw` is the original as text, one segment a line where it is shown; its bytes are at `…/original`.
    """

    document: str
    raw: str
    charset: str
    answer: str
    tree: list[Node]
    deliveries: list[OpenedDelivery]
    children: list[Child]
    holds: list[HoldOn]
    timeline: list[Event]


class Followed(Struct, frozen=True, kw_only=True):
    """Everything that happened under one correlation id, over all channels. `is_whole`: nothing was left
    off."""

    correlation_id: str
    messages: list[ShownMessage]
    timeline: list[Event]
    is_whole: bool


class StoppedDelivery(Struct, frozen=True, kw_only=True):
    """A delivery about which a person decides, with what was said last."""

    message_id: int
    delivery_id: int
    channel: str
    destination: str
    state: DeliveryWord
    holds_lane: bool
    kind: str
    control_id: str
    correlation_id: str
    received_at: datetime
    settled_at: datetime | None
    attempt_count: int
    reason: str
    ack: str


class StoppedPage(Struct, frozen=True, kw_only=True):
    """Stopped deliveries, those of the newest messages first."""

    deliveries: list[StoppedDelivery]
    next_before_id: int | None = None


class Decided(Struct, frozen=True, kw_only=True):
    """What a decision changed; `skipped` were no longer stopped."""

    decided: int
    skipped: int


class Resent(Struct, frozen=True, kw_only=True):
    """The new message that replaying or editing made."""

    id: int
    parent_id: int
    link: Literal["replay", "edited"]
    channel: str
    state: MessageState


class Deployed(Struct, frozen=True, kw_only=True):
    """What runs now and what ran before ("" when nothing did)."""

    channel: str
    revision: str
    previous_revision: str


class TextSearch(Struct, frozen=True, kw_only=True):
    """A full-text search under way or over. `of` is how many messages there may be to read."""

    id: str
    state: Literal["waiting", "running", "done", "cancelled", "failed"]
    read: int
    of: int
    messages: list[ShownMessage]
    next_before_id: int | None = None


class Alert(Struct, frozen=True, kw_only=True):
    """Something that needs a person. `id` stays the same while it lasts. `advice`: what to do first."""

    id: str
    severity: Literal["warning", "critical"] = "warning"
    kind: str = ""
    text: str = ""
    advice: str = ""
    channel: str = ""
    destination: str = ""
    since: datetime | None = None


class AlertList(Struct, frozen=True, kw_only=True):
    """What needs a person now."""

    alerts: list[Alert]


class Me(Struct, frozen=True, kw_only=True):
    """Who is signed in."""

    name: str
    role: Role


class ShownAccount(Struct, frozen=True, kw_only=True):
    """An account, without anything that opens it."""

    name: str
    role: Role
    created_at: datetime


class AccountList(Struct, frozen=True, kw_only=True):
    """Every account, by name."""

    accounts: list[ShownAccount]


class AccountSecret(Struct, frozen=True, kw_only=True):
    """A password, shown this once."""

    name: str
    role: Role
    password: str


class AuditPage(Struct, frozen=True, kw_only=True):
    """Entries of the audit, newest first."""

    entries: list[Entry]
    next_before: int | None = None


class Health(Struct, frozen=True, kw_only=True):
    """Figures without patient data."""

    system: str
    healthy: bool
    channels: list[str]
    messages: int


class ProblemDetails(Struct, frozen=True, kw_only=True):
    """What went wrong (RFC 9457) and, in `detail`, what to do next. `code` is for programs."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    place: str = ""
    message_id: int | None = None
