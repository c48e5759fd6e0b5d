"""HTTP as far as a model's server may go: so many bytes, no redirect, no compression, no proxy.

Imported only when a model is used: it needs httpx2, which the clients of the protocols are made of.
"""

from collections.abc import AsyncIterator

import httpx2

ANSWER_BYTES_MAX = 256 * 1024
"""The longest answer that the schema allows is a tenth of it."""

CONNECTIONS_MAX = 8


class AnswerTooLarge(httpx2.TransportError):
    """The server sent more than any answer can be."""


def bounded_client(seconds: float) -> httpx2.AsyncClient:
    """A client for one server; the caller closes it. `seconds` bounds each phase of a request."""
    limits = httpx2.Limits(max_connections=CONNECTIONS_MAX, max_keepalive_connections=CONNECTIONS_MAX)
    return httpx2.AsyncClient(
        transport=_Bounded(httpx2.AsyncHTTPTransport(limits=limits, retries=0)),
        timeout=httpx2.Timeout(seconds),
        headers={"Accept-Encoding": "identity"},
        follow_redirects=False,
        trust_env=False,
    )


class _Bounded(httpx2.AsyncBaseTransport):
    """Another transport, whose answers are cut off where they become too large."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The response of the server; AnswerTooLarge when reading it goes beyond the bound."""
        response = await self._inner.handle_async_request(request)
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()  # a small packet could unfold without end
            raise AnswerTooLarge("compressed, which was not asked for")
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _BoundedStream(response.stream)
        return response

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._inner.aclose()


class _BoundedStream(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._inner:
            size += len(chunk)
            if size > ANSWER_BYTES_MAX:
                raise AnswerTooLarge(f"more than {ANSWER_BYTES_MAX} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()
