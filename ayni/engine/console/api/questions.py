"""What programs send: queries and bodies, each with its bounds. A field nobody knows is refused."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ayni.engine.console.access.roles import Role
from ayni.engine.console.shown.resources import DeliveryWord, MessageState
from ayni.engine.console.shown.stopped import StoppedQuestion
from ayni.engine.store.contract import Question
from ayni.engine.store.search import LIMIT_MAX
from ayni.vocabulary.request import is_request_id
from ayni.wire.clock import LIMA

Name = Annotated[str, Meta(max_length=200)]
Number = Annotated[int, Meta(ge=1, lt=1 << 62)]
Limit = Annotated[int, Meta(ge=1, le=LIMIT_MAX)]
Moment = Annotated[
    str,
    Meta(max_length=40, description="ISO 8601, also without seconds; without an offset it is Peru's time"),
]


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A query or a body."""


class Span(Asked, frozen=True, kw_only=True):
    """From one time on and before another."""

    since: Moment = ""
    until: Moment = ""

    def __post_init__(self) -> None:
        """What is no time is said with its place, as for every other field."""
        for name in ("since", "until"):
            try:
                moment_of(getattr(self, name))
            except ValueError as error:
                raise ValueError(f"expected a time in field `{name}`") from error


class AccountQuery(Span, frozen=True, kw_only=True):
    """Which channel's account, of which time."""

    channel: Name = ""


class MessageQuery(Span, frozen=True, kw_only=True):
    """Which messages. Nothing in it names a person, so it may stand in an address."""

    channel: Name = ""
    state: MessageState | Literal[""] = ""
    delivery_state: DeliveryWord | Literal[""] = ""
    control_id: Name = ""
    correlation_id: Name = ""
    before_id: Number | None = None
    limit: Limit = 100

    def question(self, *, document: str = "", text: str = "") -> Question:
        """As the store is asked."""
        return Question(
            channel=self.channel,
            state=self.state,
            delivery_state=self.delivery_state,
            control_id=self.control_id.strip(),
            correlation_id=correlation_id_of(self.correlation_id),
            since=moment_of(self.since),
            until=moment_of(self.until),
            before_id=self.before_id,
            limit=self.limit,
            document=document.strip(),
            text=text,
        )


class MessageSearch(MessageQuery, frozen=True, kw_only=True):
    """The same, by the patient's document too: in a body, because addresses are kept in many places."""

    document: Name = ""


class TextQuery(MessageQuery, frozen=True, kw_only=True):
    """A full-text search; the narrower the rest, the sooner it ends."""

    text: Annotated[str, Meta(min_length=3, max_length=200)]


class FollowQuery(Asked, frozen=True, kw_only=True):
    """What to follow."""

    correlation_id: Annotated[str, Meta(min_length=1, max_length=200)]


class StoppedQuery(Asked, frozen=True, kw_only=True):
    """Which stopped deliveries. `before_id` is a message's number, as the page before said."""

    channel: Name = ""
    destination: Name = ""
    state: Literal["", "refused", "stalled"] = ""
    said: Name = ""
    message_id: Number | None = None
    before_id: Number | None = None
    limit: Limit = 50

    def question(self) -> StoppedQuestion:
        """As the list is asked."""
        return StoppedQuestion(**msgspec.structs.asdict(self))


class StoppedPair(Asked, frozen=True, kw_only=True):
    """One stopped delivery."""

    message_id: Number
    delivery_id: Number


class Decide(Asked, frozen=True, kw_only=True):
    """What to decide about: these deliveries, or with `all` every one that the filter finds."""

    deliveries: Annotated[list[StoppedPair], Meta(max_length=500)] = []
    all: bool = False
    channel: Name = ""
    destination: Name = ""
    state: Literal["", "refused", "stalled"] = ""
    said: Name = ""

    def __post_init__(self) -> None:
        if self.all == bool(self.deliveries):
            raise ValueError("expected deliveries or all, not both and not neither")


class Edited(Asked, frozen=True, kw_only=True):
    """The changed content. Line ends of HL7 v2 become carriage returns."""

    content: str


Reason = Annotated[
    str,
    Meta(
        pattern=r"^\s*[\w#(][\w .,:/#()-]{2,79}\s*$",
        description="Of a legal hold: a case number, no patient",
    ),
]


class HeldQuery(Asked, frozen=True, kw_only=True):
    """Which held messages: of one reason, after a number."""

    reason: Reason
    after_id: Annotated[int, Meta(ge=0, lt=1 << 62)] = 0
    limit: Limit = 100


class PutHold(Asked, frozen=True, kw_only=True):
    """What to hold and why: by number, or all of one correlation id or of one patient's document."""

    reason: Reason
    messages: Annotated[list[Number], Meta(max_length=500)] = []
    correlation_id: Name = ""
    document: Name = ""

    def __post_init__(self) -> None:
        if sum(map(bool, (self.messages, self.correlation_id.strip(), self.document.strip()))) != 1:
            raise ValueError("expected one of messages, correlation_id and document")

    def question(self) -> Question | None:
        """As the store is asked; None for numbers."""
        if self.messages:
            return None
        return Question(correlation_id=correlation_id_of(self.correlation_id), document=self.document.strip())


class HoldFor(Asked, frozen=True, kw_only=True):
    """Why one message is held."""

    reason: Reason


class LiftHold(Asked, frozen=True, kw_only=True):
    """Which hold to lift; without messages the whole reason."""

    reason: Reason
    messages: Annotated[list[Number], Meta(max_length=500)] = []


class AuditQuery(Asked, frozen=True, kw_only=True):
    """Which entries: before a number, of one person."""

    before: Number | None = None
    who: Name = ""
    limit: Limit = 100


class VerifyQuery(Asked, frozen=True, kw_only=True):
    """`expected`: a head noted earlier, `number:hash`."""

    expected: Name = ""


class NewAccount(Asked, frozen=True, kw_only=True):
    """An account to make; its password is made for it."""

    name: Name
    role: Role


class NewRole(Asked, frozen=True, kw_only=True):
    """The role an account shall have."""

    role: Role


class Nothing(Asked, frozen=True, kw_only=True):
    """No query."""


def correlation_id_of(text: str) -> str:
    """As it was given; a request id in its own capital letters."""
    stripped = text.strip()
    return stripped.upper() if is_request_id(stripped.upper()) else stripped


def moment_of(text: str) -> datetime | None:
    """The time, with Peru's offset when it has none; None for "". Raises ValueError."""
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=LIMA) if moment.tzinfo is None else moment


def place_in(error: msgspec.ValidationError) -> str:
    """The name of the field that is not as described; never what was sent."""
    reason, _, place = str(error).partition(" - at `$")
    return place.strip("`.") or reason.partition("field `")[2].strip("`")
