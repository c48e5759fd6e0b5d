"""Reading what a stranger sends over HTTP, with a limit to its size and to its time."""

import asyncio

from starlette.requests import Request

BODY_BYTES_MAX = 1 << 20
"""A megabyte: room for a scanned referral, far below memory."""
BODY_SECONDS_MAX = 30.0
"""A megabyte at 300 kbit/s; one that trickles holds nothing open."""
CONTROL_ID_LENGTH_MAX = 255


class Dismissed(Exception):
    """A request that is answered without being handed to the engine. `text` is Spanish, for the sender."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(code)
        self.status, self.code, self.text = status, code, text


async def body_of(request: Request, bytes_max: int, *, seconds_max: float = BODY_SECONDS_MAX) -> bytes:
    """The body as it came; raises Dismissed as soon as it is known to be too long, or is too slow."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Dismissed(415, "encoded", "Envíe el contenido sin comprimir.")
    declared = request.headers.get("Content-Length", "")
    _check_length(int(declared) if declared.isdecimal() else 0, bytes_max)
    body = bytearray()
    try:
        async with asyncio.timeout(seconds_max):
            async for chunk in request.stream():
                body += chunk
                _check_length(len(body), bytes_max)
    except TimeoutError as error:
        raise Dismissed(408, "timeout", "El contenido no llegó completo; envíe de nuevo.") from error
    return bytes(body)


def control_id_of(request: Request) -> str:
    """What the sender calls its message (`Idempotency-Key`), "" when it says nothing; raises Dismissed."""
    name = request.headers.get("Idempotency-Key", "")
    if len(name) > CONTROL_ID_LENGTH_MAX or not (name.isascii() and name.isprintable()):
        raise Dismissed(400, "idempotency-key", "La clave Idempotency-Key no es válida.")
    return name


def _check_length(length: int, bytes_max: int) -> None:
    if length > bytes_max:
        raise Dismissed(413, "too-long", f"El contenido supera {bytes_max} bytes.")
