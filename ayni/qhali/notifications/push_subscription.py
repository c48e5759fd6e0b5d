"""The subscription a browser gives (W3C Push API, `PushSubscription.toJSON`), read strictly."""

import base64
import binascii
from urllib.parse import urlsplit

import msgspec

POINT_BYTES = 65
AUTH_BYTES = 16
"""RFC 8291, section 3.1 and 3.2: an uncompressed P-256 point and a secret of 16 octets."""
ENDPOINT_CHARACTERS_MAX = 1024
"""Known push services stay under 500."""


class Keys(msgspec.Struct, frozen=True):
    """What the payload is encrypted with, in base64url."""

    p256dh: str
    auth: str


class Subscription(msgspec.Struct, frozen=True):
    """Where a browser is reached, and its keys."""

    endpoint: str
    keys: Keys

    @property
    def origin(self) -> str:
        """The push service: "https://push.example"."""
        parts = urlsplit(self.endpoint)
        return f"{parts.scheme}://{parts.netloc}"


def parse_subscription(text: str) -> Subscription:
    """Reads what a browser posted; raises ValueError (msgspec's errors are) for anything else."""
    subscription = msgspec.json.decode(text, type=Subscription)
    lengths = [len(_decoded(value)) for value in (subscription.keys.p256dh, subscription.keys.auth)]
    if len(subscription.endpoint) > ENDPOINT_CHARACTERS_MAX or lengths != [POINT_BYTES, AUTH_BYTES]:
        raise ValueError("not a push subscription")
    return subscription


def _decoded(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise ValueError("not base64url") from error
