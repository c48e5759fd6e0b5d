"""The system asks after connections on which nothing comes: a peer that vanished does not keep its place."""

import asyncio
from pathlib import Path

import pytest

from ayni.engine.connectors.contract import Source, World
from ayni.engine.connectors.http import HttpListener
from ayni.engine.connectors.mllp import MllpListener, MllpSender

from .conftest import Ports
from .sides import Desk, parcel, until
from .test_mllp import MllpPartner, message

TABLE = Path("/proc/net/tcp")
ESTABLISHED, KEEP_ALIVE = "01", "02"

pytestmark = pytest.mark.skipif(not TABLE.exists(), reason="this system does not show its connections")


def timers(*, local: int | None = None, remote: int | None = None) -> list[str]:
    """The timers of the established connections with these ports."""
    rows = [line.split() for line in TABLE.read_text().splitlines()[1:]]
    ends = [(*(int(end.rpartition(":")[2], 16) for end in row[1:3]), row) for row in rows]
    return [
        row[5].partition(":")[0]
        for here, there, row in ends
        if row[3] == ESTABLISHED and local in (None, here) and remote in (None, there)
    ]


@pytest.fixture
def port(ports: Ports) -> int:
    return ports.free()


def mllp(world: World, port: int, tmp_path: Path) -> Source:
    return MllpListener(port=str(port)).open(world, "results")


def http(world: World, port: int, tmp_path: Path) -> Source:
    token_file = str(tmp_path / "token")
    return HttpListener(path="/results", port=str(port), token_file=token_file).open(world, "results")


@pytest.mark.parametrize("listener", [mllp, http])
async def test_a_listener_asks_after_its_peers(world: World, port: int, tmp_path: Path, listener) -> None:
    async with listener(world, port, tmp_path).running(Desk().receive):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        await until(lambda: timers(local=port) == [KEEP_ALIVE])
        writer.close()


async def test_a_sender_asks_after_its_partner(world: World, ports: Ports) -> None:
    partner = MllpPartner(ports.free())
    await partner.up()
    sender = MllpSender(address=f"127.0.0.1:{partner.port}", connections=1).open(world, "record")
    content = message("done", parcel(b"").control_id)
    await sender.send(parcel(content))
    await until(lambda: timers(remote=partner.port) == [KEEP_ALIVE])
    await sender.close()
    await partner.down()
