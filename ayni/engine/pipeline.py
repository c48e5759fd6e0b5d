"""From the bytes a source received to the answer it may give: read, filter, translate, store, only then say
so.

One transaction holds the message, its deliveries and the key under which a repeated message is known.
What cannot be taken is kept as refused, so that a person can see it, and its sender is told the place.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any, Literal, TypeVar

import structlog
from msgspec import Struct
from msgspec.structs import replace

from ayni.engine.channel import Channel, Handover, Outgoing
from ayni.engine.connectors.contract import Arrived, Verdict, VerdictState
from ayni.engine.errors import CONTENT_ERRORS, ContentError, ContentRefused, SenderNotBound, code_of, place_of
from ayni.engine.failpoint import failpoint
from ayni.engine.formats import FORMATS, Format, Reading, not_for_channel
from ayni.engine.observability.meter import SILENT, Meter
from ayni.engine.room import Hindrance
from ayni.engine.store.contract import Earlier, Finding, NewDelivery, NewMessage, Store
from ayni.engine.writing import StoreBusy
from ayni.vocabulary.fhir import FhirError
from ayni.vocabulary.hl7 import Hl7Error, Message
from ayni.vocabulary.request import request_id_within
from ayni.wire.clock import Now, real_now, steady
from ayni.wire.logging import correlated, where
from ayni.wire.received import hash_bytes

log = structlog.get_logger()

T = TypeVar("T")

LOOP_BYTES_MAX = 1 << 15
"""Reading and translating this much takes under a millisecond; more is worked on in a thread so that the loop
stays free."""
UNREADABLE_BYTES_SEARCHED = 1 << 16
"""The number of a request stands at the beginning of what names one; junk may be long."""

Link = Literal["", "handover", "replay", "edited"]

NOT_KEPT = {
    "": "No se pudo guardar; envíe de nuevo.",
    "queue-full": "El motor está lleno; envíe más tarde.",
    "disk-full": "El disco del motor está casi lleno; envíe más tarde.",
    "store-unsafe": "El almacén no guarda con seguridad; envíe más tarde.",
}
"""What a sender hears of each reason (`room`); "" where something broke."""


class Origin(Struct, frozen=True, kw_only=True):
    """Where bytes came from: which door, when (also on the clock of leases), and the message they were made
    from, if any."""

    source: str
    at: datetime
    due_at: datetime
    started: float
    parent_id: int | None = None
    link: Link = ""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What every source hands its bytes to. `wake` tells the deliverer of a destination that there is
    work.

    `now` is the time that people read; leases and pauses go by `steady_now`, which nobody can set.
    """

    store: Store
    channels: Mapping[str, Channel]
    processing_id: str
    now: Now
    wake: Callable[[str], None]
    steady_now: Now = field(default_factory=lambda: steady(real_now))
    formats: Mapping[str, Format] = field(default_factory=lambda: FORMATS)
    meter: Meter = SILENT

    async def receive(self, name: str, arrived: Arrived, *, source: str) -> Verdict:
        """The verdict, once the message cannot be lost or is kept as refused."""
        channel = self.channels[name]
        spoken = self.formats[channel.source.format]
        origin = self._origin(source)
        failpoint("received")
        try:
            if len(arrived.raw) > LOOP_BYTES_MAX:
                message = await asyncio.to_thread(self._make, channel, arrived, origin)
            else:
                message = self._make(channel, arrived, origin)
            verdict = await self._kept(channel, spoken, message)
            ended = time.perf_counter()
            self.meter.received(message, verdict.message_id, verdict.state, origin.started, ended)
            return verdict
        except StoreBusy:
            log.warning("store is full", channel=name)
        except Exception as error:  # the sender must hear that nothing was kept, whatever broke
            log.error("message not kept", channel=name, **where(error))
        return self.not_kept(name, arrived)

    def not_kept(self, name: str, arrived: Arrived, hindrance: Hindrance = "") -> Verdict:
        """The verdict of what is not stored; its sender tries later."""
        self.meter.not_kept(name)
        channel = self.channels[name]
        error = _not_kept(channel, NOT_KEPT[hindrance])
        answer = self.formats[channel.source.format].refuse(arrived.raw, error, self.now())
        return Verdict(state="not-kept", answer=answer, error=error)

    def handed_over(self, handover: Handover, *, source: str, parent_id: int) -> NewMessage:
        """An answer as a message of another channel, refused there when it cannot be translated."""
        origin = self._origin(source, parent_id=parent_id, link="handover")
        return self._make(self.channels[handover.channel], Arrived(raw=handover.content), origin)

    async def again(self, channel: str, raw: bytes, *, parent_id: int, link: Link) -> int:
        """Stores bytes as a new message linked to the one they come from; its number.

        It is not known by its key: replaying is a person's decision, and the original stays what it was.
        """
        origin = self._origin(link, parent_id=parent_id, link=link)
        message = self._make(self.channels[channel], Arrived(raw=raw), origin)
        found = await self.store.add(replace(message, is_keyed=False))
        assert isinstance(found, int), "what has no key cannot be known by it"
        self.meter.made(message)
        self._woken(message)
        return found

    def _origin(self, source: str, *, parent_id: int | None = None, link: Link = "") -> Origin:
        at, due_at, started = self.now(), self.steady_now(), time.perf_counter()
        return Origin(source=source, at=at, due_at=due_at, started=started, parent_id=parent_id, link=link)

    def _make(self, channel: Channel, arrived: Arrived, origin: Origin) -> NewMessage:
        """The message to write down: read, filtered, translated for each destination, or refused."""
        if arrived.refusal is not None:
            return _refused(channel, arrived, origin, None, arrived.refusal)
        reading = None
        try:
            reading = self.formats[channel.source.format].read(arrived, processing_id=self.processing_id)
            reason = channel.filter(reading.document)
            answer = self._accepted(channel, origin, reading, reason)
            deliveries = () if reason else _translated(channel, reading.document)
            return self._message(channel, arrived, origin, reading, reason, answer, deliveries)
        except CONTENT_ERRORS as error:
            return _refused(channel, arrived, origin, reading, error)
        except Exception as error:  # a function of the channel broke on this content: kept, and shown
            log.error("channel failed", channel=channel.name, **where(error))
            return _refused(channel, arrived, origin, reading, _channel_failed(error))

    def _accepted(self, channel: Channel, origin: Origin, reading: Reading, reason: str) -> bytes:
        """What a sender outside hears; made before a channel's function may change the document."""
        if origin.link:
            return b""
        spoken = self.formats[channel.source.format]
        return spoken.filtered(reading, reason, origin.at) if reason else spoken.accept(reading, origin.at)

    def _message(
        self,
        channel: Channel,
        arrived: Arrived,
        origin: Origin,
        reading: Reading,
        reason: str,
        answer: bytes,
        deliveries: tuple[NewDelivery, ...],
    ) -> NewMessage:
        if not deliveries and origin.link == "":
            deliveries = self._later(channel, arrived.raw, not_for_channel(reason) if reason else None)
        return NewMessage(
            **_names(channel, arrived, origin, reading),
            state="filtered" if reason else "accepted",
            is_keyed=origin.link == "",
            answer=answer,
            finding=Finding(code="filtered", place="", text=reason) if reason else None,
            deliveries=deliveries,
        )

    async def _kept(self, channel: Channel, spoken: Format, message: NewMessage) -> Verdict:
        failpoint("made")
        with correlated(message.correlation_id):
            if message.state == "refused":
                return await self._keep_refused(channel, spoken, message)
            earlier = await self.store.add(message)
            failpoint("stored")
            if isinstance(earlier, Earlier):
                return await self._repeated(channel, spoken, message, earlier)
        self._woken(message)
        state: VerdictState = "filtered" if message.state == "filtered" else "stored"
        return Verdict(state=state, answer=message.answer, message_id=earlier)

    async def _repeated(
        self, channel: Channel, spoken: Format, message: NewMessage, earlier: Earlier
    ) -> Verdict:
        found: int | Earlier = earlier
        if not earlier.is_same and channel.duplicates == "accept-as-new":
            found = await self.store.add_as_new(replace(message, is_keyed=False, parent_id=earlier.id))
        if isinstance(found, Earlier) and found.is_same:
            log.info("message repeated", channel=channel.name, control_id=message.control_id)
            return Verdict(state="repeated", answer=found.answer)
        log.warning("control id reused", channel=channel.name, control_id=message.control_id)
        self.meter.reused(channel.name)
        if not isinstance(found, Earlier):
            self._woken(message)
            return Verdict(state="stored", answer=message.answer, message_id=found)
        return await self._keep_refused(channel, spoken, _as_refused(message, _reused(channel)))

    async def _keep_refused(self, channel: Channel, spoken: Format, message: NewMessage) -> Verdict:
        finding = message.finding
        assert finding is not None
        assert finding.error is not None
        error = finding.error
        answer = spoken.refuse(message.raw, error, message.received_at)
        if isinstance(error, SenderNotBound):  # a later answer would go to whom it pretends to be
            self.meter.not_bound(channel.name)
        elif not answer and message.link == "":  # it did not want to hear now
            message = replace(message, deliveries=self._later(channel, message.raw, error))
        found = await self.store.add(message)
        log.warning(
            "message refused",
            channel=message.channel,
            control_id=message.control_id,
            code=finding.code,
            place=finding.place,
        )
        self._woken(message)
        return Verdict(state="refused", answer=answer, error=error, message_id=_number(found))

    def _later(self, channel: Channel, raw: bytes, finding: ContentError | None) -> tuple[NewDelivery, ...]:
        """What a sender hears as a message of its own, of one that nothing more is to be done with."""
        answer = self.store.acknowledgements.made(channel.name, raw, finding)
        return () if answer is None else (answer,)

    def _woken(self, message: NewMessage) -> None:
        for delivery in message.deliveries:
            self.wake(delivery.destination)


def _translated(channel: Channel, document: Any) -> tuple[NewDelivery, ...]:
    """What each destination gets, made from a document of its own; after a ContentError nothing is sent.

    The last one may have the document itself: nobody looks at it afterwards.
    """
    receivers = channel.receivers
    owned = chain((copy(document) for _ in receivers[1:]), [document])
    made = ((each.partner, each.transform(own)) for each, own in zip(receivers, owned, strict=False))
    return tuple(_delivery(partner, outgoing) for partner, outgoing in made if outgoing is not None)


def copy(document: Any) -> Any:
    """The document for one function to change as it likes."""
    return document.copy() if isinstance(document, Message) else deepcopy(document)


def _delivery(partner: str, outgoing: Outgoing) -> NewDelivery:
    return NewDelivery(
        destination=partner, keys=outgoing.keys, control_id=outgoing.control_id, content=outgoing.content
    )


def _names(channel: Channel, arrived: Arrived, origin: Origin, reading: Reading | None) -> dict[str, Any]:
    """What every message has. What could not be read is found by the request id it shows anywhere."""
    return {
        "channel": channel.name,
        "revision": channel.revision,
        "source": origin.source,
        "sender": reading.sender if reading else arrived.peer,
        "control_id": reading.control_id if reading else arrived.control_id,
        "correlation_id": reading.correlation_id if reading else _shown_in(arrived.raw),
        "document": reading.patient if reading else "",
        "kind": reading.kind if reading else "",
        "raw": arrived.raw,
        "content_hash": reading.content_hash if reading else hash_bytes(arrived.raw),
        "received_at": origin.at,
        "due_at": origin.due_at,
        "ms": round((time.perf_counter() - origin.started) * 1000, 2),
        "parent_id": origin.parent_id,
        "link": origin.link,
    }


def _refused(
    channel: Channel, arrived: Arrived, origin: Origin, reading: Reading | None, error: ContentError
) -> NewMessage:
    names = _names(channel, arrived, origin, reading)
    return NewMessage(**names, state="refused", is_keyed=False, finding=_finding(error))


def _as_refused(message: NewMessage, error: ContentError) -> NewMessage:
    return replace(
        message, state="refused", is_keyed=False, answer=b"", finding=_finding(error), deliveries=()
    )


def _finding(error: ContentError) -> Finding:
    return Finding(code=code_of(error), place=place_of(error), text=error.text, error=error)


def _number(found: int | Earlier) -> int:
    """The number of a message without a key: it cannot be known from before."""
    assert isinstance(found, int)
    return found


def _shown_in(raw: bytes) -> str:
    return request_id_within(raw[:UNREADABLE_BYTES_SEARCHED].decode("ascii", "replace"))


def _channel_failed(error: Exception) -> ContentRefused:
    """Its name only: what an exception says may quote a patient."""
    return ContentRefused(
        f"channel-failed-{type(error).__name__}", "El canal no pudo traducir el mensaje.", http_status=500
    )


def _not_kept(channel: Channel, text: str) -> ContentError:
    if channel.source.format == "fhir":
        return FhirError("transient", text, http_status=503)
    return Hl7Error("not stored", code=207, text=text)


def _reused(channel: Channel) -> ContentError:
    if channel.source.format == "fhir":
        return FhirError(
            "duplicate",
            "Ese identificador ya llegó con otro contenido.",
            expression="Bundle.identifier",
            http_status=409,
        )
    return Hl7Error(
        "control id came before with other content",
        code=205,
        location="MSH^1^10",
        text="Ese MSH-10 ya llegó con otro contenido.",
    )
