"""What a connector is. A source takes messages from outside and hands them on; a destination sends them out.

A channel declares its connectors as plain values (`MllpListener(port="${AYNI_ENGINE_MLLP_PORT}")`); the
engine opens them. `${NAME}` in a declaration is a setting of the deployment, so that no address and no secret
stands in a channel. Every connector passes the contract tests in `tests/engine/connectors/contract.py`.
"""

import math
import socket
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from msgspec import Struct

from ayni.engine.errors import ContentError
from ayni.wire.clock import Now
from ayni.wire.settings import Environment

if TYPE_CHECKING:  # a fifth of a second to import, which an engine without HTTP channels need not spend
    import aiohttp
    from starlette.routing import BaseRoute

    from ayni.engine.connectors.fhir_query import OnQuery
    from ayni.engine.connectors.tls import ListenerTls

VerdictState = Literal["stored", "repeated", "filtered", "refused", "not-kept"]


class Arrived(Struct, frozen=True, kw_only=True):
    """Bytes as they came. `peer` is who the transport proved the sender to be, "" when it proved nothing.

    `control_id` names the message where its content does not: a file's name and time, a row's key.
    `refusal` says why that sender may not say this: it is kept as refused, and its channel does not see it.
    """

    raw: bytes
    peer: str = ""
    control_id: str = ""
    refusal: ContentError | None = None


class Verdict(Struct, frozen=True, kw_only=True):
    """What became of an arrival: said only after the commit.

    `answer` is what the format says to the sender (an acknowledgement, a message Bundle), maybe nothing.
    `refused`: the same bytes would be refused again. `not-kept`: nothing is stored, the sender tries later.
    `message_id` is the number in the store, 0 when there is no new one.
    """

    state: VerdictState
    answer: bytes = b""
    error: ContentError | None = None
    message_id: int = 0

    @property
    def is_taken(self) -> bool:
        """Whether the sender may forget the message."""
        return self.state in ("stored", "repeated", "filtered")


Receive = Callable[[Arrived], Awaitable[Verdict]]
"""Hands one arrival to the engine. Never raises for what a stranger sent; may wait while the engine is
full."""


class Source(Protocol):
    """Where messages come from."""

    def running(self, receive: Receive) -> AbstractAsyncContextManager[None]:
        """Takes messages while the block lasts.

        Entering returns once the source listens or looks, and raises CannotStart when it cannot. Leaving
        takes no new message and waits for those in hand. A polling source marks, moves or acknowledges what
        it took only after a verdict `is_taken`, puts a refused one aside where a person finds it, and
        leaves one that was not kept for the next look. Failing to reach its place ends nothing: it says so
        once and looks again.
        """
        ...


class Parcel(Struct, frozen=True, kw_only=True):
    """One delivery on its way: the bytes, and the names a transport may need.

    `begin_by`: on the loop's clock; a sender in which deliveries wait for each other begins none later.
    """

    content: bytes
    control_id: str
    key: str
    message_id: int
    attempt_count: int = 0
    begin_by: float = math.inf


class Sender(Protocol):
    """A place messages are delivered to. It connects when needed and anew after any doubt."""

    async def send(self, parcel: Parcel) -> bytes:
        """Returns the other side's positive answer, maybe empty, once it has taken the message.

        Raises NotConnected when nobody answers at the address, NotTried when its turn came too late, NotTaken
        when they certainly do not have it, OutcomeUnknown when they may have it, Refused when they said no.
        Nothing else. Sends of different lanes may come at once; those of one lane never do. A repeated send
        must be harmless or say unknown.
        """
        ...

    async def close(self) -> None:
        """Gives back what it holds; a send that is under way ends as unknown."""
        ...


class Web(Protocol):
    """The HTTP servers of the engine, one for each port, shared by the channels that name it."""

    def mounted(
        self, port: int, route: "BaseRoute", *, tls: "ListenerTls | None" = None
    ) -> AbstractAsyncContextManager[None]:
        """Serves a route on a port while the block lasts."""
        ...


def never() -> bool:
    """There is always room."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What connectors are made of besides their declaration.

    `http` gives the pool of connections that all partners share. `bound` gives a listening socket for a port.
    `to_channel` hands content to another channel of this engine. `on_query` hears of each search before it is
    passed on to a partner; when it raises, nothing is searched. While the engine `is_full` a source that can
    slow its senders does so, and reads nothing.
    """

    environment: Environment
    http: Callable[[], "aiohttp.ClientSession"]
    data: Path
    now: Now
    bound: Callable[[int], socket.socket]
    web: Web
    to_channel: Callable[[str, Arrived], Awaitable[Verdict]]
    on_query: "OnQuery | None" = None
    is_full: Callable[[], bool] = never

    def text(self, template: str) -> str:
        """A declared text with its settings filled in; raises SettingError when one is missing."""
        return self.environment.expand(template)

    def path(self, template: str) -> Path:
        """A declared path with its settings filled in."""
        return Path(self.text(template)).resolve()


class SourceDeclaration(Protocol):
    """A source as a channel declares it. `format` names how its bytes are read (see `formats`)."""

    @property
    def format(self) -> str: ...

    def open(self, world: World, channel: str) -> Source:
        """The source of the channel with this name; raises CannotStart when a setting is missing or wrong."""
        ...


class DestinationDeclaration(Protocol):
    """A destination as a channel declares it."""

    def open(self, world: World, partner: str) -> Sender:
        """The way to the partner with this name; raises CannotStart when a setting is missing or wrong."""
        ...
