"""The console under test: the real engine's own, asked as a browser and as a program."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest

REFUSAL = b'{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"value"}]}'


class Browser:
    """A browser without JavaScript that keeps cookies and follows nothing by itself."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http, self.url = http, url

    async def get(self, path: str, **headers: str) -> tuple[aiohttp.ClientResponse, str]:
        async with self._http.get(self.url + path, headers=headers, allow_redirects=False) as answer:
            return answer, await answer.text()

    async def post(self, path: str, *, origin: str = "", **fields: Any) -> aiohttp.ClientResponse:
        answer, _ = await self.sent(path, origin=origin, **fields)
        return answer

    async def sent(self, path: str, *, origin: str = "", **fields: Any) -> tuple[aiohttp.ClientResponse, str]:
        """A form, its answer and the page it shows."""
        headers = {"Origin": origin} if origin else {}
        pairs = [(name, each) for name, value in fields.items() for each in _listed(value)]
        async with self._http.post(
            self.url + path, data=aiohttp.FormData(pairs), headers=headers, allow_redirects=False
        ) as answer:
            return answer, await answer.text()

    async def sign_in(self, password: str, user: str = "operador") -> aiohttp.ClientResponse:
        return await self.post("/acceso", username=user, password=password)

    async def page(self, path: str) -> str:
        """A page that must be there."""
        answer, text = await self.get(path)
        assert answer.status == 200, (path, answer.status, text)
        return text

    @property
    def session(self) -> dict[str, str]:
        """The header that carries this browser's session."""
        (value,) = [each.value for each in self._http.cookie_jar if each.key == "ayni_console"]
        return {"Cookie": f"ayni_console={value}"}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


class Program:
    """A program of one account, by HTTP Basic; the stranger's sends no account."""

    def __init__(self, http: aiohttp.ClientSession, url: str, account: tuple[str, str] | None) -> None:
        self._http, self._url = http, url
        self._headers = {"Authorization": aiohttp.encode_basic_auth(*account)} if account else {}

    async def raw(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[aiohttp.ClientResponse, bytes]:
        data = json.dumps(body).encode() if body is not None else None
        async with self._http.request(
            method, self._url + path, data=data, headers=self._headers | headers, allow_redirects=False
        ) as answer:
            return answer, await answer.read()

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """(status, JSON) of an answer."""
        answer, content = await self.raw(method, path, body, **headers)
        return answer.status, json.loads(content)

    async def get(self, path: str) -> Any:
        """What must be there."""
        status, found = await self.ask("GET", path)
        assert status == 200, (path, status, found)
        return found

    async def post(self, path: str, body: Any = None, *, status: int = 200) -> Any:
        """What must be done, or refused with that status."""
        found_status, found = await self.ask("POST", path, body)
        assert found_status == status, (path, found_status, found)
        return found


@pytest.fixture
async def browser(engine: Any) -> AsyncIterator[Browser]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        yield Browser(http, engine.console_url)


@pytest.fixture
async def signed_in(engine: Any, browser: Browser) -> Browser:
    """The browser of the first administrator."""
    await browser.sign_in(engine.secret("engine/operator-password"))
    return browser


@pytest.fixture
async def administrator(engine: Any) -> Program:
    return Program(engine.http, engine.console_url, ("operador", engine.secret("engine/operator-password")))


@pytest.fixture
async def new_program(engine: Any, administrator: Program) -> Callable[[str], Awaitable[Program]]:
    """Makes an account named after its role, and its program; "stranger" has none."""

    async def new(role: str) -> Program:
        if role == "stranger":
            return Program(engine.http, engine.console_url, None)
        made = await administrator.post("/api/v1/accounts", {"name": role, "role": role}, status=201)
        return Program(engine.http, engine.console_url, (role, made["password"]))

    return new


@pytest.fixture
async def viewer(new_program: Callable[[str], Awaitable[Program]]) -> Program:
    return await new_program("viewer")


@pytest.fixture
async def operator(new_program: Callable[[str], Awaitable[Program]]) -> Program:
    return await new_program("operator")


@pytest.fixture
def refuses(engine: Any, qhali: Any, booked: Any) -> Callable[..., Awaitable[list[dict[str, Any]]]]:
    """Makes so many bookings of different requests, each refused by the assistant."""

    async def refuse(count: int = 1) -> list[dict[str, Any]]:
        qhali.script += [(422, REFUSAL)] * count
        for number in range(count):
            await engine.send(booked(f"QH-{number:010d}"))
        return list(await engine.reaches(*["refused"] * count, channel="state_to_qhali"))

    return refuse
