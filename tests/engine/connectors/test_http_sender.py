"""Content sent over HTTP, over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from ayni.engine.connectors.contract import Sender, World
from ayni.engine.connectors.http import HttpSender
from ayni.wire.failure import LinkError, NotTaken, OutcomeUnknown, Refused
from ayni.wire.settings import Environment

from .conftest import Ports
from .contract import DestinationContract, cannot
from .http_partner import HttpPartner, http_partner
from .sides import parcel, until


class TestHttpSender(DestinationContract):
    @pytest.fixture
    async def far_side(self, ports: Ports) -> AsyncIterator[HttpPartner]:
        async with http_partner(ports.free()) as partner:
            yield partner

    @pytest.fixture
    def sender(self, world: World, far_side: HttpPartner) -> Sender:
        return HttpSender(url=far_side.url + "/in").open(world, "lab")

    CANNOT = cannot(test_no_task_and_no_open_file_is_left="its connections belong to the engine's pool")

    async def test_no_task_is_left(self, sender: Sender, far_side: HttpPartner) -> None:
        tasks = asyncio.all_tasks()
        await sender.send(parcel(b"one"))
        await sender.close()
        await until(lambda: len(asyncio.all_tasks()) <= len(tasks) + 1)

    @pytest.mark.parametrize(
        ("status", "failure"),
        [
            *((status, NotTaken) for status in (307, 308, 401, 407, 408, 425, 429, 503)),
            *((status, Refused) for status in (400, 403, 404, 405, 409, 413, 415, 422)),
            *((status, OutcomeUnknown) for status in (301, 302, 303, 500, 502, 504)),
        ],
    )
    async def test_a_status_says_what_to_do_next(
        self, sender: Sender, far_side: HttpPartner, status: int, failure: type[LinkError]
    ) -> None:
        far_side.answer = (status, b"why")
        with pytest.raises(failure) as caught:
            await sender.send(parcel(b"one"))
        assert type(caught.value) is failure
        assert (caught.value.reason, caught.value.answer) == (f"HTTP {status}", b"why")

    async def test_the_answer_is_handed_back(self, sender: Sender, far_side: HttpPartner) -> None:
        far_side.answer = (201, b"as number 7")
        assert await sender.send(parcel(b"one")) == b"as number 7"

    async def test_an_answer_without_end_is_unknown(self, sender: Sender, far_side: HttpPartner) -> None:
        far_side.answer = (200, b"x" * ((1 << 20) + 1))
        with pytest.raises(OutcomeUnknown):
            await sender.send(parcel(b"one"))

    async def test_a_redirect_gets_neither_token_nor_content(
        self, world: World, far_side: HttpPartner, ports: Ports, tmp_path: Path
    ) -> None:
        (tmp_path / "token").write_text("a-token-of-theirs\n")
        sender = HttpSender(
            url=far_side.url, token_file=str(tmp_path / "token"), headers=(("X-Site", "${SITE}"),)
        )
        sender = sender.open(_with(world, SITE="Cajamarca"), "lab")
        far_side.answer, far_side.headers = (307, b""), {"Location": far_side.url + "/elsewhere"}
        with pytest.raises(NotTaken):
            await sender.send(parcel(b"one"))
        ((method, path, headers),) = far_side.requests
        assert (method, path, headers["X-Site"]) == ("POST", "/", "Cajamarca")
        assert headers["Authorization"] == "Bearer a-token-of-theirs"
        assert headers["Idempotency-Key"] == parcel(b"").control_id

    async def test_a_name_that_cannot_stand_in_a_header_is_encoded(
        self, sender: Sender, far_side: HttpPartner
    ) -> None:
        await sender.send(structs.replace(parcel(b"one"), control_id="ñ\r\nX: 1"))
        assert far_side.requests[0][2]["Idempotency-Key"] == "%C3%B1%0D%0AX: 1"


def _with(world: World, **settings: str) -> World:
    return replace(world, environment=Environment({"AYNI_ANSWER_SECONDS": "0.5"} | settings))
