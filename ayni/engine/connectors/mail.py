"""E-mail out. Who gets it and what its subject says is declared, never taken from a message.

What each step of SMTP (RFC 5321) tells about trying again: before the connection is up and signed in nobody
is there; 4xx is not taken and 5xx refused; once the text is on its way only the last answer settles it.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
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

Security = Literal["starttls", "tls", "none"]

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
    security: Security = "starttls"
    user: str = ""
    password_file: str = ""
    tls: ClientTls | None = None

    def open(self, world: World, partner: str) -> Sender:
        """See DestinationDeclaration."""
        server = MailServer.of(self, world)
        return _MailSending(server, _Letters(self, world))


class MailServer:
    """How a mail server is reached. Each letter has its own connection: servers do not like idle ones."""

    def __init__(
        self,
        address: str,
        *,
        security: Security,
        tls: ssl.SSLContext,
        user: str = "",
        password: str = "",
        answer_seconds: float,
    ) -> None:
        """`address` is host:port. Raises CannotStart for mail in the clear to another machine."""
        self._host, self._port = tcp_address(address, address)
        if security == "none" and not _is_this_machine(self._host):
            raise CannotStart(f"{address}: mail to another machine needs starttls or tls")
        self._security, self._tls = security, tls
        self._user, self._password = user or None, password or None
        self._answer_seconds = answer_seconds

    @classmethod
    def of(cls, declared: MailSender, world: World) -> "MailServer":
        """As it is declared; raises CannotStart."""
        return cls(
            world.text(declared.address),
            security=declared.security,
            tls=(declared.tls or ClientTls()).open(world),
            user=world.text(declared.user),
            password=secret_in(world, declared.password_file) if declared.user else "",
            answer_seconds=world.environment.seconds("AYNI_ANSWER_SECONDS"),
        )

    async def take(self, written: bytes, *, sender: str, recipients: Sequence[str]) -> bytes:
        """Hands a letter over to all recipients or to none; what the server said. Raises a LinkError."""
        client = self._client()
        until = asyncio.get_running_loop().time() + self._answer_seconds
        try:
            with _meaning(NotConnected):
                async with asyncio.timeout(CONNECT_SECONDS):
                    await client.connect()
            with _meaning(NotTaken):
                async with asyncio.timeout_at(until):
                    await client.mail(sender)
                    for recipient in recipients:
                        await client.rcpt(recipient)
            with _meaning(OutcomeUnknown):
                async with asyncio.timeout_at(until):
                    said = await client.data(written)
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=QUIT_SECONDS)
        finally:
            client.close()
        return said.message.encode()

    def _client(self) -> aiosmtplib.SMTP:
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
            timeout=self._answer_seconds,
        )


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def letter(
    text: bytes,
    *,
    sender: str,
    recipients: Sequence[str],
    subject: str,
    message_id: str,
    at: datetime,
    content_type: str = "text/plain",
) -> bytes:
    """A letter as it is sent. `text` is UTF-8. Raises ValueError for a header that is not one line."""
    made = EmailMessage()
    made["From"], made["To"] = sender, ", ".join(recipients)
    made["Subject"] = subject
    made["Date"] = format_datetime(at)
    made["Message-ID"] = f"<{quote(message_id, safe='')}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    main, _, sub = content_type.partition("/")
    made.set_content(text, maintype=main, subtype=sub, cte="base64", params={"charset": "utf-8"})
    return made.as_bytes(policy=SMTP_POLICY)


class _Letters:
    """Everything of the e-mails of one destination that does not change."""

    def __init__(self, declared: MailSender, world: World) -> None:
        self.sender = world.text(declared.sender)
        self.recipients = tuple(world.text(each) for each in declared.recipients)
        self._subject, self._kind = declared.subject, declared.content_type
        self._now: Now = world.now
        check_addresses(self.sender, self.recipients)
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
        return letter(
            parcel.content,
            sender=self.sender,
            recipients=self.recipients,
            subject=self._subject,
            message_id=parcel.control_id,
            at=self._now(),
            content_type=self._kind,
        )


def check_addresses(sender: str, recipients: Sequence[str]) -> None:
    """Raises CannotStart for what cannot be one."""
    if not recipients or not all("@" in each for each in (sender, *recipients)):
        raise CannotStart("declare a mail's sender and recipients as name@domain")


class _MailSending:
    """The sender of one destination."""

    def __init__(self, server: MailServer, letters: _Letters) -> None:
        self._server, self._letters = server, letters
        self._sends = Sends()

    async def send(self, parcel: Parcel) -> bytes:
        return await self._sends.run(self._send(parcel))

    async def close(self) -> None:
        await self._sends.close()

    async def _send(self, parcel: Parcel) -> bytes:
        written = self._letters.written(parcel)
        return await self._server.take(
            written, sender=self._letters.sender, recipients=self._letters.recipients
        )


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
