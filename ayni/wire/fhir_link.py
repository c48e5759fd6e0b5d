"""Handing a FHIR message Bundle to the other side: `$process-message` over HTTP (FHIR R4, section 2.4).

What each answer tells the sender follows the project's table of acknowledgements: 2xx with a message that
says `ok` to ours taken; 408/429/503, a locked resource and a refused connection not taken; 401, and 404 or
405 of a place where no FHIR receiver is, not taken (nothing was parsed); other 4xx refused, the rest unknown.
"""

from ssl import SSLContext

import aiohttp

from ayni.vocabulary.fhir import FhirError, bundle, loads
from ayni.wire.failure import CONNECT_SECONDS, LinkError, NotConnected, NotTaken, OutcomeUnknown, Refused

FHIR_JSON = "application/fhir+json"
ANSWER_BYTES_MAX = 1 << 20
"""Answers are a few hundred bytes; a longer one is not an answer."""

NOT_TAKEN_STATUSES = frozenset({401, 408, 425, 429, 503})
REFUSED_STATUSES = range(400, 500)
NO_RECEIVER_STATUSES = frozenset({404, 405})
LOCKED = "lock-error"
"""The issue code that says nothing against the message itself (FHIR R4, issue-type)."""
RESPONSE_CODES: dict[str, type[LinkError]] = {"transient-error": NotTaken, "fatal-error": Refused}
"""MessageHeader.response.code (FHIR R4) where it is not `ok`."""


class FhirLink:
    """The way to one partner's `$process-message`, with the bearer token of this direction."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        url: str,
        token: str,
        *,
        answer_seconds: float,
        tls: SSLContext | None = None,
    ) -> None:
        self._http, self._url = http, url.rstrip("/") + "/fhir/$process-message"
        self._tls = tls or True
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": FHIR_JSON, "Accept": FHIR_JSON}
        self._timeout = aiohttp.ClientTimeout(total=answer_seconds, sock_connect=CONNECT_SECONDS)

    async def send(self, message: bytes) -> bytes:
        """Sends one message Bundle and returns the answer's body; raises LinkError."""
        message_id = _id_of(message)
        try:
            async with self._http.post(
                self._url,
                data=message,
                headers=self._headers,
                timeout=self._timeout,
                allow_redirects=False,
                ssl=self._tls,
            ) as response:
                return judged(response.status, await _body(response), message_id)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotConnected(f"nobody answers at {self._url}") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise OutcomeUnknown(f"no valid answer: {type(error).__name__}") from error


def judged(status: int, body: bytes, message_id: str) -> bytes:
    """The body when it says `ok` to the message of this id; raises the failure that the answer means."""
    if status in range(200, 300):
        return _judged_message(body, message_id)
    failure: type[LinkError] = OutcomeUnknown
    if status in NOT_TAKEN_STATUSES:
        failure = NotTaken
    elif status in REFUSED_STATUSES:
        failure = _refusal(status, body)
    raise failure(f"HTTP {status}", answer=body)


def _refusal(status: int, body: bytes) -> type[LinkError]:
    """What a 4xx means. A lock passes; a 404 or 405 without OperationOutcome is no FHIR receiver's."""
    try:
        outcome = loads(body)
    except FhirError:
        outcome = {}
    if outcome.get("resourceType") != "OperationOutcome":
        return NotTaken if status in NO_RECEIVER_STATUSES else Refused
    issues = outcome.get("issue")
    codes = (
        [each.get("code") for each in issues if isinstance(each, dict)] if isinstance(issues, list) else []
    )
    return NotTaken if codes == [LOCKED] else Refused


def _judged_message(body: bytes, message_id: str) -> bytes:
    """A page of some other program in between may say 200 too: only an answer to this message settles it."""
    try:
        response = bundle.header(loads(body)).get("response")
    except FhirError as error:
        raise OutcomeUnknown("the answer cannot be read", answer=body) from error
    if not isinstance(response, dict) or response.get("identifier") != message_id:
        raise OutcomeUnknown("the answer is not to this message", answer=body)
    code = str(response.get("code"))
    if code == "ok":
        return body
    if code not in RESPONSE_CODES:
        raise OutcomeUnknown("the answer says neither yes nor no", answer=body)
    raise RESPONSE_CODES[code](f"response {code}", answer=body)


def _id_of(message: bytes) -> str:
    try:
        return str(bundle.header(loads(message))["id"])
    except FhirError as error:
        raise Refused(f"no message to send: {error.issue}") from error


async def _body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > ANSWER_BYTES_MAX:
            raise OutcomeUnknown("the answer is too long")
    return bytes(body)
