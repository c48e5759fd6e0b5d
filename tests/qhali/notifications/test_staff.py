"""The staff is told once, without anything about the person, that somebody of them is late."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from ayni.qhali.notifications.outlets import open_outlets, read_declared
from ayni.qhali.notifications.staff import StaffLetters
from ayni.vocabulary.request import State
from ayni.wire.settings import SettingError
from tests.qhali.notifications.conftest import REQUEST_ID, Telling

EMERGENCY = "no puedo respirar"
WORDS = ("respirar", "99000017", "PRUEBA", "ÑAUPARI", "MARÍA", "disnea", "falta de aire")


@pytest.fixture
async def staffed(telling: Telling, tmp_path: Path) -> Telling:
    """The same partners, with an address of the staff."""
    file = tmp_path / "notices.toml"
    file.write_text(f'{file.read_text()}[staff]\naddress = "guardia@red.example"\n')
    async with aiohttp.ClientSession() as http:
        return replace(telling, outlets=open_outlets(read_declared(file), http, tmp_path, is_test=True))


@asynccontextmanager
async def writing(telling: Telling) -> AsyncIterator[None]:
    """The letters to the staff at work; at the end every look has been taken."""
    letters = StaffLetters(telling.qhali.database, telling.outlets.staff, now=telling.qhali.clock)
    running = asyncio.create_task(letters.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.wait([running])


async def unanswered(telling: Telling, state_message, words: str = EMERGENCY) -> None:
    """A request that nobody answers, until its clock strikes."""
    telling.qhali.submit(words)
    await telling.qhali.receive(state_message(1, State.RECEIVED))
    async with telling.at_work() as postman:
        await telling.after(postman, timedelta(hours=5))


async def look(telling: Telling) -> None:
    async with writing(telling):
        await asyncio.sleep(0.3)


async def test_a_request_that_nobody_answers_is_told_to_the_staff_once(staffed, state_message) -> None:
    await unanswered(staffed, state_message)
    for _ in range(2):
        await look(staffed)
        staffed.qhali.clock.advance(timedelta(days=1))
    (letter,) = staffed.partners.letters
    assert (letter["To"], letter["Subject"]) == (
        "guardia@red.example",
        "QHALI: un pedido no avanza, es urgente",
    )
    text = letter.get_content()
    assert f"El pedido {REQUEST_ID} sigue en «Recibida»" in text
    assert "puesto de salud Calquis (00004576)" in text
    assert "Le toca a la jefatura del establecimiento." in text
    assert [word for word in WORDS if word.casefold() in letter.as_string().casefold()] == []


async def test_a_mail_server_that_is_away_is_tried_again_with_the_same_letter(staffed, state_message) -> None:
    await unanswered(staffed, state_message)
    staffed.partners.mail_says += ["451 later", "550 no"]
    for _ in range(4):
        await look(staffed)
        staffed.qhali.clock.advance(timedelta(hours=1))
    (letter,) = staffed.partners.letters
    assert letter["Message-ID"].endswith("@qhali.example>")
    assert staffed.qhali.rows("select attempt_count from staff_letter") == [(3,)]


async def test_once_the_request_has_moved_on_nobody_is_told(staffed, state_message) -> None:
    await unanswered(staffed, state_message)
    await staffed.qhali.receive(state_message(2, State.ACCEPTED))
    await look(staffed)
    assert staffed.partners.letters == []
    assert staffed.qhali.rows("select * from staff_letter") == []


async def test_what_the_citizen_is_late_with_is_no_matter_of_the_staff(staffed, state_message) -> None:
    staffed.qhali.submit("vengo tosiendo")
    await staffed.qhali.receive(
        state_message(1, State.RECEIVED),
        state_message(2, State.IN_REVIEW),
        state_message(3, State.INFORMATION_REQUESTED),
    )
    async with staffed.at_work() as postman:
        await staffed.after(postman, timedelta(days=2))
    assert staffed.qhali.rows("select count(*) from timer where fired_at is not null") == [(1,)]
    await look(staffed)
    assert staffed.partners.letters == []


async def test_without_an_address_the_letters_wait(telling, state_message) -> None:
    await unanswered(telling, state_message)
    await look(telling)
    assert telling.partners.letters == []
    assert telling.qhali.rows("select sent_at from staff_letter") == [(None,)]


@pytest.mark.parametrize("declared", ['[staff]\naddress = "guardia@red.example"\n', "[staff]\n"])
async def test_an_address_without_a_way_to_write_to_it_keeps_qhali_from_starting(
    declared: str, tmp_path: Path
) -> None:
    file = tmp_path / "notices.toml"
    file.write_text(declared)
    async with aiohttp.ClientSession() as http:
        with pytest.raises(SettingError, match="staff"):
            open_outlets(read_declared(file), http, tmp_path, is_test=True)
