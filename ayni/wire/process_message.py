"""The door for FHIR messages (`POST …/fhir/$process-message`, FHIR R4, section 2.4) and other operations.

In this order, each before the next: token (401 before anything is read), size (413, by the declared length
before the body is asked for), time (408), and only then the receiver, which raises a FhirError with the place
or returns the answer to what it has committed.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from ayni.vocabulary.fhir import RESOURCE_BYTES_MAX, FhirError, dumps
from ayni.vocabulary.request import request_id_within
from ayni.wire.fhir_link import FHIR_JSON
from ayni.wire.logging import correlated, where
from ayni.wire.tokens import is_bearer

log = structlog.get_logger()

HEAD_BYTES = 1 << 16
"""Where a Bundle names its request; what follows is only searched by who can read it."""

BODY_SECONDS_MAX = 30.0
"""A body must be there by then, a megabyte at 300 kbit/s: our senders wait no longer for the whole answer,
and one that trickles holds nothing open."""

Receive = Callable[[bytes], Awaitable[bytes]]
"""Takes the bytes as they came, returns the answer to send once it cannot be lost; raises FhirError."""


def anybody(_: Request) -> bool:
    """The token is proof enough."""
    return True


def process_message_route(
    prefix: str, *, token: str, receive: Receive, admits: Callable[[Request], bool] = anybody
) -> Route:
    """The route of one receiver under a path prefix ("" or "/channels/intake_to_ehr").

    Whoever has the token and is admitted is read.
    """
    return operation_route(f"{prefix}/fhir/$process-message", token=token, receive=receive, admits=admits)


def operation_route(
    path: str, *, token: str, receive: Receive, admits: Callable[[Request], bool] = anybody
) -> Route:
    """The route of one FHIR operation with a resource in its body and one in its answer."""

    async def operate(request: Request) -> Response:
        if not (is_bearer(request.headers.get("Authorization", ""), token) and admits(request)):
            return _refusal(_no_token)
        body = bytearray()
        try:
            await _read(request, body)
            return Response(await receive(bytes(body)), media_type=FHIR_JSON)
        except FhirError as error:
            with correlated(request_id_within(body[:HEAD_BYTES].decode("ascii", "replace"))):
                log.warning("fhir message refused", issue=error.issue, expression=error.expression)
            return _refusal(error)
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception as error:  # the sender must hear that nothing was kept, whatever broke
            log.error("fhir message not kept", **where(error))
            return _refusal(_not_kept)

    return Route(path, operate, methods=["POST"])


_no_token = FhirError("login", "Falta el token de este sentido.", http_status=401)
_not_kept = FhirError("transient", "No se pudo guardar; envíe de nuevo.", http_status=503)


RETRY_SECONDS = 5
"""When a sender whose message was not kept may come again: a disk or a restart takes that long."""

_HEADERS = {
    401: {"WWW-Authenticate": "Bearer"},
    408: {"Connection": "close"},
    503: {"Retry-After": str(RETRY_SECONDS)},
}


def _refusal(error: FhirError) -> Response:
    status = error.http_status
    return Response(
        dumps(error.outcome()), status_code=status, media_type=FHIR_JSON, headers=_HEADERS.get(status)
    )


async def _read(request: Request, body: bytearray) -> None:
    """Reads the body; raises FhirError as soon as it is known to be too long, or takes too long to come."""
    declared = request.headers.get("Content-Length", "")
    _check_length(int(declared) if declared.isdecimal() else 0)
    try:
        async with asyncio.timeout(BODY_SECONDS_MAX):
            async for chunk in request.stream():
                body += chunk
                _check_length(len(body))
    except TimeoutError as error:
        raise FhirError(
            "timeout", "El mensaje no llegó completo; envíe de nuevo.", http_status=408
        ) from error


def _check_length(length: int) -> None:
    if length > RESOURCE_BYTES_MAX:
        raise FhirError("too-long", f"El mensaje supera {RESOURCE_BYTES_MAX} bytes.", http_status=413)
