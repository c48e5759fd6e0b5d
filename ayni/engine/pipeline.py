"""From the bytes a source received to the answer it may give: read, translate, store, and only then say so.

One transaction holds the message, its deliveries and the key under which a repeated message is known.
What cannot be taken is kept as refused, so that a person can see it, and its sender is told the place.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import apsw
import structlog

from ayni.engine.channel import Channel, Handover, Outgoing
from ayni.engine.errors import ContentError, code_of, place_of
from ayni.engine.reading import Reading, read
from ayni.engine.store import NewMessage, add_delivery, add_message
from ayni.engine.writing import Writer
from ayni.vocabulary.fhir import FhirError
from ayni.vocabulary.hl7 import Hl7Error
from ayni.vocabulary.request import request_id_within
from ayni.wire.clock import Now
from ayni.wire.database import Database
from ayni.wire.logging import correlated
from ayni.wire.received import KeyReused, ReceivedKey, earlier_answer, remember

log = structlog.get_logger()

T = TypeVar("T")

LOOP_BYTES_MAX = 1 << 15
"""Reading and translating this much takes under a millisecond."""
UNREADABLE_BYTES_SEARCHED = 1 << 16
"""The number of a request stands at the beginning of what names one; junk may be long."""

Answer = Callable[[Reading], bytes]
"""Makes the positive answer of a source's protocol; it is kept with the message before it is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Bytes that came through one door of one channel. `started` is a monotonic time in seconds."""

    channel: Channel
    raw: bytes
    source: str
    at: datetime
    started: float
    parent_id: int | None = None

    def message(self, reading: Reading | None) -> NewMessage:
        """The message to write down. What could not be read is found by the request id it shows anywhere."""
        return NewMessage(
            channel=self.channel.name,
            revision=self.channel.revision,
            source=self.source,
            raw=self.raw,
            control_id=reading.control_id if reading else "",
            correlation_id=reading.correlation_id if reading else _shown_in(self.raw),
            kind=reading.kind if reading else "",
            received_at=self.at,
            ms=round((time.perf_counter() - self.started) * 1000, 2),
            parent_id=self.parent_id,
        )


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What every source hands its bytes to. `wake` tells the delivery tasks that there is work."""

    database: Database
    writer: Writer
    channels: Mapping[str, Channel]
    processing_id: str
    now: Now
    wake: Callable[[], None]

    async def receive(self, name: str, raw: bytes, *, source: str, answer: Answer) -> bytes:
        """The answer, once the message cannot be lost.

        Raises FhirError or Hl7Error once the message is kept as refused.
        """
        arrival, reading = self._arrival(name, raw, source), None
        try:
            reading = await _aside(raw, self._read, arrival)
            outgoing = await _aside(raw, _translate, arrival, reading)
            with correlated(reading.correlation_id):
                return await self._take(arrival, reading, outgoing, answer)
        except (FhirError, Hl7Error) as error:
            await self.writer.write(partial(_store_refused, arrival=arrival, reading=reading, error=error))
            raise

    def hand_over(self, tx: apsw.Connection, handover: Handover, *, source: str, parent_id: int) -> None:
        """Stores an answer as a message of another channel, in the transaction that settles its delivery."""
        arrival = replace(self._arrival(handover.channel, handover.content, source), parent_id=parent_id)
        reading = None
        try:
            reading = self._read(arrival)
            _store(tx, arrival, reading, _translate(arrival, reading))
        except (FhirError, Hl7Error) as error:
            _store_refused(tx, arrival=arrival, reading=reading, error=error)

    def _arrival(self, name: str, raw: bytes, source: str) -> Arrival:
        return Arrival(
            channel=self.channels[name],
            raw=raw,
            source=source,
            at=self.now(),
            started=time.perf_counter(),
        )

    def _read(self, arrival: Arrival) -> Reading:
        return read(arrival.channel.source, arrival.raw, processing_id=self.processing_id)

    async def _take(
        self, arrival: Arrival, reading: Reading, outgoing: Mapping[str, Outgoing], answer: Answer
    ) -> bytes:
        name = arrival.channel.name
        key = ReceivedKey(name, reading.sender, reading.control_id, reading.content_hash)
        said = answer(reading)

        def take(tx: apsw.Connection) -> bytes | None:
            earlier = _earlier(tx, key, arrival.channel)
            if earlier is None:
                _store(tx, arrival, reading, outgoing)
                remember(tx, key, said, now=self.now)
            return earlier

        earlier = await self.writer.write(take)
        what = "message stored" if earlier is None else "message repeated"
        log.info(what, channel=name, control_id=reading.control_id, kind=reading.kind)
        self.wake()
        return said if earlier is None else earlier


async def _aside(raw: bytes, work: Callable[..., T], *given: Any) -> T:
    """Long content is worked on in a thread so that the loop stays free; short content is quicker without."""
    if len(raw) > LOOP_BYTES_MAX:
        return await asyncio.to_thread(work, *given)
    return work(*given)


def _shown_in(raw: bytes) -> str:
    return request_id_within(raw[:UNREADABLE_BYTES_SEARCHED].decode("ascii", "replace"))


def _store(tx: apsw.Connection, arrival: Arrival, reading: Reading, outgoing: Mapping[str, Outgoing]) -> None:
    message_id = add_message(tx, arrival.message(reading))
    for destination, each in outgoing.items():
        add_delivery(tx, message_id, destination, each, at=arrival.at)


def _store_refused(
    tx: apsw.Connection, *, arrival: Arrival, reading: Reading | None, error: ContentError
) -> None:
    message = arrival.message(reading)
    add_message(tx, message, error)
    log.warning(
        "message refused",
        channel=message.channel,
        correlation_id=message.correlation_id,
        code=code_of(error),
        place=place_of(error),
    )


def _translate(arrival: Arrival, reading: Reading) -> dict[str, Outgoing]:
    """What each destination gets; raises FhirError or Hl7Error, and nothing is sent anywhere."""
    return {each.partner: each.transform(reading.document) for each in arrival.channel.destinations}


def _earlier(tx: apsw.Connection, key: ReceivedKey, channel: Channel) -> bytes | None:
    try:
        return earlier_answer(tx, key)
    except KeyReused as error:
        raise _reused(channel) from error


def _reused(channel: Channel) -> ContentError:
    if channel.source == "fhir":
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
