"""E-mail over SMTP (RFC 5321), by the standard library on a thread: a letter a second is more than comes."""

import asyncio
import contextlib
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from typing import Literal

from ayni.qhali.notifications.outlets.contract import Letter
from ayni.wire.failure import NotConnected, NotTaken, OutcomeUnknown, Refused

Security = Literal["starttls", "tls", "none"]
STEP_SECONDS = 10.0
REFUSED_CODES = range(500, 600)
SUBJECT = "QHALI: un aviso para usted"
"""The same for everybody: a subject is read on locked screens and by whoever carries the mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """The way to a mail server. `page` is where the citizen opens QHALI, "" when it is not declared."""

    host: str
    port: int
    sender: str
    security: Security
    user: str = ""
    password: str = ""
    context: ssl.SSLContext | None = None
    page: str = ""

    async def send(self, letter: Letter) -> str:
        """Hands the letter to the mail server; its Message-ID. Raises LinkError."""
        where = f"Ábrala aquí: {self.page}" if self.page else "Ábrala donde hizo su pedido."
        text = (
            f"{letter.text}\n\n{where}\nPuede dejar de recibir estos avisos en su página, en «Mis avisos».\n"
            "Si es una emergencia, llame al 106.\n"
        )
        return await self.post(letter.address, SUBJECT, text, letter_id=letter.id, at=letter.at)

    async def post(self, recipient: str, subject: str, text: str, *, letter_id: str, at: datetime) -> str:
        """The same for any text; a letter sent again keeps its id."""
        written = EmailMessage(policy=SMTP_POLICY)
        written["Subject"] = subject
        written["From"], written["To"] = self.sender, recipient
        written["Date"] = format_datetime(at)
        written["Message-ID"] = f"<{letter_id}@{self.sender.partition('@')[2]}>"
        written["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation answers
        written.set_content(text)
        await asyncio.to_thread(self._deliver, written, recipient)
        return str(written["Message-ID"])

    def _deliver(self, written: EmailMessage, recipient: str) -> None:
        """What each step tells: before the text is on its way nothing was taken; 5xx is a no."""
        try:
            with self._connected() as server:
                server.send_message(written, self.sender, [recipient])
        except smtplib.SMTPRecipientsRefused as error:
            ((code, _),) = error.recipients.values()
            raise (Refused if code in REFUSED_CODES else NotTaken)(f"SMTP {code}") from error
        except smtplib.SMTPResponseException as error:
            raise (Refused if error.smtp_code in REFUSED_CODES else NotTaken)(
                f"SMTP {error.smtp_code}"
            ) from error
        except (smtplib.SMTPException, OSError) as error:
            raise OutcomeUnknown(f"no valid answer: {type(error).__name__}") from error

    @contextlib.contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        try:
            server = self._open()
        except (smtplib.SMTPException, OSError) as error:
            raise NotConnected("the mail server is away or lets nobody in") from error
        with contextlib.closing(server):
            yield server
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.quit()  # a goodbye that nobody needs to hear

    def _open(self) -> smtplib.SMTP:
        if self.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=STEP_SECONDS, context=self.context
            )
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=STEP_SECONDS)
        try:
            self._let_in(server)
        except BaseException:
            server.close()
            raise
        return server

    def _let_in(self, server: smtplib.SMTP) -> None:
        if self.security == "starttls":
            server.starttls(context=self.context)
        if self.user:
            server.login(self.user, self.password)
