"""Alerts by e-mail to a real SMTP server: in the reader's language, no storm, nothing lost, the end told."""

import asyncio
import shutil
import socket
import tomllib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from ayni.engine.connectors.contract import World
from ayni.engine.observability import mailing, watch
from ayni.engine.observability.ledger import CALM, Ledger
from ayni.engine.observability.rules import MailRules
from ayni.wire.failure import Backoff, CannotStart
from ayni.wire.settings import Environment

from ..conftest import CHANNELS
from ..connectors.mail_server import MailServer
from .sights import MINUTE, NOW, judgement

HELD = {"count": 3}


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    made = MailServer(port, None)
    await made.up()
    yield made
    await made.down()


@pytest.fixture
def world(tmp_path, server: MailServer) -> World:
    settings = {"AYNI_VAR": str(tmp_path), "MAIL_SERVER": f"127.0.0.1:{server.port}"}
    nothing: Any = None
    return World(
        environment=Environment(settings),
        http=nothing,
        data=tmp_path,
        now=lambda: NOW,
        bound=nothing,
        web=nothing,
        to_channel=nothing,
    )


def rules(**changes: Any) -> MailRules:
    given = MailRules(
        address="${MAIL_SERVER}",
        sender="motor@red.example",
        spanish=("guardia@red.example",),
        english=("noc@partner.example",),
        security="none",
        console="https://motor.red.example",
    )
    return msgspec.structs.replace(given, **changes)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailing, "LETTER_SECONDS", 0.05)
    monkeypatch.setattr(mailing, "RETRY", Backoff(first_seconds=0.02, seconds_max=0.02))


async def has(server: MailServer, count: int) -> list[tuple[str, str, str]]:
    """(reader, subject, text) of the letters, as soon as there are so many."""
    async with asyncio.timeout(5):
        while len(server.letters) < count:  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.01)
    assert len(server.letters) == count
    letters = server.letters.values()
    return sorted((str(each["To"]), str(each["Subject"]), each.get_content()) for each in letters)


def notices_of(*judgements: Any, at=NOW, ledger: Ledger | None = None):
    """The ledger after a look, and what has to be told."""
    after = (ledger or Ledger()).judged(judgements, at)
    told = after.due(at)
    return after.told(told, at), told


async def test_each_reader_hears_it_in_their_language_with_what_to_do_first(server, world):
    held = judgement("broken", "held", destination="laboratory", figures=HELD, severity="critical")
    _, (notice,) = notices_of(held)
    async with mailing.mailing(rules(), world) as sink:
        await sink.tell(notice)
        spanish, english = await has(server, 2)
    assert spanish[:2] == ("guardia@red.example", "[Ayni] grave: fila retenida → laboratory (empezó)")
    assert "3 entregas detenidas retienen su fila: decida usted." in spanish[2]
    assert "→ Abra Detenidos: envíe otra vez o aparte." in spanish[2]
    assert english[:2] == ("noc@partner.example", "[Ayni] critical: lane held → laboratory (began)")
    assert "3 stopped deliveries hold their lanes: you decide." in english[2]
    assert english[2].rstrip().endswith("Console: https://motor.red.example")


async def test_the_end_is_told_with_how_long_it_lasted(server, world):
    ledger, _ = notices_of(judgement("broken"))
    later = NOW + 30 * MINUTE
    ledger, _ = notices_of(judgement("kept"), at=later, ledger=ledger)
    _, (notice,) = notices_of(judgement("kept"), at=later + CALM, ledger=ledger)
    async with mailing.mailing(rules(english=()), world) as sink:
        await sink.tell(notice)
        ((_, subject, text),) = await has(server, 1)
    assert subject == "[Ayni] aviso: cola antigua → laboratory (terminó)"
    assert "TERMINÓ · cola antigua → laboratory · desde 2026-11-23 09:30, duró 31 min" in text


async def test_a_storm_is_two_letters_the_first_alarm_and_all_the_rest(server, world, monkeypatch):
    monkeypatch.setattr(mailing, "LETTER_SECONDS", 1.5)
    ledger = Ledger()
    async with mailing.mailing(rules(english=()), world) as sink:
        for number in range(61):
            fallen = judgement("broken", "connection-down", destination=f"post-{number}", severity="critical")
            ledger, notices = notices_of(fallen, at=NOW + number * MINUTE, ledger=replace(ledger, alerts={}))
            for each in notices:
                await sink.tell(each)
                await asyncio.sleep(0.005)
        (_, (_, subject, text)) = sorted(await has(server, 2), key=lambda letter: len(letter[2]))
    assert len(server.letters) == 2
    assert subject == "[Ayni] grave: empezó 60"
    assert text.count("Nadie responde") == mailing.ALERTS_MAX
    assert "y 40 más" in text


async def test_what_comes_while_the_server_is_away_goes_in_one_letter_when_it_is_back(server, world):
    await server.down()
    async with mailing.mailing(rules(english=()), world) as sink:
        for name in ("one", "two"):
            _, (notice,) = notices_of(judgement("broken", destination=name))
            await sink.tell(notice)
            await asyncio.sleep(0.1)
        assert server.letters == {}
        await server.up()
        ((_, subject, text),) = await has(server, 1)
    assert subject == "[Ayni] aviso: empezó 2"
    assert ("→ one" in text, "→ two" in text) == (True, True)


async def test_a_wrong_address_keeps_nobody_else_from_hearing(server, world):
    server.recipient_answer = ["550 nobody of this name"]
    _, (notice,) = notices_of(judgement("broken"))
    async with mailing.mailing(rules(), world) as sink:
        await sink.tell(notice)
        ((reader, _, _),) = await has(server, 1)
        await asyncio.sleep(0.2)
    assert reader == "noc@partner.example"
    assert len(server.letters) == 1


async def test_who_wants_the_grave_ones_only_hears_no_warning(server, world):
    _, (warning,) = notices_of(judgement("broken"))
    _, (grave,) = notices_of(judgement("broken", "held", severity="critical", figures=HELD))
    async with mailing.mailing(rules(english=(), least="critical"), world) as sink:
        await sink.tell(warning)
        await sink.tell(grave)
        ((_, subject, _),) = await has(server, 1)
    assert "fila retenida" in subject


async def test_what_was_not_told_when_the_engine_ends_is_told_then(server, world, monkeypatch):
    monkeypatch.setattr(mailing, "LETTER_SECONDS", 3600.0)
    async with mailing.mailing(rules(english=()), world) as sink:
        for name in ("one", "two"):
            _, (notice,) = notices_of(judgement("broken", destination=name))
            await sink.tell(notice)
            await has(server, 1)
    assert len(server.letters) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"spanish": (), "english": ()},
        {"spanish": ("nobody",)},
        {"address": "mail.example:25"},
        {"address": "${NO_SUCH_SETTING}:25"},
        {"user": "motor", "password_file": "none"},
    ],
)
async def test_mail_that_could_not_be_sent_keeps_the_engine_from_starting(world, changes):
    with pytest.raises(CannotStart):
        mailing.open_mail(rules(**changes), world)


async def test_a_whole_engine_tells_that_a_destination_is_down(
    server, new_engine, qhali, booked, tmp_path, monkeypatch
):
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.1)
    channels = tmp_path / "channels"
    shutil.copytree(CHANNELS, channels)
    (channels / "alerts.toml").write_text(
        f"""
        [mail]
        address = "127.0.0.1:{server.port}"
        sender = "motor@red.example"
        spanish = ["guardia@red.example"]
        security = "none"
        [destinations.qhali]
        queue_age_minutes = 0.001
        """
    )
    await qhali.down()
    engine = new_engine(AYNI_CHANNELS=str(channels))
    await engine.start()
    await engine.send(booked())
    await engine.finds("qhali", down=True)
    async with asyncio.timeout(20):
        while not server.letters:  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.05)
    (letter, *_) = server.letters.values()
    assert str(letter["Subject"]) == "[Ayni] aviso: cola antigua → qhali (empezó)"


def test_a_declaration_is_read_from_the_file_as_the_page_shows_it():
    text = '[mail]\naddress = "${MAIL_SERVER}"\nsender = "a@b"\nenglish = ["c@d"]\nleast = "critical"\n'
    found = msgspec.convert(tomllib.loads(text)["mail"], MailRules)
    assert (found.least, found.security, found.english) == ("critical", "starttls", ("c@d",))
