"""S-21: a certificate that ended, was revoked or is a stranger's opens no listener, and the log says why."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from ayni.engine.connectors.contract import Parcel, Sender, Source, World
from ayni.engine.connectors.http import HttpListener, HttpSender
from ayni.engine.connectors.mllp import MllpListener, MllpSender
from ayni.engine.connectors.tls import ClientTls, ServerTls
from ayni.wire.clock import real_now
from ayni.wire.failure import CannotStart, LinkError
from ayni.wire.tls import days_left

from .certificates import HOUR, Authority, Files
from .conftest import Ports
from .sides import Desk
from .test_mllp import Hl7Desk, message

Opened = tuple[Source, Callable[[ClientTls], Sender], Any]

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
PATH = "/lab/results"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def tls(authority: Authority) -> ServerTls:
    """A listener's, with a list of what its authority revoked: the certificate of `revoked`."""
    own = authority.certifies("engine")
    crl = authority.revokes(authority.certifies("revoked"))
    return ServerTls(certificate=str(own.certificate), key=str(own.key), ca=str(authority.file), crl=str(crl))


def _mllp(world: World, port: int, tls: ServerTls) -> Opened:
    source = MllpListener(port=str(port), tls=tls).open(world, "results")
    return source, lambda own: MllpSender(address=f"127.0.0.1:{port}", tls=own).open(world, "e"), Hl7Desk()


def _http(world: World, port: int, tls: ServerTls) -> Opened:
    names = ("lab", "revoked", "ended", "stranger")
    source = HttpListener(path=PATH, port=str(port), tls=tls, senders=names).open(world, "results")
    url = f"https://127.0.0.1:{port}{PATH}"
    return source, lambda own: HttpSender(url=url, tls=own).open(world, "e"), Desk()


LISTENERS = pytest.mark.parametrize("opened", [_mllp, _http], ids=["mllp", "http"])


def _client(authority: Authority, own: Files) -> ClientTls:
    return ClientTls(ca=str(authority.file), certificate=str(own.certificate), key=str(own.key))


def _parcel() -> Parcel:
    return Parcel(content=message("done", "L1"), control_id="L1", key="k", message_id=1)


@LISTENERS
async def test_a_certificate_that_is_on_no_list_speaks(
    opened: Any, world: World, ports: Ports, authority: Authority, tls: ServerTls
) -> None:
    source, sender, desk = opened(world, ports.free(), tls)
    async with source.running(desk.receive):
        lab = sender(_client(authority, authority.certifies("lab")))
        await lab.send(_parcel())
        await lab.close()
    assert [each.peer for each in desk.arrived] == ["lab"]


def _of_a_stranger(authority: Authority, folder: Path) -> ClientTls:
    return _client(authority, Authority(folder, "somebody").certifies("stranger"))


NOT_VALID: dict[str, Callable[[Authority, Path], ClientTls]] = {
    "certificate revoked": lambda authority, folder: _client(
        authority, Files(folder / "revoked.pem", folder / "revoked.key")
    ),
    "certificate has expired": lambda authority, _: _client(
        authority, authority.certifies("ended", ended=MINUTE)
    ),
    "unable to get local issuer certificate": _of_a_stranger,
}
"""What a partner shows, by OpenSSL's reason to refuse it."""


@pytest.mark.parametrize("reason", NOT_VALID)
@LISTENERS
async def test_what_is_not_valid_opens_no_listener(
    opened: Any,
    reason: str,
    new_world: Any,
    ports: Ports,
    authority: Authority,
    tls: ServerTls,
    tmp_path: Path,
) -> None:
    source, sender, desk = opened(new_world(now=_late_clock), ports.free(), tls)
    with capture_logs() as lines:
        async with source.running(desk.receive):
            partner = sender(NOT_VALID[reason](authority, tmp_path))
            with pytest.raises(LinkError):
                await partner.send(_parcel())
            await partner.close()
    assert desk.arrived == []
    said = {each["reason"] for each in lines if each["event"] == "certificate of a sender refused"}
    assert said == {reason}


def _late_clock() -> datetime:
    """That of a partner who does not know that its own certificate has ended."""
    return real_now() - HOUR


def test_a_list_that_has_ended_is_said_before_it_refuses_everybody(
    world: World, authority: Authority, tls: ServerTls
) -> None:
    authority.revokes(until=-MINUTE)
    with pytest.raises(CannotStart, match="has ended: get the one that follows"):
        tls.open(world)


def test_a_list_needs_signers_and_is_one(world: World, authority: Authority, tls: ServerTls) -> None:
    with pytest.raises(CannotStart, match="needs a ca"):
        replace(tls, ca="").open(world)
    with pytest.raises(CannotStart, match="lists of revoked certificates, found none"):
        replace(tls, crl=tls.ca).open(world)
    with pytest.raises(CannotStart, match="give a PEM file"):
        replace(tls, crl="none.pem").open(world)


def test_days_are_left_until_the_next_list(authority: Authority) -> None:
    crl = authority.revokes(until=2 * DAY)
    assert 1.9 < days_left(crl, real_now()) < 2
