"""Our own HTTP listener and sender with TLS between them, each with a certificate."""

import asyncio
import ssl
from pathlib import Path

import pytest

from ayni.engine.connectors.contract import Sender, Source, World
from ayni.engine.connectors.http import HttpListener, HttpSender
from ayni.engine.connectors.tls import ClientTls, ServerTls
from ayni.wire.failure import CannotStart, LinkError, NotConnected, NotTaken

from .certificates import Authority
from .conftest import Ports
from .sides import Desk, parcel

PATH = "/lab/results"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


class TestTls:
    """Both ends of our own, each with a certificate."""

    @pytest.fixture
    def port(self, ports: Ports) -> int:
        return ports.free()

    @pytest.fixture
    def source(self, world: World, authority: Authority, port: int) -> Source:
        own = authority.certifies("engine")
        return HttpListener(
            path=PATH,
            port=str(port),
            tls=ServerTls(certificate=str(own.certificate), key=str(own.key), ca=str(authority.file)),
            senders=("lab",),
        ).open(world, "results")

    def sender(self, world: World, authority: Authority, port: int, name: str) -> Sender:
        own = authority.certifies(name)
        tls = ClientTls(ca=str(authority.file), certificate=str(own.certificate), key=str(own.key))
        return HttpSender(url=f"https://127.0.0.1:{port}{PATH}", tls=tls).open(world, "engine")

    async def test_a_certificate_is_who_it_names(
        self, world: World, source: Source, authority: Authority, port: int
    ) -> None:
        desk = Desk()
        async with source.running(desk.receive):
            await self.sender(world, authority, port, "lab").send(parcel(b"one"))
        assert [each.peer for each in desk.arrived] == ["lab"]

    async def test_a_certificate_with_another_name_is_a_stranger(
        self, world: World, source: Source, authority: Authority, port: int
    ) -> None:
        desk = Desk()
        async with source.running(desk.receive):
            with pytest.raises(NotTaken, match="401"):
                await self.sender(world, authority, port, "imaging").send(parcel(b"one"))
        assert desk.arrived == []

    async def test_without_a_certificate_nobody_gets_a_word(
        self, world: World, source: Source, authority: Authority, port: int
    ) -> None:
        desk = Desk()
        sender = HttpSender(url=f"https://127.0.0.1:{port}{PATH}", tls=ClientTls(ca=str(authority.file)))
        async with source.running(desk.receive):
            with pytest.raises(LinkError):
                await sender.open(world, "engine").send(parcel(b"one"))
        assert desk.arrived == []

    async def test_a_server_nobody_vouches_for_gets_nothing(
        self, world: World, source: Source, port: int
    ) -> None:
        desk = Desk()
        async with source.running(desk.receive):
            with pytest.raises(NotConnected):
                await HttpSender(url=f"https://127.0.0.1:{port}{PATH}").open(world, "e").send(parcel(b"1"))
        assert desk.arrived == []

    async def test_a_port_has_one_kind_of_tls(
        self, world: World, source: Source, port: int, tmp_path: Path
    ) -> None:
        plain = HttpListener(path="/other", port=str(port), token_file=str(tmp_path / "token"))
        async with source.running(Desk().receive):
            with pytest.raises(CannotStart, match="TLS"):
                async with plain.open(world, "other").running(Desk().receive):
                    pass

    @pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
    async def test_old_protocols_are_not_spoken(
        self, source: Source, authority: Authority, port: int
    ) -> None:
        context = ssl.create_default_context(cafile=authority.file)
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        async with source.running(Desk().receive):
            with pytest.raises((ssl.SSLError, ConnectionError)):
                await asyncio.open_connection("127.0.0.1", port, ssl=context)
