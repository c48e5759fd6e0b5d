"""An engine of this test's own, and the partners it delivers to."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.engine.tooling.deployment import Deployment, Laboratory


@pytest.fixture
async def new_laboratory() -> AsyncIterator[Callable[[], Awaitable[Laboratory]]]:
    async with AsyncExitStack() as serving:
        made: list[Laboratory] = []

        async def new() -> Laboratory:
            made.append(Laboratory(serving))
            await made[-1].up()
            return made[-1]

        yield new
        for each in made:
            each.gate.set()


@pytest.fixture
async def laboratory(new_laboratory: Callable[[], Awaitable[Laboratory]]) -> Laboratory:
    return await new_laboratory()


@pytest.fixture
async def deployment(tmp_path: Path) -> AsyncIterator[Deployment]:
    made = Deployment(tmp_path)
    yield made
    await made.stop()
