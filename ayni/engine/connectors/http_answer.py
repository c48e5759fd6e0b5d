"""What a sender over HTTP is told: a receipt, what is wrong, or to come again."""

import asyncio
import contextlib

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ayni.engine.connectors.contract import Verdict
from ayni.engine.connectors.http_request import Dismissed
from ayni.engine.errors import code_of, place_of

PROBLEM_JSON = "application/problem+json"
MEDIA_TYPES = {
    "json": "application/json",
    "text": "text/plain; charset=utf-8",
    "hl7": "application/hl7-v2",
    "hl7-enhanced": "application/hl7-v2",
    "fhir": "application/fhir+json",
}
"""What an answer is called in each format."""

RETRY_SECONDS = 5
LINGER_SECONDS = 1.0
"""Whoever has not read the answer by then has other troubles."""


def answer_for(verdict: Verdict, form: str) -> Response:
    """The answer to an arrival: in the format's own words where it has any."""
    status = _status_of(verdict)
    headers = {"Retry-After": str(RETRY_SECONDS)} if status == 503 else None
    if verdict.answer:
        return Response(verdict.answer, status, headers, media_type=MEDIA_TYPES[form])
    if verdict.is_taken:
        return Response(msgspec.json.encode({"state": verdict.state}), status, media_type=MEDIA_TYPES["json"])
    return Response(_problem(verdict, status), status, headers, media_type=PROBLEM_JSON)


def _status_of(verdict: Verdict) -> int:
    if verdict.is_taken:
        return 200 if verdict.answer else 202
    return int(getattr(verdict.error, "http_status", 422)) if verdict.state == "refused" else 503


def _problem(verdict: Verdict, status: int) -> bytes:
    error = verdict.error
    if error is None:
        return problem(status, verdict.state, "")
    return problem(status, code_of(error), error.text, place=place_of(error))


def problem(status: int, code: str, text: str, *, place: str = "") -> bytes:
    """A problem (RFC 9457) with our code and place; the text is Spanish."""
    return msgspec.json.encode({"status": status, "code": code, "place": place, "detail": text})


class Dismissal(Response):
    """An answer given before the request was read.

    What still comes is dropped for a moment before the connection closes: closing on unread bytes would take
    the answer away from the sender.
    """

    def __init__(self, body: bytes, status: int, media_type: str, *, challenge: str = "") -> None:
        headers = {"Connection": "close"} | ({"WWW-Authenticate": challenge} if challenge else {})
        super().__init__(body, status, headers, media_type=media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while (await receive()).get("more_body"):
                    pass
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def stranger(challenge: str) -> Dismissal:
    """The answer to whoever did not prove who they are."""
    body = problem(401, "unknown-sender", "Falta la credencial de este sentido.")
    return Dismissal(body, 401, PROBLEM_JSON, challenge=challenge)


def dismissal(error: Dismissed) -> Dismissal:
    """The answer to a request that is not handed to the engine."""
    return Dismissal(problem(error.status, error.code, error.text), error.status, PROBLEM_JSON)
