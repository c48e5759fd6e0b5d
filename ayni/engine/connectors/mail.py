"""E-mail out. Who gets it and what its subject says is declared, never taken from a message.

What each step of SMTP (RFC 5321) tells about trying again: before the connection is up and signed in nobody
is there; 4xx is not taken and 5xx refused; once the text is on its way only the last answer settles it.
"""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from ipaddress import ip_address
from typing import Literal
from urllib.parse import quote

from ayni.engine.connectors.contract import Parcel, Sender, World
from ayni.engine.connectors.secret import secret_in
from ayni.engine.connectors.sends import Sends
from ayni.engine.connectors.tls import ClientTls
from ayni.wire.clock import Now
from ayni.wire.failure import (
    CONNECT_SECONDS,
    CannotStart,
    LinkError,
    NotConnected,
    NotTaken,
    OutcomeUnknown,
    Refused,
)
from ayni.wire.settings import tcp_address

try:
    import aiosmtplib
except ImportError as error:
    raise CannotStart("mail needs aiosmtplib: install ayni[engine]") from error

REFUSED_CODES = range(500, 600)
QUIT_SECONDS = 1.0
"""A goodbye that nobody needs to hear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSender:
    """Sends each message as the text of an e-mail, the same bytes, from `sender` to `recipients`.

    `security`: TLS from the first byte, or STARTTLS which is then required; none only on this machine itself.
    """

    address: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    content_type: Literal["text/plain", "text/html"] = "text/plain"
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password_file: str = ""
    tls: ClientTls | None = None

    def open(self, world: World, partner: str) -> Sender:
        """See DestinationDeclaration."""
        return _MailSending(_Server(self, world), _Letter(self, world))


class _Server:
    """How the mail server is reached."""

    def __init__(self, declared: MailSender, world: World) -> None:
        self._host, self._port = tcp_address(world.text(declared.address), declared.address)
        self._security = declared.security
        if self._security == "none" and not _is_this_machine(self._host):
            raise CannotStart(f"{declared.address}: mail to another machine needs starttls or tls")
        self._tls = (declared.tls or ClientTls()).open(world)
        self._user = world.text(declared.user) or None
        self._password = secret_in(world, declared.password_file) if self._user else None
        self.answer_seconds = world.environment.seconds("AYNI_ANSWER_SECONDS")

    def client(self) -> aiosmtplib.SMTP:
        """One conversation, not yet begun."""
        return aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            local_hostname=socket.gethostname(),
            username=self._user,
            password=self._password,
            use_tls=self._security == "tls",
            start_tls=self._security == "starttls",
            tls_context=self._tls,
            timeout=self.answer_seconds,
        )


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Letter:
    """Everything of the e-mail that does not change."""

    def __init__(self, declared: MailSender, world: World) -> None:
        self.sender = world.text(declared.sender)
        self.recipients = tuple(world.text(each) for each in declared.recipients)
        self._subject, self._kind = declared.subject, declared.content_type
        self._now: Now = world.now
        if not self.recipients or not all("@" in each for each in (self.sender, *self.recipients)):
            raise CannotStart("declare a mail's sender and recipients as name@domain")
        try:
            self.written(Parcel(content=b"", control_id="1", key="", message_id=1))
        except ValueError as error:
            raise CannotStart(f"a mail's subject and addresses are one line each: {error}") from error

    def written(self, parcel: Parcel) -> bytes:
        """The e-mail of one message; raises Refused for content that is no text."""
        try:
            parcel.content.decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("the content is not UTF-8") from None
        letter = EmailMessage()
        letter["From"], letter["To"] = self.sender, ", ".join(self.recipients)
        letter["Subject"] = self._subject
        letter["Date"] = format_datetime(self._now())
        letter["Message-ID"] = f"<{quote(parcel.control_id, safe='')}@{self.sender.rpartition('@')[2]}>"
        letter["Auto-Submitted"] = "auto-generated"
        main, _, sub = self._kind.partition("/")
        letter.set_content(
            parcel.content, maintype=main, subtype=sub, cte="base64", params={"charset": "utf-8"}
        )
        return letter.as_bytes(policy=SMTP_POLICY)


class _MailSending:
    """Each e-mail has a connection of its own: servers do not like idle ones."""

    def __init__(self, server: _Server, letter: _Letter) -> None:
        self._server, self._letter = server, letter
        self._sends = Sends()

    async def send(self, parcel: Parcel) -> bytes:
        return await self._sends.run(self._send(parcel))

    async def close(self) -> None:
        await self._sends.close()

    async def _send(self, parcel: Parcel) -> bytes:
        written, client = self._letter.written(parcel), self._server.client()
        until = asyncio.get_running_loop().time() + self._server.answer_seconds
        try:
            with _meaning(NotConnected):
                async with asyncio.timeout(CONNECT_SECONDS):
                    await client.connect()
            with _meaning(NotTaken):
                async with asyncio.timeout_at(until):
                    await self._address(client)
            with _meaning(OutcomeUnknown):
                async with asyncio.timeout_at(until):
                    said = await client.data(written)
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=QUIT_SECONDS)
        finally:
            client.close()
        return said.message.encode()

    async def _address(self, client: aiosmtplib.SMTP) -> None:
        """All recipients or none: a repeat then reaches nobody twice."""
        await client.mail(self._letter.sender)
        for recipient in self._letter.recipients:
            await client.rcpt(recipient)


@contextlib.contextmanager
def _meaning(silence: type[LinkError]) -> Iterator[None]:
    """What goes wrong in one step: an answer's code says what it means, a broken line means `silence`."""
    try:
        yield
    except aiosmtplib.SMTPResponseException as error:
        kind: type[LinkError] = Refused if error.code in REFUSED_CODES else NotTaken
        raise (silence if silence is NotConnected else kind)(f"SMTP {error.code}") from None
    except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
        raise silence(f"SMTP: {type(error).__name__}") from None
