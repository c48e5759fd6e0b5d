"""One Django for the run (it can be configured once), and for each test its own record and clock."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

from ayni.onevision.accounts import demo
from ayni.onevision.accounts.staff import Staff
from ayni.onevision.appointments.schedules import ensure_week
from ayni.onevision.facilities import registry
from ayni.onevision.intakes import requests
from ayni.onevision.intakes.requests import Request
from ayni.onevision.interface.listener import Listener
from ayni.onevision.record import SCHEMAS, Record
from ayni.onevision.site.configuration import configure
from ayni.vocabulary.fhir import Resource, loads
from ayni.vocabulary.request import URGENCY, Role
from ayni.wire.clock import LIMA
from ayni.wire.database import Database

CALQUIS = "00004576"
REQUEST_ID = "QH-7M3K9XBT4D"
MONDAY = datetime(2026, 11, 23, 9, 30, 16, tzinfo=LIMA)
SAMPLE = (Path(__file__).parent / "samples" / "cough.srm.hl7").read_bytes()

_kept_for_the_run = tempfile.TemporaryDirectory(prefix="onevision-accounts-")
accounts_folder = Path(_kept_for_the_run.name)
configure(None, folder=accounts_folder, secret_key="test", host="testserver")
accounts_file = demo.ensure_accounts(accounts_folder)


@dataclass
class Clock:
    """A clock that stands still until a test moves it."""

    at: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **length: float) -> None:
        self.at += timedelta(**length)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def record(tmp_path: Path, clock: Clock) -> Iterator[Record]:
    database = Database(tmp_path / "record.sqlite", *SCHEMAS)
    ids = count(1)
    record = Record(database, clock, lambda: f"00000000-0000-4000-8000-{next(ids):012d}")
    with record.changing() as chart:
        registry.seed(chart)
    ensure_week(record, CALQUIS)
    demo.ensure_practitioners(record)
    settings.RECORD = record
    yield record
    database.close()


@pytest.fixture
def listener(record: Record) -> Listener:
    return Listener(record)


@pytest.fixture
def staff() -> Callable[[Role], Staff]:
    """The demo person of a role."""
    people = {person.role: person for person in demo.PEOPLE}
    return lambda role: Staff(people[role].username, f"{people[role].given} PRUEBA", role)


@pytest.fixture
def admission(staff: Callable[[Role], Staff]) -> Staff:
    return staff(Role.ADMISSION)


@pytest.fixture
def nurse(staff: Callable[[Role], Staff]) -> Staff:
    return staff(Role.NURSE)


@pytest.fixture
def srm() -> Callable[..., bytes]:
    """The sample request with another urgency, number or person."""

    def message(
        level: str = "III", request_id: str = REQUEST_ID, dni: str = "99000017", until: str = "20261124093015"
    ) -> bytes:
        return (
            SAMPLE.replace(b"^20261124093015-0500|", f"^{until}-0500|".encode() if until else b"|")
            .replace(REQUEST_ID.encode(), request_id.encode())
            .replace(b"|TH24|", f"|{URGENCY[level].v2_priority}|".encode())
            .replace(b"||III^", f"||{level}^".encode())
            .replace(b"99000017", dni.encode())
        )

    return message


@pytest.fixture
def received(listener: Listener, srm: Callable[..., bytes]) -> Callable[..., None]:
    """Sends a request in; the record must take it."""

    def receive(**sent: str) -> None:
        answer = listener.receive(srm(**sent))
        assert b"MSA|AA|" in answer, answer

    return receive


@pytest.fixture
def current(record: Record) -> Callable[..., Request]:
    """The request as it stands now."""

    def read(request_id: str = REQUEST_ID) -> Request:
        with record.reading() as chart:
            return requests.find(chart, request_id)

    return read


@pytest.fixture
def events(record: Record) -> Callable[[], list[Resource]]:
    """Every event of the record's log, in order."""

    def read() -> list[Resource]:
        with record.reading() as chart:
            rows = chart.tx.execute("select content from outbox order by position").fetchall()
        return [loads(content) for (content,) in rows]

    return read


@pytest.fixture
def decide(record: Record) -> Callable[..., Request]:
    """Makes one decision about the request, as a page would."""

    def make(decision: Callable[..., Request], *arguments: object, request_id: str = REQUEST_ID) -> Request:
        with record.changing() as chart:
            return decision(chart, requests.find(chart, request_id), *arguments)

    return make


@pytest.fixture
def passwords() -> dict[str, str]:
    """Password by user name, from the file that a person would read."""
    lines = accounts_file.read_text("utf-8").splitlines()[1:]
    return {line.split()[0]: line.split()[1] for line in lines}


@pytest.fixture
def browser(record: Record) -> Callable[[str], Client]:
    """Signs a person in."""

    def signed_in(username: str) -> Client:
        client = Client()
        client.force_login(get_user_model().objects.get(username=username))
        return client

    return signed_in
