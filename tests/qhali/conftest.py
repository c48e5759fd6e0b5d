"""QHALI under test: real SQLite files, a real HTTP server on a free port, a clock that we move."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

import aiohttp
import pytest
from bs4 import BeautifulSoup, Tag
from django.conf import settings

from ayni.qhali.intake import Enterer
from ayni.qhali.notifications import Answers, NoticeBoard, Postman
from ayni.qhali.notifications.outlets import Outlets
from ayni.qhali.process import SCHEMAS, web
from ayni.qhali.requests import Drafts, Requests, StateReceiver
from ayni.qhali.requests.requests import Submitted
from ayni.qhali.rights import Rights
from ayni.qhali.site.configuration import configure
from ayni.qhali.site.live import Streams
from ayni.qhali.site.parts import Parts
from ayni.vocabulary.fhir import Resource, bundle, dumps, systems
from ayni.vocabulary.request import SCHEDULING, EventKey, State
from ayni.wire.clock import LIMA
from ayni.wire.database import Database
from ayni.wire.serve import bind, serve_http

REQUEST_ID = "QH-7M3K9XBT4D"
TODAY = date(2026, 11, 23)
TOKEN = "a-token-of-the-engine"
TASK_ID = "9bdc55d6-7952-5c93-a274-8d2b83e007d0"
APPOINTMENT_ID = "183c8992-902c-5ff4-af0d-1139f91b7020"

IDENTITY = {
    "dni": "99000017",
    "paternal_surname": "Prueba",
    "maternal_surname": "Ñaupari",
    "given_names": "María Elena",
    "birth_date": "1992-03-14",
    "sex": "female",
    "district": "061103",
    "facility": "00004576",
}
COUGH = "vengo tosiendo con flema desde el 5 de noviembre y de noche me da fiebre"


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    at: datetime = field(default_factory=lambda: datetime(2026, 11, 23, 9, 30, 15, tzinfo=LIMA))

    def __call__(self) -> datetime:
        return self.at

    def advance(self, by: timedelta) -> None:
        self.at += by


@dataclass
class Qhali:
    """QHALI's rooms on one file."""

    database: Database
    clock: Clock
    parts: Parts
    announced: list[str]
    receiver: StateReceiver
    woken: list[bool]
    outlets: Outlets = field(default_factory=Outlets)

    def submit(self, *answers: str, enterer: Enterer | None = None) -> str:
        """The request of a citizen who said this, and no to every question after it."""
        draft_id = self.draft(*answers, enterer=enterer)
        self.parts.drafts.set_identity(draft_id, IDENTITY)
        return self.confirm(draft_id).request_id

    def confirm(self, draft_id: str) -> Submitted:
        """The draft sent as it is."""
        draft = self.parts.drafts.read(draft_id)
        assert draft is not None
        return self.parts.requests.submit(draft_id, draft.fingerprint)

    def draft(self, *answers: str, enterer: Enterer | None = None) -> str:
        draft_id = self.parts.drafts.start(enterer)
        sayings = iter(answers or (COUGH,))
        while (draft := self.parts.drafts.read(draft_id)) and draft.next_question(self.clock().date()):
            self.parts.drafts.answer(draft_id, len(draft.conversation.turns) + 1, next(sayings, "no"))
        return draft_id

    def rows(self, sql: str) -> list[Any]:
        with self.database.reading() as tx:
            return tx.execute(sql).fetchall()

    async def receive(self, *messages: Resource) -> list[bytes]:
        return [await self.receiver.receive(dumps(message)) for message in messages]


@pytest.fixture(scope="session")
def _django(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("django")
    configure(None, folder=folder, secret_key="only for tests", host="127.0.0.1")  # type: ignore[arg-type]


@pytest.fixture
def qhali(tmp_path: Path, _django: None) -> Iterator[Qhali]:
    clock, announced, woken = Clock(), [], []
    database = Database(tmp_path / "qhali.sqlite", *SCHEMAS)
    drafts = Drafts(database, now=clock)
    ids = iter([REQUEST_ID, "QH-0000000001", "QH-0000000002", "QH-0000000003"])
    requests = Requests(
        database,
        now=clock,
        is_test=True,
        wake=lambda: woken.append(True),
        code_key="only for tests",
        new_id=lambda: next(ids),
    )
    rights = Rights(database, now=clock, is_test=True, key="only for tests", wake=lambda: woken.append(True))
    parts = Parts(
        drafts=drafts,
        requests=requests,
        notices=NoticeBoard(database, Outlets(), now=clock),
        answers=Answers(database, now=clock, is_test=True, wake=lambda: woken.append(True)),
        rights=rights,
        now=clock,
        is_test=True,
    )
    receiver = StateReceiver(
        database,
        now=clock,
        is_test=True,
        announce=announced.append,
        is_forgotten=rights.is_forgotten,
    )
    settings.QHALI = parts
    yield Qhali(database, clock, parts, announced, receiver, woken)
    database.close()


class Server:
    """The whole app behind a real socket, in a loop and thread of its own."""

    def __init__(self, qhali: Qhali) -> None:
        self._qhali = qhali
        self._socket = bind("127.0.0.1", 0)
        self._socket.listen()  # a visitor who is early waits in the line instead of being turned away
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    async def _serve(self) -> None:
        self._stop, self._loop = asyncio.Event(), asyncio.get_running_loop()
        streams, outlets, qhali = Streams(), self._qhali.outlets, self._qhali
        postman = Postman(qhali.database, outlets, now=qhali.clock, announce=streams.announce)
        app = web(
            qhali.parts,
            qhali.database,
            outlets,
            streams,
            postman,
            token=TOKEN,
            form_token=TOKEN,
            stop=self._stop,
        )
        self._ready.set()
        await serve_http(app, self._socket, self._stop)

    def __enter__(self) -> "Server":
        self._thread.start()
        self._ready.wait(5)
        return self

    def stop(self, seconds: float = 5) -> bool:
        """Whether the server ended within so many seconds."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._thread.is_alive():
            assert self.stop(), "the server did not stop"


@pytest.fixture
def server(qhali: Qhali) -> Iterator[Server]:
    with Server(qhali) as running:
        yield running


class Browser:
    """A browser without JavaScript: follows redirects, keeps cookies, fills forms by their id."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self.http, self.url = http, url
        self.status, self.page, self.headers = 0, BeautifulSoup("", "html.parser"), {}

    async def open(self, address: str) -> None:
        async with self.http.get(self.url + address) as answer:
            await self._keep(answer)

    async def submit(self, form_id: str, **fields: str) -> None:
        form = self.page.select_one(f"#{form_id}")
        assert isinstance(form, Tag), f"no #{form_id} on {self.page.title}"
        hidden = {each["name"]: each["value"] for each in form.select("input[type=hidden]")}
        async with self.http.post(self.url + str(form["action"]), data={**hidden, **fields}) as answer:
            await self._keep(answer)

    async def _keep(self, answer: aiohttp.ClientResponse) -> None:
        self.status, self.headers = answer.status, answer.headers
        self.page = BeautifulSoup(await answer.text(), "html.parser")

    def has(self, selector: str) -> bool:
        return self.page.select_one(selector) is not None

    def text(self, selector: str) -> str:
        found = self.page.select_one(selector)
        assert found is not None, f"no {selector}"
        return " ".join(found.get_text(" ", strip=True).split())

    async def send_request(self, *answers: str) -> str:
        """Plays a citizen to the end: the request number on the page."""
        await self.go_to_summary(*answers)
        await self.submit("confirm-form", consent="on")
        return self.text("#request-id")

    async def go_to_summary(self, *answers: str, **enterer: str) -> None:
        """Plays a citizen up to the page that asks for consent; `enterer` is who types for them."""
        sayings = iter(answers or (COUGH,))
        await self.open("/")
        await self.submit("consent-form", **enterer)
        while self.has("#turn-form"):
            await self.submit("turn-form", text=next(sayings, "no"))
        await self.submit("identity-form", **IDENTITY)


@pytest.fixture
async def browser(server: Server):
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        yield Browser(http, server.url)


@pytest.fixture
def state_message() -> Callable[..., Resource]:
    """Makes state messages as the engine sends them."""
    return _state_message


def _state_message(
    sequence: int, state: State | str, *, request_id: str = REQUEST_ID, start: str | None = None, **task: Any
) -> Resource:
    key = EventKey(request_id, "R", sequence)
    resources = [_header(key), _task(request_id, state) | task]
    if isinstance(state, State) and SCHEDULING[state].appointment_status:
        resources.append(_appointment(request_id, str(SCHEDULING[state].appointment_status), start))
    return {
        "resourceType": "Bundle",
        "meta": {"tag": [systems.TEST_TAG]},
        "identifier": {"system": systems.EVENT_ID, "value": str(key)},
        "type": "message",
        "timestamp": "2026-11-23T10:12:07-05:00",
        "entry": [bundle.entry(resource) for resource in resources],
    }


def _header(key: EventKey) -> Resource:
    return {
        "resourceType": "MessageHeader",
        "id": key.header_id,
        "eventUri": systems.STATE_CHANGED,
        "source": {"name": "oneVisionCax", "endpoint": "https://engine.example/channels/state_to_qhali"},
    }


def _task(request_id: str, state: State | str) -> Resource:
    return {
        "resourceType": "Task",
        "id": TASK_ID,
        "identifier": [{"system": systems.TASK_ID, "value": request_id}],
        "groupIdentifier": {"system": systems.REQUEST_ID, "value": request_id},
        "status": "received",
        "businessStatus": {"coding": [{"system": systems.REQUEST_STATE, "code": str(state)}]},
        "intent": "proposal",
        "for": {"type": "Patient", "identifier": {"system": systems.DNI_ID, "value": "99000017"}},
        "owner": {
            "type": "Organization",
            "identifier": {"system": systems.RENIPRESS_ID, "value": "00004576"},
        },
    }


def _appointment(request_id: str, status: str, start: str | None) -> Resource:
    time = {"start": start, "patientInstruction": "Llegue 15 minutos antes."} if start else {}
    return {
        "resourceType": "Appointment",
        "id": APPOINTMENT_ID,
        "identifier": [{"system": systems.REQUEST_ID, "value": request_id}],
        "status": status,
        "participant": [{"actor": {"type": "Location", "display": "P.S. LLAPA"}, "status": "accepted"}],
        **time,
    }
