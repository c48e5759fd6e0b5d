"""WhatsApp by the Cloud API's messages endpoint: approved templates only, whose blanks are a text of ours.

A template must be approved by the provider before it is used: `qhali_aviso` has one blank, the sentence;
`qhali_cita` and `qhali_seguimiento` have the sentence and three quick replies.
"""

import aiohttp
import msgspec

from ayni.qhali.notifications.outlets.contract import Letter
from ayni.qhali.notifications.outlets.gateway import json_of, post
from ayni.wire.failure import OutcomeUnknown

TEMPLATES = {None: "qhali_aviso", "appointment": "qhali_cita", "wellbeing": "qhali_seguimiento"}
LANGUAGE = "es"


class WhatsApp:
    """The way to the provider. `url` is the messages endpoint of the sending number."""

    def __init__(self, http: aiohttp.ClientSession, url: str, token: str) -> None:
        self._http, self._url, self._token = http, url, token

    async def send(self, letter: Letter) -> str:
        """Hands the template to the provider; its message id. Raises LinkError."""
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        body = msgspec.json.encode(_message(letter))
        answer = json_of(await post(self._http, self._url, body=body, headers=headers))
        try:
            return str(answer["messages"][0]["id"])
        except (KeyError, IndexError, TypeError) as error:
            raise OutcomeUnknown("the answer has no message id") from error


def _message(letter: Letter) -> dict[str, object]:
    replies = [_reply(letter, number, name) for number, name in enumerate(letter.choices)]
    text = {"type": "body", "parameters": [{"type": "text", "text": letter.text}]}
    return {
        "messaging_product": "whatsapp",
        "to": letter.address.removeprefix("+"),
        "type": "template",
        "template": {
            "name": TEMPLATES[letter.asks],
            "language": {"code": LANGUAGE},
            "components": [text, *replies],
        },
    }


def _reply(letter: Letter, number: int, choice: str) -> dict[str, object]:
    """A quick reply carries the token of its notice: the answer that comes back says to what."""
    return {
        "type": "button",
        "sub_type": "quick_reply",
        "index": str(number),
        "parameters": [{"type": "payload", "payload": f"{letter.token}:{choice}"}],
    }
