"""Web push: an encrypted note to the citizen's browser (RFC 8030, 8291), signed by this server (RFC 8292).

The push service sees where it goes and when, never what it says.
"""

import os
from datetime import timedelta
from pathlib import Path

import aiohttp
import msgspec

from ayni.qhali.notifications.outlets.contract import Letter
from ayni.qhali.notifications.outlets.gateway import post
from ayni.qhali.notifications.push_subscription import parse_subscription
from ayni.wire.clock import Now
from ayni.wire.failure import CannotStart, Refused

try:
    from cryptography.hazmat.primitives import serialization
    from py_vapid import Vapid02, b64urlencode
    from pywebpush import WebPusher
except ImportError as error:
    raise CannotStart("web push needs pywebpush: install ayni[qhali]") from error

TOKEN_LASTS = timedelta(hours=12)
"""RFC 8292 allows 24; a clock may be wrong by some."""
TTL = timedelta(days=1)
"""How long the push service keeps it for a phone that is off; a reminder is worth nothing later."""
TOPIC_CHARACTERS_MAX = 32
"""RFC 8030, 5.4. The same topic replaces a note that has not been read: sent twice is shown once."""


class WebPush:
    """The way to browsers. `services` are the origins of push services that may be asked."""

    def __init__(
        self, http: aiohttp.ClientSession, key: Vapid02, *, contact: str, services: tuple[str, ...], now: Now
    ) -> None:
        self._http, self._key, self._contact, self._services = http, key, contact, services
        self._now = now

    @property
    def public_key(self) -> str:
        """What a browser needs to subscribe (`applicationServerKey`), in base64url."""
        point = self._key.public_key.public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        return str(b64urlencode(point))

    def accepts(self, subscription: str) -> bool:
        """Whether a browser's push service is one of those that may be asked: no other host ever is."""
        return parse_subscription(subscription).origin in self._services

    async def send(self, letter: Letter) -> str:
        """Hands the note to the browser's push service; raises LinkError (Refused: the browser is gone)."""
        subscription = parse_subscription(letter.address)
        if subscription.origin not in self._services:
            raise Refused("not a declared push service")
        pusher = WebPusher(msgspec.to_builtins(subscription))
        encrypted = pusher.encode(msgspec.json.encode(_note(letter)))["body"]
        await post(
            self._http,
            subscription.endpoint,
            body=encrypted,
            headers={
                **self._signature(subscription.origin),
                "Content-Encoding": "aes128gcm",
                "Content-Type": "application/octet-stream",
                "TTL": str(int(TTL.total_seconds())),
                "Urgency": "high" if letter.is_urgent else "normal",
                "Topic": letter.id.replace("-", "")[:TOPIC_CHARACTERS_MAX],
            },
        )
        return ""

    def _signature(self, origin: str) -> dict[str, str]:
        """The claims are about now as the push service counts it: real time, not an exercise's."""
        expires = int((self._now() + TOKEN_LASTS).timestamp())
        signed: dict[str, str] = self._key.sign({"aud": origin, "exp": expires, "sub": self._contact})
        return signed


def _note(letter: Letter) -> dict[str, object]:
    actions = [{"action": name, "title": title} for name, title in letter.choices.items()]
    return {"text": letter.text, "token": letter.token, "tag": letter.id, "actions": actions}


def read_or_create_key(path: Path) -> Vapid02:
    """This server's key for push services; made (mode 0600) at first start. A new key loses every browser.

    Raises CannotStart for a file that holds no key.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        made = Vapid02()
        made.generate_keys()
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_bytes(made.private_pem())
        draft.rename(path)
    try:
        key: Vapid02 = Vapid02.from_pem(path.read_bytes())
    except Exception as error:
        raise CannotStart(f"{path}: no VAPID key; restore it or remove the file") from error
    return key
