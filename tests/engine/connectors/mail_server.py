"""A real SMTP server on this machine, whose answers a test chooses."""

import asyncio
import email
import ssl
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from ayni.wire.serve import bind

OK = "250 2.0.0 queued"


class MailServer:
    """Takes letters; the same Message-ID once."""

    def __init__(self, port: int, tls: ssl.SSLContext | None, **options: Any) -> None:
        self.port, self._tls, self._options = port, tls, options
        self.letters: dict[str, email.message.EmailMessage] = {}
        self.envelopes: list[tuple[str, list[str]]] = []
        self.recipient_answer: list[str] = []
        self.fault = ""
        self._gate = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.BaseTransport] = set()

    def content(self, text: str) -> bytes:
        return text.encode()

    def taken(self) -> list[bytes]:
        return [each.get_payload(decode=True) for each in self.letters.values()]

    async def says_no(self) -> None:
        self.recipient_answer = ["250 ok", "550 nobody of this name"]

    async def says_later(self) -> None:
        self.recipient_answer = ["451 come again"]

    async def loses_its_answer(self) -> None:
        self.fault = "lose"

    async def is_silent(self) -> None:
        self.fault = "hold"

    async def up(self) -> None:
        loop = asyncio.get_running_loop()

        def conversation() -> SMTP:
            return SMTP(self, hostname="mail.red.example", tls_context=self._tls, loop=loop, **self._options)

        self._server = await loop.create_server(conversation, sock=bind("127.0.0.1", self.port))

    async def down(self) -> None:
        self._gate.set()
        if self._server is not None:
            self._server.close()

    async def handle_RCPT(  # noqa: N802 - the server calls it so
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        said = self.recipient_answer.pop(0) if self.recipient_answer else "250 ok"
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        letter = email.message_from_bytes(envelope.content, policy=default)
        self.letters.setdefault(letter["Message-ID"], letter)
        self.envelopes.append((str(envelope.mail_from), list(envelope.rcpt_tos)))
        fault, self.fault = self.fault, ""
        if fault == "lose":
            server.transport.abort()
        if fault == "hold":
            await self._gate.wait()
        return OK
