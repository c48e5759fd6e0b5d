"""The console under test: the real engine's own, asked as a browser and as a program."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from ayni.engine.console.access.accounts import Account
from ayni.engine.console.access.passwords import hashed
from ayni.engine.console.access.roles import Role
from ayni.wire.clock import LIMA

from .chromium import running_chromium

SINCE = datetime(2026, 11, 1, tzinfo=LIMA)
LIGHT = 2
"""What a hash of these tests costs: each of them signs in, and none guesses."""
NAMES = {"operador": Role.ADMINISTRATOR} | {role.value: role for role in Role}

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


def password_of(name: str) -> str:
    return f"password of {name}"


def keep_accounts(folder: Path) -> None:
    """An account named after each role beside the first one, as an administrator left them."""
    folder.mkdir(parents=True)
    accounts = [
        Account(
            name=name,
            role=role,
            salt=b"salt",
            password_hash=hashed(password_of(name), b"salt", LIGHT),
            created_at=SINCE,
            cost=LIGHT,
        )
        for name, role in NAMES.items()
    ]
    (folder / "accounts.json").write_bytes(msgspec.json.encode(accounts))
    (folder / "operator-password").write_text(password_of("operador"), "ascii")


@pytest.fixture
async def engine(new_engine: Callable[..., Any]) -> Any:
    made = new_engine()
    keep_accounts(made.folder / "engine")
    await made.start()
    return made


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
def program_of(engine: Any) -> Callable[[str], Program]:
    """The program of the account named after its role; "stranger" has none."""

    def of(role: str) -> Program:
        account = (role, password_of(role)) if role != "stranger" else None
        return Program(engine.http, engine.console_url, account)

    return of


@pytest.fixture
def viewer(program_of: Callable[[str], Program]) -> Program:
    return program_of("viewer")


@pytest.fixture
def operator(program_of: Callable[[str], Program]) -> Program:
    return program_of("operator")


@pytest.fixture
def refuses(engine: Any, qhali: Any, booked: Any) -> Callable[..., Awaitable[list[dict[str, Any]]]]:
    """Makes so many bookings of different requests, each refused by the assistant."""

    async def refuse(count: int = 1) -> list[dict[str, Any]]:
        qhali.script += [(422, REFUSAL)] * count
        for number in range(count):
            await engine.send(booked(f"QH-{number:010d}"))
        return list(await engine.reaches(*["refused"] * count, channel="state_to_qhali"))

    return refuse


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The DevTools address of the system's Chromium: one process for all windows."""
    with running_chromium(tmp_path_factory.mktemp("chromium")) as address:
        yield address
