"""E-mail to a real SMTP server on this machine."""

import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, Session

from ayni.engine.connectors.contract import Sender, World
from ayni.engine.connectors.mail import MailSender
from ayni.engine.connectors.tls import ClientTls
from ayni.wire.failure import CannotStart, NotConnected, Refused

from .certificates import Authority
from .conftest import Ports
from .contract import DestinationContract, fails
from .mail_server import MailServer
from .sides import parcel

SENDER, RECIPIENTS = "motor@red.example", ("guardia@red.example", "jefa@red.example")


@pytest.fixture
async def far_side(ports: Ports, tmp_path: Path) -> AsyncIterator[MailServer]:
    server = MailServer(ports.free(), None)
    await server.up()
    yield server
    await server.down()


def declared(server: MailServer, **others: Any) -> MailSender:
    given = {
        "address": f"127.0.0.1:{server.port}",
        "sender": SENDER,
        "recipients": RECIPIENTS,
        "subject": "Resultado crítico",
        "security": "none",
    }
    return MailSender(**given | others)


class TestMailSender(DestinationContract):
    @pytest.fixture
    def sender(self, world: World, far_side: MailServer) -> Sender:
        return declared(far_side).open(world, "guard")

    async def test_only_what_was_declared_stands_on_the_envelope_and_the_letter(
        self, sender: Sender, far_side: MailServer
    ) -> None:
        answer = await sender.send(parcel(b"To: other@example.com\r\nSubject: other\r\n\r\n.\r\nText"))
        (letter,) = far_side.letters.values()
        assert far_side.envelopes == [(SENDER, list(RECIPIENTS))]
        assert (letter["To"], letter["Subject"]) == (", ".join(RECIPIENTS), "Resultado crítico")
        assert letter["Message-ID"] == f"<{parcel(b'').control_id}@red.example>"
        assert letter.get_content_type() == "text/plain"
        assert answer == b"2.0.0 queued"

    async def test_nobody_gets_it_when_one_of_them_is_refused(
        self, sender: Sender, far_side: MailServer
    ) -> None:
        await far_side.says_no()
        await fails(Refused, sender, b"one")
        assert far_side.envelopes == []

    async def test_what_is_no_text_is_refused_here(self, sender: Sender, far_side: MailServer) -> None:
        await fails(Refused, sender, b"\xff\xfe")
        assert far_side.letters == {}


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def server_context(authority: Authority) -> ssl.SSLContext:
    own = authority.certifies("mail.red.example")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(own.certificate, own.key)
    return context


async def test_text_and_password_go_only_over_tls(
    world: World, ports: Ports, authority: Authority, tmp_path: Path
) -> None:
    (tmp_path / "password").write_text("a secret\n")
    signed_in: list[bytes] = []

    def sign_in(server: Any, session: Session, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        signed_in.append(data.password)
        return AuthResult(success=data.password == b"a secret")

    server = MailServer(
        ports.free(),
        server_context(authority),
        require_starttls=True,
        auth_required=True,
        authenticator=sign_in,
    )
    await server.up()
    secured = {
        "security": "starttls",
        "tls": ClientTls(ca=str(authority.file)),
        "user": "motor",
        "password_file": str(tmp_path / "password"),
    }
    await declared(server, **secured).open(world, "guard").send(parcel(b"one"))
    assert (server.taken(), signed_in) == ([b"one"], [b"a secret"])
    (tmp_path / "password").write_text("another\n")
    await fails(NotConnected, declared(server, **secured).open(world, "guard"), b"two")
    await server.down()


async def test_a_server_without_starttls_or_that_nobody_vouches_for_gets_nothing(
    world: World, ports: Ports, authority: Authority
) -> None:
    for tls, trusted in ((None, str(authority.file)), (server_context(authority), "")):
        server = MailServer(ports.free(), tls)
        await server.up()
        sender = declared(server, security="starttls", tls=ClientTls(ca=trusted)).open(world, "guard")
        await fails(NotConnected, sender, b"one")
        assert server.letters == {}
        await server.down()


@pytest.mark.parametrize(
    "others",
    [
        {"address": "mail.example:25"},
        {"address": "mail.example"},
        {"recipients": ()},
        {"recipients": ("nobody",)},
        {"subject": "one\nBcc: other@example.com"},
        {"sender": "a@b\r\nBcc: other@example.com"},
        {"user": "motor", "password_file": "none"},
    ],
)
def test_a_declaration_that_cannot_be_used_keeps_the_engine_from_starting(
    world: World, others: dict[str, Any]
) -> None:
    with pytest.raises(CannotStart):
        declared(MailServer(25, None), **others).open(world, "guard")
