"""Files on a real SFTP server in this process."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from ayni.engine.connectors.contract import Sender, Source, World
from ayni.engine.connectors.sftp import SftpReader, SftpWriter
from ayni.wire.failure import CannotStart, NotConnected, Refused
from ayni.wire.serve import bind

from .conftest import Ports
from .contract import DestinationContract, SourceContract, fails
from .sides import Desk, parcel, until
from .test_folder import FolderOutside


class SftpServer:
    """A folder behind SFTP, with one user and one key."""

    def __init__(self, port: int, keys: Path, folder: Path) -> None:
        self.port, self.keys, self.folder = port, keys, folder
        folder.mkdir()
        for name in ("host", "engine", "stranger"):
            asyncssh.generate_private_key("ssh-ed25519").write_private_key(keys / name)
        own = asyncssh.read_private_key(keys / "engine").export_public_key()
        (keys / "authorized").write_bytes(own)
        host = asyncssh.read_private_key(keys / "host").export_public_key().decode()
        (keys / "known_hosts").write_text(f"[127.0.0.1]:{port} {host}")
        self.fault = ""
        self.gate = asyncio.Event()
        self._server: Any = None
        self._connections: list[Any] = []

    def content(self, text: str) -> bytes:
        return text.encode()

    def taken(self) -> list[bytes]:
        found = [each.read_bytes() for each in sorted(self.folder.iterdir()) if each.name[0] != "."]
        return [content for content in found if content != b"other"]

    async def says_no(self) -> None:
        (self.folder / parcel(b"").control_id).write_bytes(b"other")

    async def says_later(self) -> None:
        self.fault = "later"

    async def loses_its_answer(self) -> None:
        self.fault = "lose"

    async def is_silent(self) -> None:
        self.fault = "hold"

    async def up(self) -> None:
        self._server = await asyncssh.listen(
            sock=bind("127.0.0.1", self.port),
            server_host_keys=[str(self.keys / "host")],
            authorized_client_keys=str(self.keys / "authorized"),
            sftp_factory=lambda channel: _Moody(channel, self),
        )

    async def down(self) -> None:
        self.gate.set()
        self._server.close()
        for connection in self._connections:
            connection.abort()
        await self._server.wait_closed()

    def seen(self, connection: Any) -> None:
        self._connections.append(connection)


class _Moody(asyncssh.SFTPServer):
    """Does what the test says after it has renamed, or instead."""

    def __init__(self, channel: Any, server: SftpServer) -> None:
        super().__init__(channel)
        self._of = server
        self._line = channel.get_connection()
        server.seen(self._line)

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        fault, self._of.fault = self._of.fault, ""
        if fault == "later":
            raise asyncssh.SFTPFailure("come again")
        super().rename(oldpath, newpath)
        if fault == "lose":
            self._line.abort()
        if fault == "hold":
            await self._of.gate.wait()


@pytest.fixture
async def server(ports: Ports, tmp_path: Path) -> AsyncIterator[SftpServer]:
    made = SftpServer(ports.free(), tmp_path, tmp_path / "remote")
    await made.up()
    yield made
    await made.down()


def access(server: SftpServer, **others: str) -> dict[str, str]:
    return {
        "address": f"127.0.0.1:{server.port}",
        "user": "engine",
        "key_file": str(server.keys / "engine"),
        "known_hosts": str(server.keys / "known_hosts"),
        "path": str(server.folder),
    } | others


class TestSftpReader(SourceContract):
    @pytest.fixture
    def outside(self, server: SftpServer, tmp_path: Path) -> FolderOutside:
        return FolderOutside(tmp_path / "results")

    @pytest.fixture
    def source(self, world: World, server: SftpServer, outside: FolderOutside) -> Source:
        return reader(world, server, path=str(outside.folder))


def reader(world: World, server: SftpServer, **others: str) -> Source:
    return SftpReader(**access(server, **others), every_seconds=0.02).open(world, "results")


class TestSftpWriter(DestinationContract):
    @pytest.fixture
    def far_side(self, server: SftpServer) -> SftpServer:
        return server

    @pytest.fixture
    def sender(self, world: World, far_side: SftpServer) -> Sender:
        return SftpWriter(**access(far_side)).open(world, "lab")

    async def test_a_link_of_that_name_is_not_followed(self, sender: Sender, far_side: SftpServer) -> None:
        target = far_side.folder.with_name("target")
        target.write_bytes(b"kept")
        (far_side.folder / parcel(b"").control_id).symlink_to(target)
        await fails(Refused, sender, b"one")
        assert target.read_bytes() == b"kept"

    async def test_a_folder_that_is_not_there_is_nobody_there(self, world: World, server: SftpServer) -> None:
        sender = SftpWriter(**access(server, path="/nowhere/at/all")).open(world, "lab")
        await fails(NotConnected, sender, b"one")
        await sender.close()

    async def test_no_draft_is_left(self, sender: Sender, far_side: SftpServer) -> None:
        await far_side.says_later()
        with pytest.raises(Exception, match="sftp"):
            await sender.send(parcel(b"one"))
        await sender.send(parcel(b"one"))
        assert [each.name for each in far_side.folder.iterdir()] == [parcel(b"").control_id]


@pytest.mark.parametrize(
    "change",
    [{"key_file": "stranger"}, {"known_hosts": "other_hosts"}, {"known_hosts": "no_hosts"}],
    ids=["our key is not known", "another host key", "no host key"],
)
async def test_without_the_right_keys_on_both_sides_nothing_is_sent(
    world: World, server: SftpServer, change: dict[str, str]
) -> None:
    host = asyncssh.read_private_key(server.keys / "stranger").export_public_key().decode()
    (server.keys / "other_hosts").write_text(f"[127.0.0.1]:{server.port} {host}")
    (server.keys / "no_hosts").write_text("")
    changed = {name: str(server.keys / value) for name, value in change.items()}
    sender = SftpWriter(**access(server, **changed)).open(world, "lab")
    await fails(NotConnected, sender, b"one")
    assert server.taken() == []


@pytest.mark.parametrize(
    "change",
    [{"key_file": "none"}, {"known_hosts": "none"}, {"address": "nowhere"}, {"key_file": "authorized"}],
)
async def test_a_declaration_without_keys_keeps_the_engine_from_starting(
    world: World, server: SftpServer, change: dict[str, str]
) -> None:
    changed = {name: str(server.keys / value) for name, value in change.items()}
    with pytest.raises(CannotStart):
        SftpWriter(**access(server, **changed)).open(world, "lab")


async def test_links_and_drafts_are_left_alone(world: World, server: SftpServer) -> None:
    secret = server.folder.with_name("secret")
    secret.write_bytes(b"secret")
    (server.folder / "link.json").symlink_to(secret)
    (server.folder / "a.json.part").write_bytes(b"draft")
    (server.folder / "folder.json").mkdir()
    (server.folder / "real.json").write_bytes(b"real")
    desk = Desk()
    async with reader(world, server).running(desk.receive):
        await until(lambda: (server.folder / "taken" / "real.json").exists())
        await asyncio.sleep(0.1)
    assert [each.raw for each in desk.arrived] == [b"real"]


async def test_taken_is_never_a_link_out_of_the_folder(world: World, server: SftpServer) -> None:
    elsewhere = server.folder.with_name("elsewhere")
    elsewhere.mkdir()
    (server.folder / "taken").symlink_to(elsewhere)
    (server.folder / "one.json").write_bytes(b"1")
    desk = Desk()
    async with reader(world, server).running(desk.receive):
        await desk.gets(1)
    assert list(elsewhere.iterdir()) == []
    assert (server.folder / "one.json").exists()


async def test_a_server_that_was_away_is_found_again(world: World, server: SftpServer) -> None:
    desk = Desk()
    async with reader(world, server, pattern="*.json").running(desk.receive):
        await asyncio.sleep(0.1)
        await server.down()
        await asyncio.sleep(0.1)
        (server.folder / "one.json").write_bytes(b"1")
        await server.up()
        await until(lambda: (server.folder / "taken" / "one.json").exists())
