"""QHALI that tells: every channel open to a partner on a real socket, and a clock that we move."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from django.conf import settings

from ayni.qhali.notifications import NoticeBoard, Postman
from ayni.qhali.notifications.outlets import Outlets, open_outlets, read_declared

from .partners import Partners, Phone

REQUEST_ID = "QH-7M3K9XBT4D"


@dataclass
class Telling:
    """QHALI's rooms, the partners, and the postman while `at_work`."""

    qhali: Any
    partners: Partners
    outlets: Outlets
    phone: Phone

    @property
    def board(self) -> NoticeBoard:
        return NoticeBoard(self.qhali.database, self.outlets, now=self.qhali.clock)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[Postman]:
        told: list[str] = []
        postman = Postman(self.qhali.database, self.outlets, now=self.qhali.clock, announce=told.append)
        running = asyncio.create_task(postman.run())
        try:
            yield postman
        finally:
            running.cancel()
            await asyncio.wait([running])

    def choose(self, **addresses: str) -> None:
        for channel, address in addresses.items():
            self.board.add(REQUEST_ID, channel, address)

    def attempts(self, kind: str) -> list[tuple[str, str]]:
        return self.qhali.rows(
            "select channel, attempt.state from attempt join notice on notice.id = attempt.notice"
            f" where kind = '{kind}' order by number"
        )

    async def until(self, is_so: Callable[[], object]) -> None:
        for _ in range(300):
            if await asyncio.to_thread(is_so):
                return
            await asyncio.sleep(0.02)
        raise AssertionError("it did not become so")

    async def after(self, postman: Postman, by: timedelta) -> None:
        """Lets time pass and waits for two whole rounds."""
        self.qhali.clock.advance(by)
        for _ in range(2):
            postman.wake()
            await asyncio.sleep(0.06)


@pytest.fixture
async def telling(qhali, tmp_path: Path) -> AsyncIterator[Telling]:
    async with Partners() as others, aiohttp.ClientSession() as http:
        file = tmp_path / "notices.toml"
        file.write_text(others.declaration(tmp_path))
        outlets = open_outlets(read_declared(file), http, tmp_path, is_test=True)
        qhali.outlets = outlets
        board = NoticeBoard(qhali.database, outlets, now=qhali.clock)
        qhali.parts = settings.QHALI = replace(qhali.parts, notices=board)
        yield Telling(qhali, others, outlets, Phone())
