"""FHIR messages keep the contract, in both directions, over real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from ayni.engine.connectors.contract import Arrived, Sender, Source, Verdict, World
from ayni.engine.connectors.fhir import FhirListener, FhirSender
from ayni.engine.connectors.sends import CLOSE_SECONDS
from ayni.vocabulary.fhir import FhirError, answer_to, dumps, loads
from ayni.wire.clock import real_now
from ayni.wire.failure import OutcomeUnknown

from .conftest import Ports
from .contract import DestinationContract, SourceContract, cannot
from .http_outside import HttpOutside
from .http_partner import LOST, HttpPartner
from .sides import Desk, parcel, until

CHANNEL = "intake_to_ehr"


def message(text: str, number: int) -> bytes:
    header = {"resourceType": "MessageHeader", "id": f"m{number}", "source": {"name": text}}
    bundle = {
        "resourceType": "Bundle",
        "type": "message",
        "identifier": {"system": "urn:test", "value": f"R{number:03}"},
        "entry": [{"resource": header}],
    }
    return json.dumps(bundle, ensure_ascii=False).encode()


class FhirDesk(Desk):
    """An engine that answers in FHIR, as its format does."""

    async def receive(self, arrived: Arrived) -> Verdict:
        verdict = await super().receive(arrived)
        if verdict.is_taken:
            return replace(verdict, answer=dumps(answer_to(loads(arrived.raw), source="AYNI", at=real_now())))
        if verdict.state == "not-kept":
            return replace(verdict, error=FhirError("transient", "Envíe de nuevo.", http_status=503))
        return replace(verdict, error=FhirError("invalid", "not-allowed"))


class FhirOutside(HttpOutside):
    async def offer(self, text: str) -> bytes:
        return await super().offer(message(text, len(self._tasks)).decode())


class TestFhirListener(SourceContract):
    CANNOT = cannot(
        test_a_place_out_of_reach_is_looked_for_again="a listener is spoken to, it looks nowhere",
        test_a_place_may_vanish_and_come_back_meanwhile="a listener is spoken to, it looks nowhere",
        test_two_messages_have_two_names="Bundle.identifier names them",
    )

    @pytest.fixture
    def desk(self) -> Desk:
        return FhirDesk()

    @pytest.fixture
    def listener(self, ports: Ports, tmp_path: Path) -> FhirListener:
        return FhirListener(port=str(ports.free()), token_file=str(tmp_path / "token"))

    @pytest.fixture
    def source(self, world: World, listener: FhirListener) -> Source:
        return listener.open(world, CHANNEL)

    @pytest.fixture
    async def outside(
        self, listener: FhirListener, source: Source, tmp_path: Path
    ) -> AsyncIterator[FhirOutside]:
        url = f"http://127.0.0.1:{listener.port}/channels/{CHANNEL}/fhir/$process-message"
        made = FhirOutside(url, (tmp_path / "token").read_text())
        yield made
        await made.close()


class FhirPartner(HttpPartner):
    """A receiver of messages: it answers each with a message that points back."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.media_type = "application/fhir+json"
        self._count = 0

    def content(self, text: str) -> bytes:
        self._count += 1
        return message(text, self._count)

    def said(self, raw: bytes) -> tuple[int, bytes]:
        return 200, dumps(answer_to(loads(raw), source="PARTNER", at=real_now()))

    def name_of(self, headers: Any, raw: bytes) -> str:
        return str(loads(raw)["identifier"]["value"])

    async def loses_its_answer(self) -> None:
        self.script.append((LOST, b""))


class TestFhirSender(DestinationContract):
    CANNOT = cannot(test_no_task_and_no_open_file_is_left="its connections belong to the engine's pool")

    @pytest.fixture
    async def far_side(self, ports: Ports) -> AsyncIterator[FhirPartner]:
        partner = FhirPartner(ports.free())
        await partner.up()
        yield partner
        partner.gate.set()
        await partner.down()

    @pytest.fixture
    def sender(self, world: World, far_side: FhirPartner, tmp_path: Path) -> Sender:
        return FhirSender(url=far_side.url, token_file=str(tmp_path / "token")).open(world, "assistant")


async def test_closing_ends_a_send_long_before_its_time_for_an_answer(
    new_world: Callable[..., World], ports: Ports, tmp_path: Path
) -> None:
    partner = FhirPartner(ports.free())
    await partner.up()
    await partner.is_silent()
    world = new_world(AYNI_ANSWER_SECONDS="60")
    sender = FhirSender(url=partner.url, token_file=str(tmp_path / "token")).open(world, "assistant")
    sending = asyncio.create_task(sender.send(parcel(partner.content("one"))))
    await until(lambda: len(partner.requests) == 1)
    async with asyncio.timeout(CLOSE_SECONDS):
        await sender.close()
        with pytest.raises(OutcomeUnknown):
            await sending
    partner.gate.set()
    await partner.down()
