"""JSON over HTTP to a provider, and what its answers tell about trying again."""

from collections.abc import Mapping
from typing import Any

import aiohttp
import msgspec

from ayni.qhali.notifications.outlets.contract import Gone
from ayni.wire.failure import CONNECT_SECONDS, LinkError, NotConnected, NotTaken, OutcomeUnknown, Refused

ANSWER_SECONDS = 10.0
"""Push services and gateways answer within one or two; the next channel must not wait for a silent one."""
ANSWER_BYTES_MAX = 1 << 16
"""Answers are an id in a few hundred bytes."""
TIMEOUT = aiohttp.ClientTimeout(total=ANSWER_SECONDS, sock_connect=CONNECT_SECONDS)
GONE = 410
"""RFC 8030, 7.3 says 404 for an expired subscription, and services say 410; a 404 may also be a wrong URL."""
NOT_TAKEN_STATUSES = frozenset({408, 425, 429, 503})
REFUSED_STATUSES = range(400, 500)


async def post(http: aiohttp.ClientSession, url: str, *, body: bytes, headers: Mapping[str, str]) -> bytes:
    """The answer's body when the provider took it (2xx); raises LinkError. Follows no redirect."""
    try:
        async with http.post(
            url, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False
        ) as response:
            answer = await response.content.read(ANSWER_BYTES_MAX)
            status = response.status
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise NotConnected("nobody answers") from error
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise OutcomeUnknown(f"no valid answer: {type(error).__name__}") from error
    if status in range(200, 300):
        return answer
    failure: type[LinkError] = OutcomeUnknown
    if status in NOT_TAKEN_STATUSES:
        failure = NotTaken
    elif status == GONE:
        failure = Gone
    elif status in REFUSED_STATUSES:
        failure = Refused
    raise failure(f"HTTP {status}")


def json_of(answer: bytes) -> dict[str, Any]:
    """The JSON object of an answer; raises OutcomeUnknown when it is none."""
    try:
        return msgspec.json.decode(answer, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise OutcomeUnknown("the answer cannot be read") from error
