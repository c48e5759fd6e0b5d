"""Searches read through to a partner's FHIR server, over real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ayni.engine.connectors.contract import Arrived, Source, World
from ayni.engine.connectors.fhir_query import Asked, FhirQueryListener, FhirSearch
from ayni.wire.failure import CannotStart

from .conftest import Ports
from .contract import SourceContract, cannot
from .http_outside import HttpOutside
from .http_partner import LOST, HttpPartner, http_partner
from .sides import Desk

FOUND = b'{"resourceType":"Bundle","type":"searchset","total":0}'
SEARCHES = (
    FhirSearch(type="Patient", parameters=("identifier", "_count")),
    FhirSearch(type="Observation", parameters=("patient.identifier", "code")),
)


def outcome(code: str) -> bytes:
    return json.dumps({"resourceType": "OperationOutcome", "issue": [{"code": code}]}).encode()


class Searching:
    """A channel that reads through to a partner, and who asks it."""

    def __init__(self, world: World, port: int, folder: Path, url: str, **declared: Any) -> None:
        self.world, self.noted = world, list[Asked]()
        (folder / "partner").write_text("token of the partner")
        source = FhirQueryListener(
            port=str(port),
            url=url,
            searches=SEARCHES,
            token_file=str(folder / "clinic-to-engine"),
            partner_token_file=str(folder / "partner"),
            **{"on_query": self.note} | declared,
        )
        self.source = source.open(world, "registry")
        self.token = (folder / "clinic-to-engine").read_text()
        self.url = f"http://127.0.0.1:{port}/channels/registry/fhir/"

    async def note(self, asked: Asked) -> None:
        self.noted.append(asked)

    async def get(self, path: str, *, token: str = "") -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {token or self.token}"}
        async with self.world.http().get(self.url + path, headers=headers) as answer:
            assert answer.content_type == "application/fhir+json"
            return answer.status, await answer.read()


class SearchOutside(HttpOutside):
    """A clinic that asks for each document until it hears an answer."""

    async def _send(self, http: aiohttp.ClientSession, raw: bytes, _: str) -> tuple[int, str]:
        query = {"identifier": raw.decode()}
        async with http.get(f"{self.url}Patient", params=query, headers=self.headers) as answer:
            return answer.status, await answer.text()


class TestFhirQueryListener(SourceContract):
    """A search arrives where it is noted: what cannot be noted is not taken, and the clinic asks again."""

    CANNOT = cannot(
        test_what_was_refused_is_put_aside_with_its_reason="what is not let through never arrives",
        test_a_refused_one_does_not_stop_the_next="what is not let through never arrives",
        test_two_messages_have_two_names="a search is no message and has no name",
        test_a_place_out_of_reach_is_looked_for_again="a listener is spoken to, it looks nowhere",
        test_a_place_may_vanish_and_come_back_meanwhile="a listener is spoken to, it looks nowhere",
    )

    @pytest.fixture
    def searching(self, new_searching: Callable[..., Searching], desk: Desk) -> Searching:
        async def note(asked: Asked) -> None:
            ((_, document),) = asked.parameters
            verdict = await desk.receive(Arrived(raw=document.encode()))
            if not verdict.is_taken:
                raise OSError("the audit cannot be written")

        return new_searching(on_query=note)

    @pytest.fixture
    def source(self, searching: Searching) -> Source:
        return searching.source

    @pytest.fixture
    async def outside(self, searching: Searching) -> AsyncIterator[SearchOutside]:
        made = SearchOutside(searching.url, searching.token)
        yield made
        await made.close()


@pytest.fixture
async def partner(ports: Ports) -> AsyncIterator[HttpPartner]:
    async with http_partner(ports.free()) as made:
        made.answer, made.media_type = (200, FOUND), "application/fhir+json"
        yield made


@pytest.fixture
def new_searching(
    world: World, ports: Ports, tmp_path: Path, partner: HttpPartner
) -> Callable[..., Searching]:
    return lambda **declared: Searching(world, ports.free(), tmp_path, partner.url + "/r4/", **declared)


@pytest.fixture
def searching(new_searching: Callable[..., Searching]) -> Searching:
    return new_searching()


async def test_a_search_is_noted_and_answered_with_what_the_partner_found(
    searching: Searching, partner: HttpPartner
) -> None:
    async with searching.source.running(Desk().receive):
        said = await searching.get("Patient?identifier=https%3A%2F%2Fid%7C99000001&_count=5")
    assert said == (200, FOUND)
    ((method, path, headers),) = partner.requests
    assert (method, path) == ("GET", "/r4/Patient?identifier=https%3A%2F%2Fid%7C99000001&_count=5")
    assert headers["Authorization"] == "Bearer token of the partner"
    (asked,) = searching.noted
    assert (asked.sender, asked.channel, asked.type) == ("clinic-to-engine", "registry", "Patient")
    assert asked.parameters == (("identifier", "https://id|99000001"), ("_count", "5"))
    assert "99000001" not in repr(asked)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("Practitioner?identifier=1", 404),
        ("Patient", 400),
        ("Patient?", 400),
        ("Patient?name=x", 400),
        ("Patient?identifier=1&_include=Patient:link", 400),
        ("Patient?identifier:not=1", 400),
        ("Patient?identifier=" + "1" * 5000, 414),
        ("Patient?identifier=1&identifier%00=1", 400),
    ],
)
async def test_what_is_not_declared_is_not_searched(
    searching: Searching, partner: HttpPartner, path: str, status: int
) -> None:
    async with searching.source.running(Desk().receive):
        said, body = await searching.get(path)
    assert (said, json.loads(body)["resourceType"]) == (status, "OperationOutcome")
    assert (partner.requests, searching.noted) == ([], [])


async def test_a_stranger_finds_nothing(searching: Searching, partner: HttpPartner) -> None:
    async with searching.source.running(Desk().receive):
        assert (await searching.get("Patient?identifier=1", token="guessed"))[0] == 401
    assert (partner.requests, searching.noted) == ([], [])


async def test_a_look_that_cannot_be_noted_is_not_given(
    new_searching: Callable[..., Searching], partner: HttpPartner
) -> None:
    searching = new_searching()
    searching.noted = None  # type: ignore[assignment]
    async with searching.source.running(Desk().receive):
        assert (await searching.get("Patient?identifier=1"))[0] == 503
    assert partner.requests == []


@pytest.mark.parametrize(
    ("answer", "media_type", "status"),
    [
        ((400, outcome("invalid")), "application/fhir+json", 400),
        ((404, outcome("not-found")), "application/json", 404),
        ((401, outcome("login")), "application/fhir+json", 502),
        ((403, outcome("forbidden")), "application/fhir+json", 502),
        ((302, b""), "application/fhir+json", 502),
        ((500, outcome("exception")), "application/fhir+json", 502),
        ((200, b"<html>"), "text/html", 502),
        ((200, b"x" * 101), "application/fhir+json", 502),
        ((LOST, b""), "application/fhir+json", 502),
    ],
)
async def test_the_partners_failures_are_told_as_ours(
    new_searching: Callable[..., Searching],
    partner: HttpPartner,
    answer: tuple[int, bytes],
    media_type: str,
    status: int,
) -> None:
    partner.answer, partner.media_type = answer, media_type
    searching = new_searching(bytes_max=100)
    async with searching.source.running(Desk().receive):
        assert (await searching.get("Patient?identifier=1"))[0] == status


async def test_a_partner_that_is_silent_or_away_is_said_so(
    searching: Searching, partner: HttpPartner
) -> None:
    async with searching.source.running(Desk().receive):
        partner.gate.clear()
        assert (await searching.get("Patient?identifier=1"))[0] == 504
        partner.gate.set()
        await partner.down()
        assert (await searching.get("Patient?identifier=1"))[0] == 502


async def test_an_answer_that_turns_out_too_long_does_not_look_whole(
    world: World, ports: Ports, tmp_path: Path
) -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = "HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nTransfer-Encoding: chunked\r\n\r\n"
        writer.write(head.encode() + b"10000\r\n" + b"x" * 0x10000 + b"\r\n" + b"2\r\nxx\r\n0\r\n\r\n")
        await writer.drain()
        writer.close()

    port = ports.free()
    async with await asyncio.start_server(endless, "127.0.0.1", port):
        url = f"http://127.0.0.1:{port}"
        searching = Searching(world, ports.free(), tmp_path, url, bytes_max=0x10000)
        async with searching.source.running(Desk().receive):
            with pytest.raises(aiohttp.ClientError):
                await searching.get("Patient?identifier=1")


async def test_leaving_finishes_the_search_in_hand(searching: Searching, partner: HttpPartner) -> None:
    partner.gate.clear()
    async with searching.source.running(Desk().receive):
        asking = asyncio.create_task(searching.get("Patient?identifier=1"))
        await asyncio.sleep(0.1)
        asyncio.get_running_loop().call_later(0.1, partner.gate.set)
    assert await asking == (200, FOUND)


def test_anybody_must_not_search(world: World, partner: HttpPartner) -> None:
    with pytest.raises(CannotStart):
        FhirQueryListener(port="8099", url=partner.url, searches=SEARCHES).open(world, "registry")
