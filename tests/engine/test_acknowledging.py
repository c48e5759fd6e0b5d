"""Original and enhanced mode over real sockets (HL7 v2.5.1, sections 2.9.2 and 2.9.3)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from ayni.engine.formats import Hl7Format
from ayni.engine.loading import load_channel
from ayni.engine.testing import run_sample, samples
from ayni.vocabulary.hl7 import Hl7Error, Message, acknowledge, parse
from ayni.wire.clock import real_now
from ayni.wire.mllp import FRAME_BYTES_MAX, START, MllpServer, frame
from ayni.wire.serve import bind

from .conftest import NOW, Engine, until
from .tooling.deployment import free_port

ROUTE = """
from ayni.engine import Channel, Destination, Outgoing, application_acknowledgements
from ayni.engine.connectors.mllp import MllpListener, MllpSender
from ayni.engine.errors import ContentRefused

def to_ward(message):
    if message["PID-3.1"] == "REFUSE":
        raise ContentRefused("unknown", "No se conoce.", place="PID-3")
    if message["PID-3.1"] == "BREAK":
        1 / 0
    return Outgoing(content=message.encode(), control_id=message.control_id, key=message["PID-3.1"])

def to_archive(message):
    return to_ward(message) if message["PID-3.1"] == "TWICE" else None

channel = Channel(
    name="lab", title="De prueba",
    source=MllpListener(port="${{AYNI_ENGINE_MLLP_PORT}}", acknowledgement="{mode}"),
    filter=lambda message: "No es para este canal." if message["PID-3.1"] == "FILTER" else "",
    destinations=(
        Destination(partner="ward", connector=MllpSender(address="${{WARD}}"), transform=to_ward),
        Destination(partner="archive", connector=MllpSender(address="${{ARCHIVE}}"), transform=to_archive),
        {later}
    ),
)
"""
LATER = 'application_acknowledgements(partner="his", connector=MllpSender(address="${HIS}")),'


def route(mode: str) -> str:
    """The channel's code; only enhanced mode asks for later answers."""
    return ROUTE.format(mode=mode, later=LATER if mode == "enhanced" else "")


class House:
    """A partner's listener: keeps what comes and answers as its script says, or yes."""

    def __init__(self) -> None:
        self.port, self.taken, self.script = free_port(), list[Message](), list[str]()
        self.gate = asyncio.Event()
        self.gate.set()
        self._serving = AsyncExitStack()

    async def up(self) -> None:
        server = MllpServer(self._handle, lambda _: b"")
        await self._serving.enter_async_context(server.listening(bind("127.0.0.1", self.port)))

    async def down(self) -> None:
        await self._serving.aclose()

    async def has(self, count: int) -> list[Message]:
        async def enough() -> bool:
            return len(self.taken) >= count

        await until(enough)
        await asyncio.sleep(0.1)  # one too many would come now
        assert len(self.taken) == count
        return self.taken

    async def _handle(self, raw: bytes) -> bytes:
        message = parse(raw)
        self.taken.append(message)
        await self.gate.wait()
        code = self.script.pop(0) if self.script else "CA" if message["MSH-15"] else "AA"
        errors = [Hl7Error("no", code=103, text="No.")] if code == "AE" else []
        return acknowledge(message, code, control_id="H1", at=real_now(), errors=errors).encode()


@pytest.fixture
async def house() -> AsyncIterator[dict[str, House]]:
    made = {name: House() for name in ("WARD", "ARCHIVE", "HIS")}
    for each in made.values():
        await each.up()
    yield made
    for each in made.values():
        each.gate.set()
        await each.down()


@pytest.fixture
async def engine(new_engine, house, tmp_path, request) -> Engine:
    mode = getattr(request, "param", "enhanced")
    (tmp_path / "channels" / "lab").mkdir(parents=True)
    (tmp_path / "channels" / "lab" / "channel.py").write_text(route(mode), "utf-8")
    addresses = {name: f"127.0.0.1:{each.port}" for name, each in house.items()}
    made = new_engine(AYNI_CHANNELS=str(tmp_path / "channels"), **addresses)
    await made.start()
    return made


def order(control_id: str, wishes: str, *, patient: str = "A") -> bytes:
    """An order that asks for acknowledgements: `AL|NE` stands for MSH-15 and MSH-16."""
    header = (
        f"MSH|^~\\&|HIS|POSTA|AYNI|RED|20261125100000-0500||OML^O21^OML_O21|{control_id}|T|2.5.1|||{wishes}"
    )
    return f"{header}\rPID|1||{patient}\r".encode()


async def said(engine: Engine, raw: bytes) -> str:
    """MSA-1 of what comes back over the same connection, "" when nothing does."""
    reader, writer = await asyncio.open_connection("127.0.0.1", engine.mllp_port)
    writer.write(frame(raw))
    try:
        async with asyncio.timeout(0.3):
            return parse((await reader.readuntil(b"\x1c\r"))[1:-2])["MSA-1"]
    except TimeoutError:
        return ""
    finally:
        writer.close()


async def test_the_first_answer_says_kept_and_a_message_of_its_own_says_done(engine, house):
    house["WARD"].gate.clear()
    assert await said(engine, order("K1", "AL|AL")) == "CA"
    await house["WARD"].has(1)
    await house["HIS"].has(0)
    house["WARD"].gate.set()
    (answer,) = await house["HIS"].has(1)
    assert (answer["MSA-1"], answer["MSA-2"]) == ("AA", "K1")
    assert (answer["MSH-3"], answer["MSH-5"], answer["MSH-9.1"]) == ("AYNI", "HIS", "ACK")
    assert (answer["MSH-15"], answer["MSH-16"]) == ("AL", "NE")
    assert answer.control_id not in ("", "K1")
    await engine.reaches("delivered", "delivered", channel="lab")


WISHES = {
    "AL|AL": ("CA", True),
    "NE|AL": ("", True),
    "|AL": ("", True),
    "SU|SU": ("CA", True),
    "AL|NE": ("CA", False),
    "AL|ER": ("CA", False),
    "ER|NE": ("", False),
    "|": ("AA", False),
}
"""MSH-15 and MSH-16: the first answer to what is taken, and whether a later one comes."""
REFUSED = {
    "AL|AL": ("CE", ""),
    "ER|ER": ("CE", ""),
    "NE|AL": ("", "AE"),
    "SU|ER": ("", "AE"),
    "|": ("AE", ""),
}
"""The first answer to what is refused, and the later one."""


async def test_each_answer_comes_if_it_is_asked_for(engine, house):
    asked = {f"K{number}": wishes for number, wishes in enumerate(WISHES)}
    firsts = await asyncio.gather(*(said(engine, order(name, asked[name])) for name in asked))
    assert firsts == [first for first, _ in WISHES.values()]
    await house["WARD"].has(len(asked))
    owed = {name for name, wishes in asked.items() if WISHES[wishes][1]}
    answers = await house["HIS"].has(len(owed))
    assert {each["MSA-2"] for each in answers} == owed
    assert {each["MSA-1"] for each in answers} == {"AA"}


async def test_what_is_refused_is_refused_once_now_or_later(engine, house):
    asked = {f"K{number}": wishes for number, wishes in enumerate(REFUSED)}
    firsts = await asyncio.gather(
        *(said(engine, order(name, asked[name], patient="REFUSE")) for name in asked)
    )
    assert firsts == [first for first, _ in REFUSED.values()]
    later = {name: REFUSED[wishes][1] for name, wishes in asked.items() if REFUSED[wishes][1]}
    answers = await house["HIS"].has(len(later))
    assert {each["MSA-2"]: each["MSA-1"] for each in answers} == later
    told = {(each["ERR-2.1"], each["ERR-2.3"], each["ERR-3.1"], each["ERR-5"]) for each in answers}
    assert told == {("PID", "3", "102", "unknown")}  # with 207 a sender would try again and again


async def test_a_function_that_breaks_is_our_fault_and_its_sender_may_try_again(engine, house):
    assert await said(engine, order("K1", "NE|AL", patient="BREAK")) == ""
    (answer,) = await house["HIS"].has(1)
    told = (answer["MSA-1"], answer["ERR-2"], answer["ERR-3.1"], answer["ERR-5"])
    assert told == ("AE", "", "207", "channel-failed-ZeroDivisionError")
    assert await said(engine, order("K2", "|", patient="BREAK")) == "AR"


async def test_what_is_not_for_the_channel_is_done_with_at_once(engine, house):
    assert await said(engine, order("K1", "AL|AL", patient="FILTER")) == "CA"
    (answer,) = await house["HIS"].has(1)
    assert (answer["MSA-1"], answer["ERR-3.1"], answer["ERR-4"]) == ("AA", "0", "I")


async def test_one_answer_comes_when_the_last_of_several_destinations_has_it(engine, house):
    house["ARCHIVE"].gate.clear()
    assert await said(engine, order("K1", "AL|AL", patient="TWICE")) == "CA"
    await house["WARD"].has(1)
    await house["HIS"].has(0)
    house["ARCHIVE"].gate.set()
    (answer,) = await house["HIS"].has(1)
    assert answer["MSA-1"] == "AA"


async def test_what_a_person_sets_aside_is_answered_as_an_error_and_not_before(engine, house):
    house["WARD"].script = ["AE"]
    await said(engine, order("K1", "AL|AL"))
    (message,) = await engine.reaches("refused", channel="lab")
    await house["HIS"].has(0)
    assert await engine.decide(message["deliveries"][0], message, "apartar") == 303
    (answer,) = await house["HIS"].has(1)
    assert (answer["MSA-1"], answer["MSA-2"], answer["ERR-3.1"]) == ("AE", "K1", "207")


async def test_what_was_refused_and_then_taken_is_answered_with_yes(engine, house):
    house["WARD"].script = ["AE"]
    await said(engine, order("K1", "AL|AL"))
    (message,) = await engine.reaches("refused", channel="lab")
    assert await engine.decide(message["deliveries"][0], message, "otra-vez") == 303
    (answer,) = await house["HIS"].has(1)
    assert answer["MSA-1"] == "AA"


async def test_the_later_answer_survives_the_senders_absence_and_a_restart(engine, house):
    await house["HIS"].down()
    await said(engine, order("K1", "AL|AL"))
    await engine.reaches("delivered", "pending", channel="lab")
    await engine.stop()
    await engine.start()
    await house["HIS"].up()
    (answer,) = await house["HIS"].has(1)
    assert (answer["MSA-1"], answer["MSA-2"]) == ("AA", "K1")


async def test_a_repeated_message_is_answered_later_once(engine, house):
    assert [await said(engine, order("K1", "AL|AL")) for _ in range(3)] == ["CA"] * 3
    await house["HIS"].has(1)


MALFORMED = b"MSH|^~\\&|HIS|POSTA|AYNI|RED|2026||OML^O21|K1|T|2.5.1|||AL|AL\rnothing like a segment\r"


@pytest.mark.parametrize(("engine", "code"), [("original", "AE"), ("enhanced", "CE")], indirect=["engine"])
async def test_what_cannot_be_read_is_answered_in_the_mode_of_the_source(engine, code):
    assert await said(engine, MALFORMED) == code


@pytest.mark.parametrize(("engine", "code"), [("original", "AE"), ("enhanced", "CE")], indirect=["engine"])
async def test_a_frame_that_is_too_long_is_answered_in_the_mode_of_the_source(engine, code):
    reader, writer = await asyncio.open_connection("127.0.0.1", engine.mllp_port)
    writer.write(START + order("K1", "AL|AL") + b" " * FRAME_BYTES_MAX)
    async with asyncio.timeout(5):
        assert parse((await reader.readuntil(b"\x1c\r"))[1:-2])["MSA-1"] == code
    writer.close()


@pytest.mark.parametrize("engine", ["original"], indirect=True)
async def test_in_original_mode_one_answer_says_all_whatever_is_asked_for(engine, house):
    assert await said(engine, order("K1", "AL|AL")) == "AA"
    assert await said(engine, order("K2", "AL|AL", patient="REFUSE")) == "AE"
    assert await said(engine, order("K3", "NE|NE", patient="FILTER")) == "AA"
    await house["HIS"].has(0)


def test_an_internal_error_after_the_commit_does_not_ask_for_the_message_again() -> None:
    error = Hl7Error("broken", code=207, text="x")
    answer = Hl7Format(is_enhanced=True).finished(order("K1", "NE|AL"), error, NOW)
    assert answer is not None
    assert parse(answer.content)["MSA-1"] == "AE"


def test_a_sample_is_of_what_the_receivers_get(tmp_path) -> None:
    """With one receiver its files need no partner in their names, and the first answer is enhanced mode's."""
    (tmp_path / "lab" / "samples").mkdir(parents=True)
    lines = [line for line in route("enhanced").splitlines() if 'partner="archive"' not in line]
    (tmp_path / "lab" / "channel.py").write_text("\n".join(lines), "utf-8")
    raw = order("K1", "AL|AL")
    for kind in ("in", "out"):
        (tmp_path / "lab" / "samples" / f"01-order.{kind}.hl7").write_bytes(raw)
    (sample,) = samples(tmp_path / "lab" / "samples")
    channel = load_channel(tmp_path / "lab")
    run_sample(channel, sample)
    assert [each.partner for each in channel.receivers] == ["ward"]
