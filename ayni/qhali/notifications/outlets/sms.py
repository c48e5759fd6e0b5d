"""SMS through an HTTP gateway: one JSON object out, one back, the gateway's token on each.

There is no standard for SMS over HTTP; this is the least that every gateway has, and what a small adapter in
front of any other one speaks: `{"id", "to", "text"}` out, `{"reference"}` back.
"""

import unicodedata

import aiohttp
import msgspec

from ayni.qhali.notifications.outlets.contract import Letter
from ayni.qhali.notifications.outlets.gateway import json_of, post

CHARACTERS_MAX = 160
"""One SMS in the default alphabet (3GPP TS 23.038); a longer one costs two and arrives in pieces."""
SPANISH_IN_GSM7 = frozenset("ñÑéÉüÜ¿¡")
"""The default alphabet has these of Spanish; á, í, ó and ú would halve what fits."""


class Sms:
    """The way to an SMS gateway."""

    def __init__(self, http: aiohttp.ClientSession, url: str, token: str) -> None:
        self._http, self._url, self._token = http, url, token

    async def send(self, letter: Letter) -> str:
        """Hands the text to the gateway; its reference for the delivery report. Raises LinkError."""
        body = {"id": letter.id, "to": letter.address, "text": sms_text(letter)}
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
            "Idempotency-Key": letter.id,
        }
        answer = await post(self._http, self._url, body=msgspec.json.encode(body), headers=headers)
        return str(json_of(answer).get("reference", ""))


def sms_text(letter: Letter) -> str:
    """The letter in the default alphabet, with its answers numbered: "1 Si, ire, 2 Otra fecha"."""
    numbered = [f"{number} {title}" for number, title in enumerate(letter.choices.values(), 1)]
    text = f"{letter.text} Responda: {', '.join(numbered)}." if numbered else letter.text
    return "".join(map(_plain, text))[:CHARACTERS_MAX]


def _plain(letter: str) -> str:
    if letter.isascii() or letter in SPANISH_IN_GSM7:
        return letter
    plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return plain or "?"
