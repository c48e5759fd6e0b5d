"""Each function of a channel has the document for itself, and what a sender hears is about what it sent."""

from dataclasses import dataclass

import pytest

from ayni.engine import Channel, Destination, Outgoing
from ayni.engine.connectors.contract import Arrived
from ayni.engine.connectors.memory import MemoryDestination, MemorySource
from ayni.engine.pipeline import Pipeline
from ayni.engine.store.sqlite import SqliteStore
from ayni.vocabulary.hl7 import Message, parse
from ayni.wire.clock import real_now

RAW = b"MSH|^~\\&|HIS|POST|ENGINE|DEST|20261123103015||ADT^A01^ADT_A01|K1|T|2.5.1\rPID|1||99000017\r"


@dataclass
class Signed:
    """A destination's function that writes its name over everything it was given."""

    name: str

    def __call__(self, message: Message) -> Outgoing:
        before = message["MSH-3"]
        message["MSH-3"], message["MSH-10"] = self.name, f"{before}-to-{self.name}"
        return Outgoing(content=message.encode(), control_id=message.control_id, key="1")


@pytest.mark.parametrize("count", [1, 2, 3])
async def test_what_one_destination_changes_no_other_and_no_answer_sees(tmp_path, count: int) -> None:
    names = [f"LAB{number}" for number in range(count)]
    destinations = tuple(
        Destination(partner=name, connector=MemoryDestination(), transform=Signed(name)) for name in names
    )
    channel = Channel(
        name="copies", title="copies", source=MemorySource(format="hl7"), destinations=destinations
    )
    store = SqliteStore(tmp_path / "messages.sqlite")
    pipeline = Pipeline(store, {"copies": channel}, processing_id="T", now=real_now, wake=lambda _: None)
    verdict = await pipeline.receive("copies", Arrived(raw=RAW), source="memory")
    kept = store.message(verdict.message_id)
    await store.close()
    answer = parse(verdict.answer)
    assert (verdict.state, answer["MSA-2"], answer["MSH-5"]) == ("stored", "K1", "HIS")
    assert kept is not None
    assert [each["control_id"] for each in kept["deliveries"]] == [f"HIS-to-{name}" for name in names]
