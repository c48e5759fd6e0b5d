"""The other side of every channel on real sockets: a push service, two gateways, a mail server."""

import asyncio
import base64
import email
import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ayni.wire.serve import bind

SECRETS = {"sms": "what-sms-signs-with", "whatsapp": "what-whatsapp-signs-with"}
TOKENS = {"sms": "token-of-sms", "whatsapp": "token-of-whatsapp"}


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Phone:
    """A browser's half of a push subscription: it decrypts as RFC 8291 says, with none of our code."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._auth = os.urandom(16)

    def subscription(self, origin: str) -> str:
        keys = {"p256dh": b64(_point(self._key)), "auth": b64(self._auth)}
        return json.dumps({"endpoint": f"{origin}/push/one", "expirationTime": None, "keys": keys})

    def read(self, body: bytes) -> dict:
        salt, length = body[:16], body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        peer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self._key.exchange(ec.ECDH(), peer)
        ikm = _hkdf(shared, self._auth, b"WebPush: info\0" + _point(self._key) + sender, 32)
        key = _hkdf(ikm, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _hkdf(ikm, salt, b"Content-Encoding: nonce\0", 12)
        padded = AESGCM(key).decrypt(nonce, sealed, None)
        return dict(json.loads(padded.rstrip(b"\0").removesuffix(b"\2")))


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def _hkdf(key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(key)


def vapid_claims(authorization: str) -> dict:
    """The claims of a VAPID header whose signature holds (RFC 8292); raises InvalidSignature."""
    scheme, _, rest = authorization.partition(" ")
    assert scheme == "vapid"
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    head, body, signature = parts["t"].split(".")
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(parts["k"]))
    raw = unb64(signature)
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    key.verify(encode_dss_signature(r, s), f"{head}.{body}".encode(), ec.ECDSA(hashes.SHA256()))
    return dict(json.loads(unb64(body)))


@dataclass
class Taken:
    """One HTTP request a partner got."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict:
        return dict(json.loads(self.body))


@dataclass
class Partners:
    """All of them, and what each took. `faults` by path: statuses to answer with first."""

    origin: str = ""
    mail_port: int = 0
    taken: list[Taken] = field(default_factory=list)
    letters: list[EmailMessage] = field(default_factory=list)
    mail_says: list[str] = field(default_factory=list)
    faults: dict[str, list[int]] = field(default_factory=dict)
    hold: Callable[[web.Request], Awaitable[None]] | None = None

    def of(self, path: str) -> list[Taken]:
        return [each for each in self.taken if each.path == path]

    async def answer(self, http: web.Request) -> web.Response:
        self.taken.append(Taken(http.path, dict(http.headers), await http.read()))
        if self.hold is not None:
            await self.hold(http)
        statuses = self.faults.get(http.path, [])
        if statuses:
            return web.Response(status=statuses.pop(0))
        if http.path == "/push/one":
            return web.Response(status=201)
        number = len(self.of(http.path))
        if http.path == "/sms":
            return web.json_response({"reference": f"sms-{number}"})
        return web.json_response({"messages": [{"id": f"wamid-{number}"}]})

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.mail_says:
            return self.mail_says.pop(0)
        assert isinstance(envelope.content, bytes)
        self.letters.append(email.message_from_bytes(envelope.content, policy=default))
        return "250 OK"

    async def __aenter__(self) -> "Partners":
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.answer)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        listener = bind("127.0.0.1", 0)
        self.origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        await web.SockSite(self._runner, listener).start()
        mail = bind("127.0.0.1", 0)
        self.mail_port = mail.getsockname()[1]
        loop = asyncio.get_running_loop()
        self._mail = await loop.create_server(
            lambda: SMTP(self, hostname="mail.red.example", loop=loop), sock=mail
        )
        return self

    async def __aexit__(self, *error: object) -> None:
        self._mail.close()
        await self._runner.cleanup()

    def declaration(self, folder: Path) -> str:
        """The operator's file that opens every channel to these partners."""
        for channel in SECRETS:
            (folder / f"{channel}-token").write_text(TOKENS[channel])
            (folder / f"{channel}-secret").write_text(SECRETS[channel])
        gateways = "".join(
            f'[{channel}]\nurl = "{self.origin}/{channel}"\n'
            f'token_file = "{folder}/{channel}-token"\nsecret_file = "{folder}/{channel}-secret"\n'
            for channel in SECRETS
        )
        return (
            'page = "https://qhali.example"\n'
            f'[push]\ncontact = "mailto:red@qhali.example"\nservices = ["{self.origin}"]\n'
            f'[email]\naddress = "127.0.0.1:{self.mail_port}"\nsender = "avisos@qhali.example"\n'
            f'security = "none"\n{gateways}'
        )
