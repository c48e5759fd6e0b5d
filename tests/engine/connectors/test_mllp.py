"""HL7 v2 over MLLP keeps the contract, in both directions, with real peers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from msgspec.structs import replace

from ayni.engine.connectors.contract import Arrived, Parcel, Sender, Source, Verdict, World
from ayni.engine.connectors.mllp import MllpListener, MllpSender
from ayni.vocabulary.hl7 import Hl7Error, acknowledge, parse
from ayni.wire.clock import real_now
from ayni.wire.failure import LinkError
from ayni.wire.mllp import MllpClient, MllpServer
from ayni.wire.serve import bind

from .conftest import Ports
from .contract import DestinationContract, SourceContract, cannot
from .sides import Desk, Fate

RETRY_SECONDS = 0.03
NOT_KEPT = Hl7Error("not stored", code=207, text="No se pudo guardar.")
REFUSED = Hl7Error("not-allowed", code=101, text="not-allowed", location="OBX^1^5")


def message(text: str, control_id: str) -> bytes:
    said = text.replace("|", "\\F\\").replace("^", "\\S\\").replace("~", "\\R\\").replace("&", "\\T\\")
    header = f"MSH|^~\\&|LAB|POSTA|AYNI|RED|20261125100000-0500||ORU^R01^ORU_R01|{control_id}|T|2.5.1"
    return f"{header}||||||UNICODE UTF-8\rOBX|1|TX|said||{said}||||||F\r".encode()


def answer(raw: bytes, code: str, *errors: Hl7Error) -> bytes:
    return acknowledge(parse(raw), code, control_id="A1", at=real_now(), errors=list(errors)).encode()


class Hl7Desk(Desk):
    """An engine that answers in HL7 v2, as its format does."""

    async def receive(self, arrived: Arrived) -> Verdict:
        verdict = await super().receive(arrived)
        if verdict.is_taken:
            return replace(verdict, answer=answer(arrived.raw, "AA"))
        error = REFUSED if verdict.state == "refused" else NOT_KEPT
        return replace(verdict, answer=answer(arrived.raw, error.answer, error))


class MllpOutside:
    """A sender that sends each message until it hears yes or no."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._fates: dict[bytes, tuple[Fate, str]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def offer(self, text: str) -> bytes:
        raw = message(text, f"LAB-{len(self._tasks)}")
        self._tasks.append(asyncio.create_task(self._send(raw)))
        return raw

    def fate(self, raw: bytes) -> Fate:
        return self._fates.get(raw, ("waiting", ""))[0]

    def reason(self, raw: bytes) -> str:
        return self._fates[raw][1]

    async def vanish(self) -> None:
        """It only sends."""

    async def appear(self) -> None:
        """It only sends."""

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _send(self, raw: bytes) -> None:
        client = MllpClient("127.0.0.1", self._port, answer_seconds=10)
        try:
            while self.fate(raw) == "waiting":
                await asyncio.sleep(RETRY_SECONDS)
                await self._try(client, raw)
        finally:
            client.drop()

    async def _try(self, client: MllpClient, raw: bytes) -> None:
        try:
            said = parse(await client.send(raw))
        except LinkError:
            return
        if said["ERR-3.1"] != "207":
            self._fates[raw] = ("taken" if said["MSA-1"] == "AA" else "refused", said["ERR-8"])


class TestMllpListener(SourceContract):
    CANNOT = cannot(
        test_a_place_out_of_reach_is_looked_for_again="a listener is spoken to, it looks nowhere",
        test_a_place_may_vanish_and_come_back_meanwhile="a listener is spoken to, it looks nowhere",
        test_two_messages_have_two_names="MSH-10 names them",
    )

    @pytest.fixture
    def desk(self) -> Desk:
        return Hl7Desk()

    @pytest.fixture
    def port(self, ports: Ports) -> int:
        return ports.free()

    @pytest.fixture
    def source(self, world: World, port: int) -> Source:
        return MllpListener(port=str(port)).open(world, "results")

    @pytest.fixture
    async def outside(self, port: int) -> AsyncIterator[MllpOutside]:
        made = MllpOutside(port)
        yield made
        await made.close()


class MllpPartner:
    """A receiver that knows a message by MSH-10."""

    def __init__(self, port: int) -> None:
        self.port, self.kept = port, dict[str, bytes]()
        self.fault = ""
        self._gate = asyncio.Event()
        self._serving = AsyncExitStack()
        self._count = 0

    def content(self, text: str) -> bytes:
        self._count += 1
        return message(text, f"QH-7M3K9XBT4D.R{self._count - 1:03}")

    def taken(self) -> list[bytes]:
        return list(self.kept.values())

    async def says_no(self) -> None:
        self.fault = "no"

    async def says_later(self) -> None:
        self.fault = "later"

    async def loses_its_answer(self) -> None:
        self.fault = "lose"

    async def is_silent(self) -> None:
        self.fault = "hold"

    async def up(self) -> None:
        server = MllpServer(self._take, lambda _: b"")
        await self._serving.enter_async_context(server.listening(bind("127.0.0.1", self.port)))

    async def down(self) -> None:
        self._gate.set()
        await self._serving.aclose()

    async def _take(self, raw: bytes) -> bytes:
        fault, self.fault = self.fault, ""
        if fault in ("no", "later"):
            error = REFUSED if fault == "no" else NOT_KEPT
            return answer(raw, error.answer, error)
        self.kept.setdefault(parse(raw).control_id, raw)
        if fault == "lose":
            raise ConnectionResetError
        if fault == "hold":
            await self._gate.wait()
        return answer(raw, "AA")


class TestMllpSender(DestinationContract):
    @pytest.fixture
    async def far_side(self, ports: Ports) -> AsyncIterator[MllpPartner]:
        partner = MllpPartner(ports.free())
        await partner.up()
        yield partner
        await partner.down()

    @pytest.fixture
    async def sender(self, world: World, far_side: MllpPartner) -> AsyncIterator[Sender]:
        opened = MllpSender(address=f"127.0.0.1:{far_side.port}").open(world, "record")
        yield _Named(opened)
        await opened.close()


class _Named:
    """Gives each parcel the control id that its message carries, as a channel does."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def send(self, parcel: Parcel) -> bytes:
        return await self._sender.send(replace(parcel, control_id=parse(parcel.content).control_id))

    async def close(self) -> None:
        await self._sender.close()


@pytest.mark.parametrize("connections", [1, 16])
async def test_a_sender_of_many_connections_says_how_many_lanes_it_can_use(
    world: World, ports: Ports, connections: int
) -> None:
    opened = MllpSender(address=f"127.0.0.1:{ports.free()}", connections=connections).open(world, "lab")
    assert opened.lanes_at_once == 8 * connections
