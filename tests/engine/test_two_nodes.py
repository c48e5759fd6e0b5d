"""Two whole engines on one PostgreSQL share the lanes, and who lost a lease records nothing but its try."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import psycopg
import pytest
from structlog.testing import capture_logs

from ayni.vocabulary.hl7 import acknowledge, parse
from ayni.wire.clock import real_now
from ayni.wire.mllp import MllpServer
from ayni.wire.serve import bind

from .conftest import Engine, until
from .tooling.deployment import RELAY, free_port, message_of

MESSAGES, LANES = 60, 12
ANSWER_SECONDS = 0.02


class Laboratory:
    """A partner of both: writes down what each lane brings, and may keep one message waiting."""

    def __init__(self) -> None:
        self.port = free_port()
        self.taken: defaultdict[str, list[str]] = defaultdict(list)
        self.gates: dict[str, list[asyncio.Event]] = {}
        self._serving = AsyncExitStack()

    async def up(self) -> None:
        server = MllpServer(self._handle, lambda _: b"")
        await self._serving.enter_async_context(server.listening(bind("127.0.0.1", self.port)))

    async def down(self) -> None:
        for gate in (gate for gates in self.gates.values() for gate in gates):
            gate.set()
        await self._serving.aclose()

    @property
    def count(self) -> int:
        return sum(map(len, self.taken.values()))

    async def _handle(self, raw: bytes) -> bytes:
        message = parse(raw)
        self.taken[message["PID-3.1"]].append(message.control_id)
        if gates := self.gates.get(message.control_id):
            await gates.pop(0).wait()
        await asyncio.sleep(ANSWER_SECONDS)
        return acknowledge(message, "AA", control_id="A1", at=real_now()).encode()


@pytest.fixture
async def laboratory() -> AsyncIterator[Laboratory]:
    made = Laboratory()
    await made.up()
    yield made
    await made.down()


@pytest.fixture
async def nodes(
    tmp_path: Path, postgresql_url: str, laboratory: Laboratory
) -> AsyncIterator[tuple[Engine, Engine]]:
    folder = tmp_path / "channels" / "lab"
    folder.mkdir(parents=True)
    words = {"name": "lab", "mark": "A", "partner": "laboratory", "port": "${AYNI_ENGINE_MLLP_PORT}"}
    address = f"127.0.0.1:{laboratory.port}"
    (folder / "channel.py").write_text(RELAY.format(**words, address=address), "utf-8")
    settings = {"AYNI_CHANNELS": str(tmp_path / "channels"), "AYNI_ENGINE_DATABASE": postgresql_url}
    one, two = (Engine(tmp_path / name, settings) for name in ("one", "two"))
    await one.start()
    await two.start()
    yield one, two
    await laboratory.down()
    await one.stop()
    await two.stop()


async def delivered_by(engine: Engine) -> int:
    """How many deliveries this node settled itself."""
    async with engine.http.get(f"{engine.console_url}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    wanted = 'ayni_attempt_seconds_count{destination="laboratory",outcome="delivered"}'
    return sum(int(float(line.rpartition(" ")[2])) for line in lines if line.startswith(wanted))


async def test_law_03_two_nodes_split_the_lanes_and_keep_the_order_of_each(
    nodes: tuple[Engine, Engine], laboratory: Laboratory
) -> None:
    sent: defaultdict[str, list[str]] = defaultdict(list)
    for number in range(MESSAGES):
        lane, name = f"P{number % LANES}", f"M{number}"
        sent[lane].append(name)
        answer = await nodes[number % 2].send(message_of(name, patient=lane))
        assert answer["MSA-1"] == "AA"

    async def all_came() -> bool:
        return laboratory.count >= MESSAGES

    await until(all_came)
    one, two = nodes
    await one.reaches(*["delivered"] * MESSAGES, channel="lab")
    assert laboratory.taken == sent
    shares = [await delivered_by(one), await delivered_by(two)]
    assert sum(shares) == MESSAGES
    assert min(shares) > 0, shares


async def test_law_04_a_node_that_lost_its_lease_records_its_try_and_nothing_else(
    nodes: tuple[Engine, Engine], laboratory: Laboratory, postgresql_url: str
) -> None:
    one, two = nodes
    slow = asyncio.Event()
    laboratory.gates["M1"] = [slow]
    await one.send(message_of("M1", patient="A"))

    async def came(count: int) -> bool:
        return laboratory.count == count

    await until(lambda: came(1))
    with psycopg.connect(postgresql_url, autocommit=True) as outside:  # as if the node had hung for a minute
        outside.execute("update lane set due_at = 1 where key = 'A'")
    await two.send(message_of("M2", patient="B"))  # wakes the other node
    await until(lambda: came(3))
    await one.reaches("delivered", "delivered", channel="lab")
    with capture_logs() as lines:
        slow.set()
        await until(_said(lines, "lease was lost"))
    first, _ = await one.of("lab")
    assert laboratory.taken["A"] == ["M1", "M1"]
    (delivery,) = first["deliveries"]
    assert [each["outcome"] for each in delivery["attempts"]] == ["delivered", "delivered"]
    assert (await delivered_by(one), await delivered_by(two)) == (0, 2)
    with psycopg.connect(postgresql_url) as outside:
        found = outside.execute(
            "select state, sum(count)::int from tally where destination <> ''"
            " group by state having sum(count) > 0"
        )
        assert found.fetchall() == [("delivered", 2)]


def _said(lines: list, event: str) -> Callable:
    async def is_said() -> bool:
        return any(line["event"] == event for line in lines)

    return is_said
