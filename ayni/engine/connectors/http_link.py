"""The way to a partner's web address: one pool of connections, no redirect, a bound to the answer.

What a status tells about trying again:
408, 425, 429, 503   not taken: they said so themselves
401, 407, 307, 308   not taken: our credential or the address must be mended, nobody has read the message
other 4xx            refused: 403 too, because it comes from somebody who knows us and has seen what we want
the rest             unknown: 500, 502 and 504 may stand behind a commit
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ssl import SSLContext
from urllib.parse import quote

import aiohttp

from ayni.wire.failure import CONNECT_SECONDS, LinkError, NotConnected, NotTaken, OutcomeUnknown, Refused

ANSWER_BYTES_MAX = 1 << 20
NOT_TAKEN_STATUSES = frozenset({307, 308, 401, 407, 408, 425, 429, 503})
REFUSED_STATUSES = range(400, 500)
TAKEN_STATUSES = range(200, 300)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `is_whole`: it was not longer than an answer may be."""

    status: int
    body: bytes
    is_whole: bool = True

    @property
    def is_yes(self) -> bool:
        """Whether the status says that they took it."""
        return self.status in TAKEN_STATUSES


class HttpLink:
    """Asks at one address."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        *,
        headers: Mapping[str, str],
        answer_seconds: float,
        tls: SSLContext | None = None,
    ) -> None:
        self._http, self._headers, self._tls = http, dict(headers), tls or True
        self._timeout = aiohttp.ClientTimeout(total=answer_seconds, sock_connect=CONNECT_SECONDS)

    async def ask(self, method: str, url: str, content: bytes, *, control_id: str) -> Answer:
        """The answer to one request; raises NotConnected and OutcomeUnknown."""
        headers = self._headers | {"Idempotency-Key": header_safe(control_id)}
        try:
            async with self._http.request(
                method,
                url,
                data=content,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
                ssl=self._tls,
            ) as response:
                return await _answer_in(response)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotConnected(f"nobody answers: {type(error).__name__}") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise OutcomeUnknown(f"no valid answer: {type(error).__name__}") from error


def failure_of(answer: Answer) -> LinkError:
    """What an answer that is no yes tells."""
    kind: type[LinkError] = OutcomeUnknown
    if answer.status in NOT_TAKEN_STATUSES:
        kind = NotTaken
    elif answer.status in REFUSED_STATUSES:
        kind = Refused
    return kind(f"HTTP {answer.status}", answer=answer.body)


def header_safe(text: str) -> str:
    """The text as a header's value; what may not stand in one is percent-encoded."""
    return quote(text, safe="!#$&'()*+,/:;=?@[]^`{|}~ ") if text.strip() == text else quote(text)


async def _answer_in(response: aiohttp.ClientResponse) -> Answer:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > ANSWER_BYTES_MAX:
            return Answer(response.status, bytes(body[:ANSWER_BYTES_MAX]), is_whole=False)
    return Answer(response.status, bytes(body))
