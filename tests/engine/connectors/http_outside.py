"""A sender over HTTP that posts each message until it hears yes or no."""

import asyncio

import aiohttp

from .sides import Fate

RETRY_SECONDS = 0.03
BAD_REQUEST = 400


class HttpOutside:
    """A sender that posts each message until it hears yes or no."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.headers = url, {"Authorization": f"Bearer {token}"}
        self._fates: dict[bytes, tuple[Fate, str]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def offer(self, text: str) -> bytes:
        raw = text.encode()
        self._tasks.append(asyncio.create_task(self._post(raw, str(len(self._tasks)))))
        return raw

    def fate(self, raw: bytes) -> Fate:
        return self._fates.get(raw, ("waiting", ""))[0]

    def reason(self, raw: bytes) -> str:
        return self._fates[raw][1]

    async def vanish(self) -> None:
        """It only sends."""

    async def appear(self) -> None:
        """It only sends."""

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _post(self, raw: bytes, control_id: str) -> None:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as http:
            while self.fate(raw) == "waiting":
                await asyncio.sleep(RETRY_SECONDS)
                status, body = await self._send(http, raw, control_id)
                if status not in (404, 503):
                    self._fates[raw] = ("taken" if status < BAD_REQUEST else "refused", body)

    async def _send(self, http: aiohttp.ClientSession, raw: bytes, control_id: str) -> tuple[int, str]:
        headers = self.headers | {"Idempotency-Key": control_id}
        async with http.post(self.url, data=raw, headers=headers) as answer:
            return answer.status, await answer.text()
